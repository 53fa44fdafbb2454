"""How far each call of the demo has come: a fold over the events of the public topics."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from demo.plan import PlannedCall

TOPICS = (
    "call-registered",
    "recording-stored",
    "transcript-completed",
    "transcript-failed",
    "call-scored",
    "review-status-changed",
)


class Stage(enum.IntEnum):
    """Where a call is on its way; later is greater."""

    RECEIVED = 1
    RECORDED = 2
    TRANSCRIBED = 3
    DRAFTED = 4
    LISTENING = 5


@dataclass
class CallState:
    """What the topics have told about one call."""

    call_id: str
    provider_call_id: str = ""
    seller_id: str | None = None
    stage: Stage = Stage.RECEIVED
    seen: set[Stage] = field(default_factory=set)
    failure: str | None = None
    call_type: str | None = None
    cqr: Decimal | int | None = None
    red_flags: tuple[str, ...] = ()
    status: str | None = None
    drafts: set[str] = field(default_factory=set)
    transcripts: set[str] = field(default_factory=set)

    def reach(self, stage: Stage) -> None:
        """Goes forward, never back: topics are read in no order among each other."""
        self.seen.add(stage)
        self.stage = max(self.stage, stage)


class Progress:
    """The state of every call that was seen."""

    def __init__(self) -> None:
        self._calls: dict[str, CallState] = {}

    def see(self, topic: str, data: dict[str, Any]) -> None:
        """Takes one event in; seeing it again changes nothing."""
        call = self._calls.setdefault(data["call_id"], CallState(data["call_id"]))
        if topic == "call-registered":
            call.reach(Stage.RECEIVED)
            call.provider_call_id = data["provider_call_id"]
            call.seller_id = data["seller_id"]
        elif topic == "recording-stored":
            call.reach(Stage.RECORDED)
        elif topic == "transcript-completed":
            call.reach(Stage.TRANSCRIBED)
            call.transcripts.add(data["transcript_id"])
        elif topic == "transcript-failed":
            call.failure = data["reason"]
        elif topic == "call-scored":
            self._draft(call, data)
        elif topic == "review-status-changed":
            call.status = data["to"]
            if data["to"].startswith("listening_"):
                call.reach(Stage.LISTENING)

    def _draft(self, call: CallState, data: dict[str, Any]) -> None:
        call.reach(Stage.DRAFTED)
        call.drafts.add(data["draft_id"])
        call.call_type, call.cqr = data["call_type"], data["cqr"]
        call.red_flags = tuple(flag["kind"] for flag in data["red_flags"])

    def by_provider_id(self) -> dict[str, CallState]:
        """The calls by the PBX's own id."""
        return {call.provider_call_id: call for call in self._calls.values() if call.provider_call_id}

    def calls(self) -> tuple[CallState, ...]:
        """Every call that was seen."""
        return tuple(self._calls.values())


def counts(states: Iterable[CallState]) -> dict[Stage, int]:
    """How many calls have been at each stage."""
    found = dict.fromkeys(Stage, 0)
    for state in states:
        for stage in state.seen:
            found[stage] += 1
    return found


def goals(calls: Iterable[PlannedCall]) -> dict[Stage, int]:
    """How many calls should come to each stage (listening is up to the sample)."""
    found = dict.fromkeys(Stage, 0)
    for call in calls:
        found[Stage.RECEIVED] += 1
        found[Stage.RECORDED] += call.recording is not None or call.dialogue is not None
        found[Stage.TRANSCRIBED] += call.expected in ("transcribed", "drafted")
        found[Stage.DRAFTED] += call.expected == "drafted"
    return found


def has_arrived(call: PlannedCall, state: CallState | None) -> bool:
    """Whether the call is where the plan expects it."""
    if state is None:
        return False
    if call.expected == "registered":
        return True
    if call.expected == "ended":
        return state.failure is not None or state.stage >= Stage.DRAFTED
    if call.expected.startswith("failed:"):
        return state.failure == call.expected.removeprefix("failed:")
    needed = {"transcribed": Stage.TRANSCRIBED, "drafted": Stage.DRAFTED}[call.expected]
    return state.stage >= needed


def missing(calls: Iterable[tuple[str, PlannedCall]], progress: Progress) -> list[str]:
    """One line a call that has not arrived: its PBX id, where it was expected, where it is."""
    states = progress.by_provider_id()
    lines = []
    for name, call in calls:
        state = states.get(name)
        if not has_arrived(call, state):
            where = "not received" if state is None else state.failure or state.stage.name.lower()
            lines.append(f"{name}: expected {call.expected}, is {where}")
    return lines
