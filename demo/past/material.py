"""What was said in the past calls and what the machine drafts of it, made by the services that make it every day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from demo.past.weeks import PastCall
from services.runtime.storage import ObjectStorage
from services.score.adapters.drafter import RulesDrafter
from services.score.adapters.lexicon import load_morphology
from services.score.adapters.scorecard_files import READY_FOLDER, load_scorecard
from services.score.adapters.transcripts import dialogue_of_document
from services.score.domain.dialogue import DepartmentKind
from services.score.domain.scored_call import ScoredCall, asked_items, scored_call
from services.score.handlers.messages import call_scored
from services.transcribe.domain import provider
from services.transcribe.domain.document import as_document, storage_key, transcript_id
from services.transcribe.domain.transcript import Dialogue

RING = timedelta(seconds=8)
DRAFTED_AFTER = timedelta(minutes=3)


@dataclass(frozen=True)
class Heard:
    """One call's events' data, and the document that lies in storage."""

    registered: dict[str, Any]
    completed: dict[str, Any]
    scored: dict[str, Any]
    document: dict[str, Any]
    drafted_at: datetime


class Material:
    """Drafts each dialogue once a kind of department, by the lexicon alone: no model is loaded for the past."""

    def __init__(self, dialogues: Mapping[str, list[dict[str, Any]]], storage: ObjectStorage) -> None:
        self._dialogues, self._storage = dialogues, storage
        self._card = load_scorecard(READY_FOLDER / "default.yaml")
        self._drafter = RulesDrafter(load_morphology())
        self._said: dict[str, Dialogue] = {}
        self._scored: dict[tuple[str, str], ScoredCall] = {}

    def rates(self, kind: str) -> dict[str, Decimal]:
        """Drafted CQR of every dialogue that has one, in a kind of department."""
        scored = {name: self._draft(name, kind) for name in self._dialogues}
        return {name: each.cqr.percent for name, each in scored.items() if each.cqr.percent is not None}

    def of(self, call: PastCall) -> Heard:
        """What the services told of the call; its transcript is stored."""
        identity = transcript_id(call.call_id, call.dialogue, None)
        document = self._document(call.dialogue, identity, call.call_id)
        self._storage.put(storage_key(identity), json.dumps(document, ensure_ascii=False).encode())
        ended = call.started_at + RING + timedelta(milliseconds=document["duration_ms"])
        drafted_at = ended + DRAFTED_AFTER
        kind = DepartmentKind(call.kind)
        scored = call_scored(
            self._draft(call.dialogue, call.kind),
            self._card,
            call_id=call.call_id,
            transcript_id=identity,
            department=kind,
            now=drafted_at,
        )
        return Heard(
            registered=_registered(call, document["duration_ms"], ended),
            completed={
                "call_id": call.call_id,
                "audio_uri": None,
                "transcript_id": identity,
                "uri": storage_key(identity),
                "source": document["source"],
                "quality": document["quality"]["grade"],
            },
            scored={**scored, "draft_id": f"dr-{call.call_id}", "revision": 1},
            document=document,
            drafted_at=drafted_at,
        )

    def _document(self, name: str, identity: str, call_id: str) -> dict[str, Any]:
        if name not in self._said:
            said = provider.compose({"language": "ru", "utterances": self._dialogues[name]}, None, {})
            assert said is not None, name
            self._said[name] = said
        return as_document(self._said[name], identity=identity, call_id=call_id, recording_id=call_id, card=None)

    def _draft(self, name: str, kind: str) -> ScoredCall:
        if (name, kind) not in self._scored:
            document = self._document(name, name, name)
            dialogue = replace(dialogue_of_document(document), department_kind=DepartmentKind(kind))
            draft = self._drafter.draft(dialogue, asked_items(self._card))
            self._scored[name, kind] = scored_call(draft, self._card, dialogue, document["quality"]["grade"])
        return self._scored[name, kind]


def _registered(call: PastCall, talk_ms: int, ended: datetime) -> dict[str, Any]:
    return {
        "call_id": call.call_id,
        "revision": 1,
        "provider": "generic",
        "provider_call_id": f"past-{call.call_id[:12]}",
        "direction": call.direction,
        "outcome": "answered",
        "started_at": call.started_at.isoformat(),
        "answered_at": (call.started_at + RING).isoformat(),
        "ended_at": ended.isoformat(),
        "ring_ms": RING // timedelta(milliseconds=1),
        "talk_ms": talk_ms,
        "duration_ms": talk_ms + RING // timedelta(milliseconds=1),
        "seller_id": call.seller.id,
        "department_id": call.seller.department,
        "department_kind": call.kind,
        "client_key": f"past-client-{call.client}",
        "client_label": f"+7 ··· {20 + call.client % 70}-{10 + call.client * 7 % 90}",
        "recording_expected": False,
        "source": {"source": ("yandex", "2gis", "site")[call.client % 3], "medium": "organic"},
    }
