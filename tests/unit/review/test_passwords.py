"""Passwords that everybody tries first are refused; long sentences are welcome."""

import pytest

from services.review.domain.passwords import COMMON_BASES, PasswordFault, fault_of

OWN = ("marina.k", "Марина Ковалёва", "marina.kovaleva@example.com")


@pytest.mark.parametrize(
    "password",
    [
        "корова на крыше поёт",
        "tulip-anvil-73-moss",
        "8g58-xj2e-qsd8-r3t3",
        "Зелёный трамвай №5",
        "correct horse battery staple",
        "совсем другой ключ 5",
        "9384 1275 6620 1847 55",
    ],
)
def test_good_ones(password: str) -> None:
    assert fault_of(password, OWN) is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", PasswordFault.TOO_SHORT),
        ("короткий", PasswordFault.TOO_SHORT),
        ("трамвай-5", PasswordFault.TOO_SHORT),
        ("д" * 129, PasswordFault.TOO_LONG),
        ("password123", PasswordFault.COMMON),
        ("P@ssw0rd2026", PasswordFault.COMMON),
        ("!!qwerty!!99", PasswordFault.COMMON),
        ("qwertyuiop[]", PasswordFault.COMMON),
        ("1234567890", PasswordFault.COMMON),
        ("0987654321", PasswordFault.COMMON),
        ("1234512345", PasswordFault.COMMON),
        ("aaaaaaaaaaaa", PasswordFault.COMMON),
        ("abababababab", PasswordFault.COMMON),
        ("йцукенгшщз12", PasswordFault.COMMON),
        ("приветпривет1", PasswordFault.COMMON),
        ("ПАРОЛЬ-2026-!", PasswordFault.COMMON),
        ("abcdefghij", PasswordFault.COMMON),
        ("2026112420", PasswordFault.COMMON),
        ("administrator1", PasswordFault.COMMON),
        ("ｐａｓｓｗｏｒｄ１２３", PasswordFault.COMMON),
        ("marina.k2026", PasswordFault.OWN_NAME),
        ("Ковалёва-1990", PasswordFault.OWN_NAME),
        ("kovaleva!2026", PasswordFault.OWN_NAME),
    ],
)
def test_bad_ones(password: str, fault: PasswordFault) -> None:
    assert fault_of(password, OWN) is fault


@pytest.mark.parametrize("base", sorted(COMMON_BASES))
def test_no_ornament_makes_a_common_one_good(base: str) -> None:
    ornamented = [f"{base}{'1234567890'[: max(0, 10 - len(base))]}!", f"2026-{base.upper()}-2026"]
    assert [fault_of(password) for password in ornamented] == [PasswordFault.COMMON] * 2
