"""Reads the demo's working day: which calls there are, what was said, which leads they belong to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DAY_FOLDER = Path(__file__).with_name("day")
RECORDINGS_FOLDER = Path(__file__).with_name("recordings")


@dataclass(frozen=True)
class PlannedCall:
    """A call of the day. `at` is the local time of the seller's department, HH:MM:SS; `expected` where it must arrive.

    `expected` is `registered`, `transcribed`, `drafted`, `failed:<reason>`, or `ended` for drafted or failed.
    """

    id: str
    at: str
    seller: str
    direction: str
    client: str
    ring_s: int
    outcome: str
    talk_ms: int
    expected: str
    recording: str | None = None
    dialogue: str | None = None
    language: str = "ru"
    lead: str | None = None
    rating: int | None = None
    source: Mapping[str, str] | None = None
    unknown_seller: bool = False


@dataclass(frozen=True)
class StageMove:
    """A stage that a lead is moved to."""

    stage: str
    kind: str
    reason: str | None = None


@dataclass(frozen=True)
class PlannedLead:
    """A lead or deal with its history: how old it is and how often it was dialled in vain before the day."""

    id: str
    created_days_ago: int
    created_at: str
    responsible: str
    number: str
    stage: str
    attempts_before: int = 0
    kind: str = "lead"
    amount: str | None = None
    source: Mapping[str, str] | None = None
    target: bool | None = None
    non_target_reason: str | None = None
    after_call: StageMove | None = None
    after_day: StageMove | None = None


@dataclass(frozen=True)
class Recording:
    """A sound file of the demo."""

    id: str
    path: Path
    sha256: str
    seller_channel: int


@dataclass(frozen=True)
class Plan:
    """The day: calls in the order of their times, leads, what was said, what can be heard."""

    calls: tuple[PlannedCall, ...]
    leads: tuple[PlannedLead, ...]
    dialogues: Mapping[str, list[dict[str, Any]]] = field(repr=False)
    recordings: Mapping[str, Recording] = field(repr=False)

    def lead(self, lead_id: str) -> PlannedLead:
        """The lead with this id. Raises KeyError."""
        return {lead.id: lead for lead in self.leads}[lead_id]


def load_plan(day: Path = DAY_FOLDER, recordings: Path = RECORDINGS_FOLDER) -> Plan:
    """Reads the day and the index of recordings."""
    raw = yaml.safe_load((day / "plan.yaml").read_text(encoding="utf-8"))
    lines = (day / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    dialogues = {entry["id"]: entry["utterances"] for entry in map(json.loads, lines)}
    return Plan(
        calls=tuple(PlannedCall(**call) for call in raw["calls"]),
        leads=tuple(_lead(lead) for lead in raw["leads"]),
        dialogues=dialogues,
        recordings=load_recordings(recordings),
    )


def load_recordings(folder: Path) -> dict[str, Recording]:
    """Reads the index of recordings by id."""
    index = yaml.safe_load((folder / "index.yaml").read_text(encoding="utf-8"))
    return {
        entry["id"]: Recording(entry["id"], folder / entry["file"], entry["sha256"], entry["seller_channel"])
        for entry in index["recordings"]
    }


def _lead(raw: dict[str, Any]) -> PlannedLead:
    moves: dict[str, Any] = {name: StageMove(**raw[name]) for name in ("after_call", "after_day") if name in raw}
    return PlannedLead(**(raw | moves))
