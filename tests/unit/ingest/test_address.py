"""Which links and addresses may be asked for a recording."""

import pytest

from services.ingest.domain.address import Forbidden, Link, LinkRules, checked_link, reachable

RULES = LinkRules(hosts=("records.example", ".files.example"))
LOCAL = LinkRules(hosts=("127.0.0.1", "localhost"), http=True, loopback=True)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://records.example/a.wav", Link("https", "records.example", 443, "/a.wav")),
        ("https://RECORDS.example:443/a?b=c#d", Link("https", "records.example", 443, "/a?b=c")),
        ("https://eu.files.example", Link("https", "eu.files.example", 443, "/")),
    ],
)
def test_allowed_links(url: str, link: Link) -> None:
    assert checked_link(url, RULES) == link


def test_loopback_needs_its_own_setting() -> None:
    assert checked_link("http://127.0.0.1:8123/a.wav", LOCAL) == Link("http", "127.0.0.1", 8123, "/a.wav")
    assert Link("http", "127.0.0.1", 8123, "/").authority == "127.0.0.1:8123"
    with pytest.raises(Forbidden) as refused:
        checked_link("http://127.0.0.1:8123/a.wav", LinkRules(hosts=("127.0.0.1",), http=True))
    assert refused.value.code == "port_not_allowed"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://records.example/a", "link_scheme"),
        ("ftp://records.example/a", "link_scheme"),
        ("file:///etc/passwd", "link_scheme"),
        ("gopher://records.example/", "link_scheme"),
        ("data:audio/wav;base64,AAAA", "link_scheme"),
        ("javascript:alert(1)", "link_scheme"),
        ("//records.example/a", "link_scheme"),
        ("records.example/a", "link_scheme"),
        ("https://user:pw@records.example/a", "link_with_user"),
        ("https://records.example@evil.example/a", "link_with_user"),
        ("https://evil.example#@records.example/", "host_not_allowed"),
        ("https://evil.example\\@records.example/", "link_malformed"),
        ("https://evil.example/records.example", "host_not_allowed"),
        ("https://records.example.evil.example/", "host_not_allowed"),
        ("https://records.example./", "host_not_allowed"),
        ("https://.files.example/", "host_not_allowed"),
        ("https://filesXexample/", "host_not_allowed"),
        ("https://127.0.0.1/", "host_not_allowed"),
        ("https://2130706433/", "host_not_allowed"),
        ("https://0x7f.1/", "host_not_allowed"),
        ("https://0177.0.0.1/", "host_not_allowed"),
        ("https://1.files.example.0x7f/", "host_not_allowed"),
        ("https://[::1]/", "host_not_allowed"),
        ("https://[::ffff:7f00:1]/", "host_not_allowed"),
        ("https://[fe80::1%25eth0]/", "host_not_allowed"),
        ("https://rеcords.example/", "link_malformed"),
        ("https://records.example:22/", "port_not_allowed"),
        ("https://records.example:80/", "port_not_allowed"),
        ("https://records.example:0/", "port_not_allowed"),
        ("https://records.example:99999/", "link_malformed"),
        ("https://records.example:x/", "link_malformed"),
        ("https://records.example/a b", "link_malformed"),
        ("https://records.example/\r\nHost: evil", "link_malformed"),
        ("https://records.example/" + "a" * 65_000, "link_too_long"),
        ("https://", "host_not_allowed"),
        ("", "link_scheme"),
    ],
)
def test_refused_links(url: str, code: str) -> None:
    with pytest.raises(Forbidden) as refused:
        checked_link(url, RULES)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.0.192", "192.88.99.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:7f00:1", "::ffff:8.8.8.8",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "::7f00:1", "2001:db8::1", "0177.0.0.1",
        "x", "",
    ],
)  # fmt: skip
def test_addresses_that_are_never_asked(address: str) -> None:
    assert not reachable(address, RULES)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert reachable(address, RULES)


def test_loopback_and_private_networks_only_by_setting() -> None:
    house = LinkRules(hosts=(), networks=("10.1.0.0/16",))
    assert [reachable(address, LOCAL) for address in ("127.0.0.1", "::1", "127.0.0.2", "10.1.0.5")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [reachable(address, house) for address in ("10.1.0.5", "10.2.0.5", "127.0.0.1")] == [True, False, False]
