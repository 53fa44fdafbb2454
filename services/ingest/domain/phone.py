"""Phone numbers: one form for all spellings, a keyed hash in place of the number, a label with four digits."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

LONGEST = 40
SHORTEST_OUTSIDE = 7
_LETTERS = re.compile(r"[^\d+()\-.\s\u2010-\u2015/]")


@dataclass(frozen=True, slots=True)
class Client:
    """The other side of a call, without his number."""

    key: str
    label: str


@lru_cache(maxsize=4096)
def normalised(number: str | None, region: str) -> str | None:
    """E.164 (`+79000000001`) of a number in any usual spelling; None for hidden, internal, `sip:` and other texts.

    Numbers that are possible are taken, whether or not their range is in use: ranges change faster than tables.
    """
    if number is None or len(number) > LONGEST or _LETTERS.search(number.strip().removeprefix("tel:")):
        return None
    text = number.strip().removeprefix("tel:")
    if sum(character.isdigit() for character in text) < SHORTEST_OUTSIDE:
        return None
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def client_key(e164: str, secret: bytes) -> str:
    """The keyed hash that stands for a client everywhere outside (HMAC-SHA256, 32 hex digits)."""
    return hmac.new(secret, e164.encode(), hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=4096)
def client_label(e164: str) -> str:
    """For people's eyes: `+7 ··· 45-12`."""
    country = phonenumbers.parse(e164).country_code
    return f"+{country} ··· {e164[-4:-2]}-{e164[-2:]}"


def client_of(number: str | None, *, region: str, secret: bytes) -> Client | None:
    """Key and label of an outside number; None when it is hidden or no number."""
    e164 = normalised(number, region)
    return None if e164 is None else Client(client_key(e164, secret), client_label(e164))
