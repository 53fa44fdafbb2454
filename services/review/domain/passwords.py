"""Which passwords are good enough: long, not among those that everybody tries first, not the person's own name."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

MIN_LENGTH = 10
MAX_LENGTH = 128

# Bases that lead every list of leaked passwords, in Latin and on a Russian keyboard. What stands before and after a
# base (digits, signs) and the usual replacements of letters by digits do not make it better.
_BASES = """
password passw0rd passwd passphrase parol paroli parolparol qwerty qwertyuiop qwertyui qwertyqwerty
asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc qwerasdf iloveyou iloveu letmein
letmeinnow welcome welcomeback monkey dragon master superman batman football baseball basketball
hockey sunshine princess shadow michael jennifer jordan trustno trustnoone starwars pokemon computer
internet samsung google yandex mailru vkontakte administrator admin root user guest test testtest
testing default changeme changemenow secret topsecret access login loginlogin manager director
company sales callcenter otzvuk controller seller analyst summer winter spring autumn january moscow
moskva russia rossiya spartak zenit cska dinamo lokomotiv natasha marina svetlana tatiana tatyana
ekaterina aleksandr alexander alexandra andrey dmitriy dmitry sergey vladimir maksim nikita natalia
anastasia liubov lubov lyubov privet privetprivet zdravstvuy solnce solnyshko solnishko zaychik
kotenok kotik mamapapa mamamama papapapa krasotka krasavica klubnika vishnya shokolad marusya barsik
murzik abcdef abcdefg abcdefgh abcdefghij abcabc aaaaaa пароль паролпарол йцукен йцукенгшщз фывапр
фывапролдж ячсмить привет приветпривет любовь люблютебя солнце солнышко россия москва спартак зенит
наташа марина светлана александр сергей дмитрий админ администратор директор менеджер компания
продажи контролер отзвук здравствуйте мамапапа красотка котенок зайчик
"""
COMMON_BASES = frozenset(_BASES.split())

_LOOK_ALIKES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_ROWS = (
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "йцукенгшщзхъ",
    "фывапролджэ",
)


class PasswordFault(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "password_too_short"
    TOO_LONG = "password_too_long"
    COMMON = "password_common"
    OWN_NAME = "password_own_name"


def normalised(password: str) -> str:
    """The form that is hashed: NFKC, so that the same keys give the same password on every device."""
    return unicodedata.normalize("NFKC", password)


def fault_of(password: str, own_words: tuple[str, ...] = ()) -> PasswordFault | None:
    """Why the password is refused, or None. `own_words` are log-in, name and address of the person (ASVS 6.2)."""
    text = normalised(password)
    if len(text) < MIN_LENGTH:
        return PasswordFault.TOO_SHORT
    if len(text) > MAX_LENGTH:
        return PasswordFault.TOO_LONG
    if _is_common(text.casefold()):
        return PasswordFault.COMMON
    if _is_own(text.casefold(), own_words):
        return PasswordFault.OWN_NAME
    return None


def _is_common(text: str) -> bool:
    if len(set(text)) < 5 or _is_row(text):
        return True
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    letters = bare.translate(_LOOK_ALIKES)
    for core in (bare, letters, re.sub(r"[\W\d_]+", "", letters), re.sub(r"[\W\d_]+", "", text)):
        if core in COMMON_BASES or _is_row(core) or _is_repeated(core):
            return True
    return not re.search(r"[^\W\d_]", text) and len(text) < 16


def _is_row(text: str) -> bool:
    """Keys in their order on the keyboard or in the alphabet, once or again and again, forwards or backwards."""
    pieces = [*_ROWS, *(row[::-1] for row in _ROWS)]
    return len(text) >= 6 and any(text in row * 4 for row in pieces)


def _is_repeated(core: str) -> bool:
    """One common base written two or three times."""
    return any(
        len(core) % times == 0
        and core == core[: len(core) // times] * times
        and core[: len(core) // times] in COMMON_BASES
        for times in (2, 3)
    )


def _is_own(text: str, own_words: tuple[str, ...]) -> bool:
    rest = text
    for word in sorted((part for own in own_words for part in re.split(r"\W+", own.casefold())), key=len, reverse=True):
        if len(word) >= 4:
            rest = rest.replace(word, "")
    return len(rest) < len(text) and len(re.sub(r"[\W\d_]", "", rest)) < 5
