"""Mango Office's events in our own words: what its codes and fields mean (vendor's manual of the VPBX API)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingest.domain.facts import (
    CallFact,
    CallRef,
    Direction,
    Fact,
    LegFact,
    LegKind,
    Outcome,
    Rank,
    RatingFact,
    RecordingFact,
    Tracking,
)
from services.ingest.domain.fields import Fields, misread, required
from services.ingest.domain.instants import EPOCH, plausible

LATEST_UNIX = 4_102_444_800  # 2100
STORED_CODE = 1000

DIRECTIONS = {0: Direction.INTERNAL, 1: Direction.IN, 2: Direction.OUT}
LOCATIONS = {"ivr": LegKind.IVR, "queue": LegKind.QUEUE, "abonent": LegKind.PERSON}

# how a call without conversation ended, by the PBX's reason; a range where the manual gives a class
NO_TALK: tuple[tuple[range, Outcome], ...] = (
    (range(1110, 1111), Outcome.CANCELLED),
    (range(1111, 1120), Outcome.MISSED),
    (range(1120, 1121), Outcome.REJECTED),
    (range(1121, 1122), Outcome.BUSY),
    (range(1122, 1130), Outcome.REJECTED),
    (range(1130, 1140), Outcome.UNAVAILABLE),
    (range(1140, 1160), Outcome.FAILED),
    (range(1160, 1190), Outcome.MISSED),
    (range(1190, 1200), Outcome.UNAVAILABLE),
    (range(1000, 2000), Outcome.MISSED),
    (range(4200, 4300), Outcome.UNAVAILABLE),
)

# calls that the PBX or our own side began on an employee's behalf
CALLBACKS = {"CC", "API", "WEB", "ObDial", "CallbackWidget", "MissGroupCallCallback", "MissInIvrCallCallback"}


@dataclass(frozen=True, slots=True)
class MangoRules:
    """What differs between accounts: its clock, the IVR menus that ask for a rating, the seller's channel."""

    clock_offset: timedelta = timedelta(0)
    rating_menus: tuple[str, ...] = ()
    seller_channel: int | None = None


def outcome_of(talked: bool, reason: int | None) -> Outcome:
    """How a call ended. `talk_time` decides, not `entry_result`: the vendor's own example has success without talk."""
    if talked:
        return Outcome.ANSWERED
    if reason is None:
        return Outcome.MISSED
    return next((outcome for codes, outcome in NO_TALK if reason in codes), Outcome.FAILED)


def latin(text: str) -> str:
    """The manual prints some codes with a Cyrillic С in place of the Latin C."""
    return text.replace("\u0421", "C").replace("\u0441", "c")


def moment(fields: Fields, name: str, rules: MangoRules) -> datetime | None:
    """A Unix time (a number, or digits in a text), shifted by the account's offset; 0 and nothing are None."""
    seconds = fields.integer(name, 0, LATEST_UNIX)
    if not seconds:
        return None
    instant = EPOCH + timedelta(seconds=seconds) + rules.clock_offset
    if not plausible(instant, fields.received_at):
        raise misread("implausible_time", fields.place(name), f"`{name}` lies before 2000 or in the future.")
    return instant


def _ref(fields: Fields, source: str) -> CallRef:
    return CallRef(source, fields.text("entry_id", 128))


def _side(fields: Fields, name: str) -> Fields:
    return fields.inside(name) or Fields({}, name, fields.received_at)


def summary(fields: Fields, source: str, rules: MangoRules) -> tuple[Fact, ...]:
    """`events/summary`: one at the end of every call."""
    code = required(fields.integer("call_direction", 0, 2), fields, "call_direction")
    direction = DIRECTIONS[code]
    began = required(moment(fields, "create_time", rules), fields, "create_time")
    ended = required(moment(fields, "end_time", rules), fields, "end_time")
    talked = moment(fields, "talk_time", rules)
    caller, called = _side(fields, "from"), _side(fields, "to")
    client, seller = (caller, called) if direction is Direction.IN else (called, caller)
    return (
        CallFact(
            ref=_ref(fields, source),
            rank=Rank.SUMMARY,
            at=ended,
            direction=direction,
            outcome=outcome_of(talked is not None, fields.integer("disconnect_reason", 0, 99_999)),
            started_at=began,
            answered_at=talked,
            ended_at=max(ended, began),
            number=None if direction is Direction.INTERNAL else client.optional_text("number", 128),
            extension=seller.optional_text("extension", 64),
            line=fields.optional_text("line_number", 64),
        ),
    )


def call(fields: Fields, source: str, rules: MangoRules) -> tuple[Fact, ...]:
    """`events/call`: one leg changed. Direction is not told; which side has an extension tells it."""
    ref = _ref(fields, source)
    at = required(moment(fields, "timestamp", rules), fields, "timestamp")
    state = fields.text("call_state", 32)
    caller, called = _side(fields, "from"), _side(fields, "to")
    direction = _direction(fields, caller, called)
    client, seller = (caller, called) if direction is Direction.IN else (called, caller)
    leg = LegFact(
        ref=ref,
        leg_id=fields.text("call_id", 128),
        seq=fields.integer("seq", 0, 2**31) or 0,
        at=at,
        kind=LOCATIONS.get(fields.optional_text("location", 32) or ""),
        extension=seller.optional_text("extension", 64),
        started_at=at if state == "Appeared" else None,
        answered_at=at if state == "Connected" else None,
        ended_at=at if state == "Disconnected" else None,
    )
    whole = CallFact(
        ref=ref,
        rank=Rank.LEG,
        at=at,
        direction=direction,
        started_at=at,
        number=None if direction is Direction.INTERNAL else client.optional_text("number", 128),
        line=called.optional_text("line_number", 64),
        tracking=_tracking(fields),
    )
    return (leg, whole)


def _direction(fields: Fields, caller: Fields, called: Fields) -> Direction:
    if latin(fields.optional_text("callback_initiator", 64) or "") in CALLBACKS:
        return Direction.OUT
    from_us = caller.optional_text("extension", 64) is not None
    to_us = called.optional_text("extension", 64) is not None
    if from_us:
        return Direction.INTERNAL if to_us else Direction.OUT
    return Direction.IN


def _tracking(fields: Fields) -> Tracking | None:
    """Call tracking lends a number to a visitor (1) or to a campaign (2); the number is all that Mango tells."""
    lent = _side(fields, "dct")
    kind, number = lent.integer("type", 0, 9), lent.optional_text("number", 64)
    if number is None or kind not in (1, 2):
        return None
    return Tracking(medium="dynamic_number" if kind == 1 else "static_number", campaign=number)


def recording(fields: Fields, source: str, rules: MangoRules) -> tuple[Fact, ...]:
    """`events/recording`: one that will be stored makes us expect it; the others were too short or not allowed."""
    at = required(moment(fields, "timestamp", rules), fields, "timestamp")
    ref = _ref(fields, source)
    code = fields.integer("completion_code", 0, 99_999)
    if fields.text("recording_state", 32) != "Completed" or code not in (None, STORED_CODE):
        return ()
    if fields.optional_text("recipient", 32) == "Mail":
        return ()
    return (CallFact(ref=ref, rank=Rank.LEG, at=at, recording_expected=True),)


def record_added(fields: Fields, source: str, rules: MangoRules) -> tuple[Fact, ...]:
    """`events/record/added`: it lies in the cloud now."""
    at = required(moment(fields, "timestamp", rules), fields, "timestamp")
    ref = _ref(fields, source)
    return (
        CallFact(ref=ref, rank=Rank.LEG, at=at, recording_expected=True),
        RecordingFact(ref, fields.text("recording_id", 200), seller_channel=rules.seller_channel),
    )


def dtmf(fields: Fields, source: str, rules: MangoRules) -> tuple[Fact, ...]:
    """`events/dtmf`: keys 1–5 in a menu that asks for a rating."""
    keys = fields.optional_text("dtmf", 64)
    if fields.optional_text("location", 64) not in rules.rating_menus or keys not in ("1", "2", "3", "4", "5"):
        return ()
    at = required(moment(fields, "timestamp", rules), fields, "timestamp")
    return (RatingFact(_ref(fields, source), int(keys), "ivr", at),)


READERS: dict[str, Callable[[Fields, str, MangoRules], tuple[Fact, ...]]] = {
    "events/summary": summary,
    "events/call": call,
    "events/recording": recording,
    "events/record/added": record_added,
    "events/dtmf": dtmf,
}

# the fields that name an event of each kind; the signature never does
KEYS: dict[str, tuple[str, ...]] = {
    "events/summary": ("entry_id",),
    "events/call": ("entry_id", "call_id", "seq", "call_state"),
    "events/recording": ("entry_id", "recording_id", "recording_state", "seq"),
    "events/record/added": ("entry_id", "recording_id"),
    "events/dtmf": ("entry_id", "call_id", "seq"),
}
