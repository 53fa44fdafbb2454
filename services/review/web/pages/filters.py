"""The conditions of the list of calls as the address bar holds them: read, said in words, removed one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from services.review.domain.calls import CallType
from services.review.domain.drafting import RISKS
from services.review.domain.statuses import Status
from services.review.domain.views import NEWEST, CallFilters, CallOrder, CallSort
from services.review.web.pages.words import Words

Pairs = list[tuple[str, str]]
MINUTE_MS = 60_000
MAX_CONDITIONS = 40
OUTCOMES = ("answered", "missed", "busy", "rejected", "cancelled", "unavailable", "voicemail", "failed", "in_progress")
# Columns of words and deadlines are read from the top down first; amounts and moments from the greatest.
RISING = frozenset(
    {CallOrder.SELLER, CallOrder.CLIENT, CallOrder.TYPE, CallOrder.STATUS, CallOrder.DUE, CallOrder.CONTROLLER}
)


@dataclass(frozen=True)
class Condition:
    """One condition said in words, and the address of the list without it."""

    text: str
    without: str


@dataclass(frozen=True)
class Asked:
    """What somebody asked of the list: filters, words to find, order, conditions in words, what was not understood."""

    filters: CallFilters
    text: str
    conditions: tuple[Condition, ...]
    query: str
    misread: tuple[str, ...]
    values: Mapping[str, str]
    sort: CallSort = NEWEST

    @property
    def pairs(self) -> Pairs:
        """What the address holds, in its order."""
        return parse_qsl(self.query)

    def sorted_by(self, column: str) -> str:
        """The address of the list by this column: its usual way first, turned round when it is so already."""
        order = CallOrder(column)
        usual = order not in RISING
        descending = not self.sort.descending if order is self.sort.order else usual
        pairs = [pair for pair in self.pairs if pair[0] != "sort"]
        if CallSort(order, descending) == NEWEST:
            return _address(pairs)
        return _address([*pairs, ("sort", f"-{order}" if descending else order.value)])


@dataclass(frozen=True)
class Names:
    """Names of people and departments by id, so that conditions are said in names."""

    people: Mapping[str, str]
    departments: Mapping[str, str]


Reader = Callable[[CallFilters, str, ZoneInfo], CallFilters]


def _day(text: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC)


def _minutes(text: str) -> int:
    return int(Decimal(text) * MINUTE_MS)


# How each parameter narrows the list. ValueError and InvalidOperation mean that it was not understood.
READERS: Mapping[str, Reader] = {
    "status": lambda f, v, _: replace(f, statuses=(*f.statuses, Status(v))),
    "seller": lambda f, v, _: replace(f, seller_id=v),
    "department": lambda f, v, _: replace(f, department_id=v),
    "controller": lambda f, v, _: replace(f, controller_id=v),
    "type": lambda f, v, _: replace(f, call_type=CallType(v)),
    "direction": lambda f, v, _: replace(f, direction=_one_of(v, ("in", "out", "internal"))),
    "outcome": lambda f, v, _: replace(f, outcome=_one_of(v, OUTCOMES)),
    "from": lambda f, v, z: replace(f, started_from=_day(v, z)),
    "to": lambda f, v, z: replace(f, started_to=_day(v, z) + timedelta(days=1)),
    "cqr_from": lambda f, v, _: replace(f, cqr_from=Decimal(v)),
    "cqr_to": lambda f, v, _: replace(f, cqr_to=Decimal(v)),
    "longer": lambda f, v, _: replace(f, talk_from_ms=_minutes(v)),
    "shorter": lambda f, v, _: replace(f, talk_to_ms=_minutes(v)),
    "rating": lambda f, v, _: replace(f, rating=int(v)),
    "remarkable": lambda f, v, _: replace(f, remarkable=_one_of(v, ("any", *RISKS))),
    "flag": lambda f, v, _: replace(f, red_flag=_yes(v)),
    "appealed": lambda f, v, _: replace(f, appealed=_yes(v)),
    "overdue": lambda f, v, _: replace(f, overdue=_yes(v)),
    "audio": lambda f, v, _: replace(f, has_recording=_yes(v)),
    "lead": lambda f, v, _: replace(f, lead_id=v),
    "client": lambda f, v, _: replace(f, client_key=v),
    "source": lambda f, v, _: replace(f, source=v),
    "campaign": lambda f, v, _: replace(f, campaign=v),
    "scorecard": lambda f, v, _: replace(f, scorecard_version=v),
    "number": lambda f, v, _: replace(f, number=int(v.lstrip("№#"))),
}


def _yes(text: str) -> bool:
    return _one_of(text, ("1", "0")) == "1"


def _one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise ValueError(text)
    return text


def read(pairs: Pairs, words: Words, zone: str, names: Names) -> Asked:
    """The list that an address asks for. `pairs` are its parameters in order; unknown ones are left alone."""
    kept = [(name, value.strip()) for name, value in pairs if value.strip()][:MAX_CONDITIONS]
    filters, text, sort, misread = CallFilters(), "", NEWEST, []
    good: Pairs = []
    for name, value in kept:
        try:
            if name == "q":
                text = value
            elif name == "sort":
                sort = CallSort(CallOrder(value.removeprefix("-")), value.startswith("-"))
            elif name in READERS:
                filters = READERS[name](filters, value, ZoneInfo(zone))
            else:
                continue
            good.append((name, value))
        except (ValueError, InvalidOperation):
            misread.append(name)
    conditions = tuple(
        Condition(_said(name, value, words, names), _address(good[:at] + good[at + 1 :]))
        for at, (name, value) in enumerate(good)
        if name != "sort"
    )
    return Asked(filters, text, conditions, urlencode(good), tuple(misread), dict(good), sort)


def _address(pairs: Pairs) -> str:
    return "/calls?" + urlencode(pairs) if pairs else "/calls"


def _said(name: str, value: str, words: Words, names: Names) -> str:
    match name:
        case "status" | "type" | "direction" | "outcome":
            return words.named(name, value)
        case "seller" | "controller":
            return names.people.get(value, value)
        case "department":
            return names.departments.get(value, value)
        case "remarkable":
            reason = words("calls.any_reason") if value == "any" else words.named("remarkable", value)
            return words("calls.remarkable", reason=reason)
        case "flag" | "appealed" | "overdue" | "audio" if value == "0":
            return words(f"calls.not_{name}")
    value = value.lstrip("№#") if name == "number" else value
    key, fields = SAID[name]
    return words(key, **dict.fromkeys(fields, value))


SAID: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "q": ("calls.with_text", ("text",)),
    "from": ("calls.since", ("day",)),
    "to": ("calls.until", ("day",)),
    "cqr_from": ("calls.cqr_from", ("value",)),
    "cqr_to": ("calls.cqr_to", ("value",)),
    "longer": ("calls.longer", ("value",)),
    "shorter": ("calls.shorter", ("value",)),
    "rating": ("calls.rating", ("n",)),
    "flag": ("calls.with_flags", ()),
    "appealed": ("calls.appealed", ()),
    "overdue": ("calls.overdue", ()),
    "audio": ("calls.with_audio", ()),
    "lead": ("calls.lead", ("text",)),
    "client": ("calls.this_client", ()),
    "source": ("calls.advert", ("text",)),
    "campaign": ("calls.campaign", ("text",)),
    "scorecard": ("calls.scorecard", ("text",)),
    "number": ("calls.number_is", ("text",)),
}
