"""A call, put together from facts in any order: the same facts give the same call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.ingest.domain.claims import Claim, Claims, from_json, merged, to_json, value_of
from services.ingest.domain.facts import CallFact, CallRef, Direction, LegFact, LegKind, Outcome, Rank
from services.ingest.domain.instants import from_micros, milliseconds, text_of, to_micros
from services.ingest.domain.people import Seat
from services.ingest.domain.phone import Client

EARLIEST_WINS = ("started_at", "answered_at")


@dataclass(frozen=True, slots=True)
class Call:
    """What was said about a call so far: claims about the whole, and by leg."""

    ref: CallRef
    claims: Claims = field(default_factory=dict)
    legs: Mapping[str, Claims] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Talk:
    """One employee's part in the conversation."""

    talk_ms: int
    answered_at: datetime
    leg_id: str
    extension: str


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as it can be told now, before people and leads are looked up."""

    direction: Direction
    outcome: Outcome
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    extension: str | None
    desk: str | None
    responsible: str | None
    client: Client | None
    line: str | None
    lead_id: str | None
    recording_expected: bool
    legs: int
    tracking: Mapping[str, str | None] | None


def with_fact(call: Call, fact: CallFact, client: Client | None) -> Call:
    """The call with a statement about the whole. `client` is the fact's number, already hashed."""
    at = to_micros(fact.at)
    more: dict[str, Claim] = {}
    for name, value in _said(fact, client).items():
        if value is None:
            continue
        more[name] = Claim(fact.rank, -int(value) if name in EARLIEST_WINS else at, value)
    return Call(call.ref, merged(call.claims, more), call.legs)


def _said(fact: CallFact, client: Client | None) -> dict[str, Any]:
    tracking = fact.tracking
    return {
        "direction": fact.direction.value if fact.direction else None,
        "outcome": fact.outcome.value if fact.outcome else None,
        "started_at": to_micros(fact.started_at) if fact.started_at else None,
        "answered_at": to_micros(fact.answered_at) if fact.answered_at else None,
        "ended_at": to_micros(fact.ended_at) if fact.ended_at else None,
        "client": [client.key, client.label] if client else None,
        "extension": fact.extension,
        "responsible": fact.responsible,
        "line": fact.line,
        "lead_id": fact.lead_id,
        "recording_expected": fact.recording_expected,
        "tracking": {name: getattr(tracking, name) for name in ("source", "medium", "campaign", "session")}
        if tracking
        else None,
    }


def with_leg(call: Call, fact: LegFact) -> Call:
    """The call with a statement about one leg: the higher `seq` counts, of beginnings the earliest."""
    at = to_micros(fact.at)
    more: dict[str, Claim] = {}
    if fact.kind:
        more["kind"] = Claim(fact.seq, at, fact.kind.value)
    if fact.extension:
        more["extension"] = Claim(fact.seq, at, fact.extension)
    if fact.ended_at:
        more["ended_at"] = Claim(fact.seq, at, to_micros(fact.ended_at))
    for name in EARLIEST_WINS:
        instant = getattr(fact, name)
        if instant is not None:
            more[name] = Claim(0, -to_micros(instant), to_micros(instant))
    legs = {**call.legs, fact.leg_id: merged(call.legs.get(fact.leg_id, {}), more)}
    return Call(call.ref, call.claims, legs)


def view_of(call: Call) -> CallView | None:
    """What can be told of the call; None while its direction or beginning is not known."""
    direction = value_of(call.claims, "direction")
    started_at = _instant(call.claims, "started_at") or _first_leg(call)
    if direction is None or started_at is None:
        return None
    outcome = _outcome(call)
    ended_at = _instant(call.claims, "ended_at")
    answered_at = _answered_at(call, outcome, started_at)
    talks = _talks(call, ended_at)
    told = value_of(call.claims, "extension")
    spoke = max(talks, key=lambda talk: (talk.talk_ms, talk.answered_at, talk.leg_id)).extension if talks else None
    dialled = told if answered_at is not None or direction != Direction.IN.value else None
    client = value_of(call.claims, "client")
    return CallView(
        direction=Direction(direction),
        outcome=outcome,
        started_at=started_at,
        answered_at=answered_at,
        ended_at=max(ended_at, answered_at or started_at) if ended_at else None,
        extension=spoke or dialled,
        desk=spoke or told,
        responsible=value_of(call.claims, "responsible"),
        client=Client(*client) if client else None,
        line=value_of(call.claims, "line"),
        lead_id=value_of(call.claims, "lead_id"),
        recording_expected=bool(value_of(call.claims, "recording_expected")),
        legs=max(1, len(call.legs)),
        tracking=value_of(call.claims, "tracking"),
    )


def _instant(claims: Claims, name: str) -> datetime | None:
    value = value_of(claims, name)
    return None if value is None else from_micros(value)


def _first_leg(call: Call) -> datetime | None:
    starts = [instant for leg in call.legs.values() if (instant := _instant(leg, "started_at"))]
    return min(starts, default=None)


def _outcome(call: Call) -> Outcome:
    """As the summary says; until it comes the call is in progress."""
    claim = call.claims.get("outcome")
    return Outcome.IN_PROGRESS if claim is None or claim.rank < Rank.SUMMARY else Outcome(str(claim.value))


def _answered_at(call: Call, outcome: Outcome, started_at: datetime) -> datetime | None:
    """When the conversation began. A summary's "not answered" is believed, whatever a leg did before (IVR, queue)."""
    if outcome not in (Outcome.ANSWERED, Outcome.VOICEMAIL, Outcome.IN_PROGRESS):
        return None
    told = _instant(call.claims, "answered_at")
    if told is not None:
        return max(told, started_at)
    people = [leg for leg in call.legs.values() if _is_person(leg)]
    answers = [instant for leg in people if (instant := _instant(leg, "answered_at"))]
    if answers:
        return max(min(answers), started_at)
    return None if outcome is Outcome.IN_PROGRESS else started_at


def _is_person(leg: Claims) -> bool:
    return (value_of(leg, "kind") or LegKind.PERSON.value) == LegKind.PERSON.value


def _talks(call: Call, call_ended_at: datetime | None) -> list[Talk]:
    """The legs on which an employee spoke. A leg whose end was not told lasted to the call's end."""
    found = []
    for leg_id, leg in call.legs.items():
        answered_at, extension = _instant(leg, "answered_at"), value_of(leg, "extension")
        if answered_at is None or not extension or not _is_person(leg):
            continue
        ended_at = _instant(leg, "ended_at") or call_ended_at
        found.append(Talk(milliseconds(answered_at, ended_at), answered_at, leg_id, extension))
    return found


def extensions_of(view: CallView) -> tuple[str, ...]:
    """Extensions whose owner matters for this call."""
    return tuple(sorted({extension for extension in (view.extension, view.desk) if extension}))


def registered(
    call: Call,
    view: CallView,
    *,
    seller: Seat | None,
    desk: Seat | None,
    lead_id: str | None,
    client_known: bool,
    recording_lost: str | None,
) -> dict[str, Any]:
    """The data of `call-registered`, without its revision."""
    talked = view.outcome in (Outcome.ANSWERED, Outcome.VOICEMAIL)
    seat = seller or desk
    return {
        "call_id": call.ref.call_id,
        "provider": call.ref.source,
        "provider_call_id": call.ref.provider_call_id,
        "direction": view.direction.value,
        "outcome": view.outcome.value,
        "started_at": text_of(view.started_at),
        "answered_at": text_of(view.answered_at) if view.answered_at else None,
        "ended_at": text_of(view.ended_at) if view.ended_at else None,
        "ring_ms": milliseconds(view.started_at, view.answered_at or view.ended_at),
        "talk_ms": milliseconds(view.answered_at, view.ended_at) if talked else 0,
        "duration_ms": milliseconds(view.started_at, view.ended_at),
        "seller_id": seller.person_id if seller else None,
        "department_id": seat.department_id if seat else None,
        "department_kind": seat.department_kind if seat else None,
        "client_key": view.client.key if view.client else None,
        "client_label": view.client.label if view.client else None,
        "line": view.line,
        "lead_id": lead_id,
        "client_known": client_known,
        "recording_expected": view.recording_expected,
        "recording_lost": recording_lost,
        "legs": view.legs,
        "source": dict(view.tracking) if view.tracking else None,
    }


def state_of(call: Call) -> dict[str, Any]:
    """For storage."""
    return {"claims": to_json(call.claims), "legs": {leg: to_json(claims) for leg, claims in sorted(call.legs.items())}}


def call_from(ref: CallRef, state: Mapping[str, Any]) -> Call:
    """From storage."""
    return Call(ref, from_json(state["claims"]), {leg: from_json(claims) for leg, claims in state["legs"].items()})
