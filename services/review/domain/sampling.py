"""The counted sample: which calls of a day are listened to, evenly across sellers, by a seed (domain.md §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.review.domain.lots import Lots


class Why(StrEnum):
    """Why a call was chosen or not."""

    CHOSEN = "chosen"
    NOT_DRAWN = "not_drawn"
    SPAM = "spam"
    NO_SPEECH = "no_speech"
    NO_CONVERSATION = "no_conversation"
    NO_RECORDING = "no_recording"
    NO_SELLER = "no_seller"
    ALREADY_SENT = "already_sent"
    WAITING = "waiting"  # its draft is on the way: the next sample looks at it again


# How long a sample waits for a call's draft before it takes the call without one.
PATIENCE = timedelta(hours=24)


@dataclass(frozen=True)
class Candidate:
    """A call as the sample sees it; nothing about its quality is in here, so nothing about it can steer the choice."""

    call_id: str
    number: int
    seller_id: str | None
    started_at: datetime
    preliminary: bool
    conversation: bool
    recording: bool  # there is a sound or a transcript, or one is expected
    drafted: bool
    spam: bool
    no_speech: bool


@dataclass(frozen=True)
class SampleRules:
    """What a department samples by. `share_percent` of each seller's calls; `capacity` calls a day in all."""

    share_percent: Decimal = Decimal(30)
    capacity: int = 40
    blind_percent: Decimal = Decimal(10)
    double_percent: Decimal = Decimal(5)


@dataclass(frozen=True)
class Line:
    """What became of one candidate."""

    call_id: str
    number: int
    seller_id: str | None
    why: Why
    blind: bool = False
    double: bool = False


@dataclass(frozen=True)
class Drawn:
    """A day's sample as it is recorded: enough to draw it again."""

    department_id: str
    local_date: date
    cutoff_at: datetime
    seed: str
    rules: SampleRules
    lines: tuple[Line, ...]

    @property
    def chosen(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.why is Why.CHOSEN)


def left_out(candidate: Candidate, cutoff_at: datetime) -> Why | None:
    """Why a call does not take part; None when it does."""
    if not candidate.preliminary:
        return Why.ALREADY_SENT
    if not candidate.conversation:
        return Why.NO_CONVERSATION
    if candidate.seller_id is None:
        return Why.NO_SELLER
    if candidate.no_speech:
        return Why.NO_SPEECH
    if candidate.spam:
        return Why.SPAM
    if not candidate.recording:
        return Why.NO_RECORDING
    if not candidate.drafted and cutoff_at - candidate.started_at < PATIENCE:
        return Why.WAITING
    return None


def due_share(calls: int, share_percent: Decimal) -> int:
    """How many of a seller's calls are due: the share rounded up, never fewer than 1 if he had any."""
    if calls == 0:
        return 0
    due = -(-Fraction(share_percent) * calls // 100)
    return min(calls, max(1, int(due)))


def quotas(calls: Mapping[str, int], rules: SampleRules, lots: Lots) -> dict[str, int]:
    """How many calls of each seller are chosen. When capacity is short every seller loses the same share.

    What does not divide goes to the largest remainders, and between equal ones the draw decides. Everybody keeps one
    call as long as there is capacity for one each; below that the draw decides who has one.
    """
    due = {seller: due_share(number, rules.share_percent) for seller, number in sorted(calls.items()) if number > 0}
    total, capacity = sum(due.values()), max(0, rules.capacity)
    if total <= capacity:
        return due
    least = 1 if capacity >= len(due) else 0
    free, rest = capacity - least * len(due), total - least * len(due)
    exact = {seller: Fraction((number - least) * free, rest) if rest else Fraction(0) for seller, number in due.items()}
    given = {seller: least + int(share) for seller, share in exact.items()}
    ties = {seller: place for place, seller in enumerate(lots.sample(sorted(exact), len(exact)))}
    order = sorted(exact, key=lambda seller: (-(exact[seller] % 1), ties[seller]))
    for seller in order[: capacity - sum(given.values())]:
        given[seller] += 1
    return given


def draw(
    department_id: str,
    local_date: date,
    cutoff_at: datetime,
    candidates: Iterable[Candidate],
    rules: SampleRules,
    seed: str,
) -> Drawn:
    """Draws a day's sample. The same candidates, rules and seed give the same sample, on any machine."""
    everybody = sorted(candidates, key=lambda candidate: candidate.call_id)
    return redraw(department_id, local_date, cutoff_at, _prepared(everybody, cutoff_at), rules, seed)


def _prepared(candidates: Sequence[Candidate], cutoff_at: datetime) -> list[Line]:
    return [
        Line(
            candidate.call_id,
            candidate.number,
            candidate.seller_id,
            left_out(candidate, cutoff_at) or Why.NOT_DRAWN,
        )
        for candidate in candidates
    ]


def redraw(
    department_id: str,
    local_date: date,
    cutoff_at: datetime,
    lines: Iterable[Line],
    rules: SampleRules,
    seed: str,
) -> Drawn:
    """Draws again from what was recorded: the lines tell who took part, not who was chosen."""
    lots = Lots(seed)
    ordered = sorted(lines, key=lambda line: line.call_id)
    pools: dict[str, list[str]] = defaultdict(list)
    for line in ordered:
        if line.why in (Why.CHOSEN, Why.NOT_DRAWN) and line.seller_id is not None:
            pools[line.seller_id].append(line.call_id)
    given = quotas({seller: len(pool) for seller, pool in pools.items()}, rules, lots)
    chosen = [call for seller in sorted(pools) for call in sorted(lots.sample(pools[seller], given[seller]))]
    blind = {call for call in chosen if lots.percent() < rules.blind_percent}
    double = {call for call in chosen if lots.percent() < rules.double_percent}
    drawn = [_outcome(line, frozenset(chosen), blind, double) for line in ordered]
    return Drawn(department_id, local_date, cutoff_at, seed, rules, tuple(drawn))


def _outcome(line: Line, chosen: frozenset[str], blind: set[str], double: set[str]) -> Line:
    if line.why not in (Why.CHOSEN, Why.NOT_DRAWN):
        return line
    if line.call_id not in chosen:
        return Line(line.call_id, line.number, line.seller_id, Why.NOT_DRAWN)
    return Line(line.call_id, line.number, line.seller_id, Why.CHOSEN, line.call_id in blind, line.call_id in double)
