"""Numbers in every usual spelling are one client; what is no outside number is none."""

import pytest

from services.ingest.domain.phone import Client, client_key, client_label, client_of, normalised

SECRET = b"a-secret-for-tests"


@pytest.mark.parametrize(
    "written",
    [
        "+79000000001",
        "79000000001",
        "89000000001",
        "9000000001",
        "8 (900) 000-00-01",
        "+7 900 000\u201100\u201101",
        " tel:+7-900-000-00-01 ",
        "8.900.000.00.01",
    ],
)
def test_one_number_in_many_spellings(written: str) -> None:
    assert normalised(written, "RU") == "+79000000001"


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "101",
        "anonymous",
        "sip:user@demo.example",
        "client:name",
        "Unknown",
        "0" * 40,
        "+" + "1" * 60,
        "+7900",
        "79000000001;drop",
        "+7 900 000 00 01 доб. 5",
    ],
)
def test_what_is_no_outside_number(written: str | None) -> None:
    assert normalised(written, "RU") is None
    assert client_of(written, region="RU", secret=SECRET) is None


def test_the_country_of_numbers_without_one_is_a_setting() -> None:
    assert normalised("8 (727) 000-00-01", "KZ") == "+77270000001"
    assert normalised("020 7946 0958", "GB") == "+442079460958"


def test_a_client_is_a_keyed_hash_and_four_digits() -> None:
    client = client_of("8 (900) 123-45-12", region="RU", secret=SECRET)
    assert client == Client("d9840d2ea607c81c17a0b777bb33bc38", "+7 ··· 45-12")
    assert client == client_of("+79001234512", region="RU", secret=SECRET)
    assert client != client_of("+79001234513", region="RU", secret=SECRET)
    assert client != client_of("+79001234512", region="RU", secret=b"another-secret-of-it")
    assert "9001234" not in client.key + client.label


def test_key_and_label() -> None:
    assert len(client_key("+79001234512", SECRET)) == 32
    assert client_label("+442079460958") == "+44 ··· 09-58"
