"""Confirmed evaluations as labelled dialogues, in the form that training and measuring read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.runtime.errors import PermanentError
from services.score.domain.contact_rule import LeadChange
from services.score.domain.dialogue import Dialogue
from services.score.domain.learning import Lesson
from services.score.handlers.drafts import circumstances
from services.score.ports import Store, StoredDraft, Transcripts

ONE = Decimal(1)
SPEAKERS = {"seller": "agent", "client": "client", "unknown": "client"}


def labelled(store: Store, transcripts: Transcripts) -> Iterator[dict[str, Any]]:
    """One line a confirmed evaluation, oldest first; a call whose transcript was removed is passed over.

    Scores are the people's, and `author` is the seller: wording is shared within one. Evidence, objections and red
    flags are the draft's, and evidence only where the people left the score as it was: nobody said what shows the
    other one. `decided` says when, whether blind, whether an appeal overturned it (such a line is a test for ever), and
    by which card.
    """
    for lesson in store.lessons():
        draft = store.draft(lesson.call_id)
        if draft is None or lesson.transcript_uri is None:
            continue
        try:
            dialogue = transcripts.load(lesson.transcript_uri).dialogue
        except PermanentError:
            continue
        yield _line(lesson, draft, dialogue, store)


def _line(lesson: Lesson, draft: StoredDraft, dialogue: Dialogue, store: Store) -> dict[str, Any]:
    known = circumstances(lesson.call_id, store)
    rules = store.rules_of(lesson.scorecard_id, lesson.scorecard_version)
    return {
        "id": lesson.call_id,
        "author": f"seller {known.call.seller_id or 'unknown'}",
        "lang": dialogue.language,
        "vertical": "own",
        "department": known.call.department_kind.value if known.call.department_kind else None,
        "direction": known.call.direction,
        "crm": _card(known.card),
        "turns": [
            {
                "speaker": SPEAKERS[turn.speaker.value],
                "start": Decimal(turn.start_ms) / 1000,
                "end": Decimal(turn.end_ms) / 1000,
                "text": turn.text,
                **({} if turn.confidence is None else {"confidence": turn.confidence}),
            }
            for turn in dialogue.utterances
        ],
        "gold": _gold(lesson, draft.data, rules),
        "decided": {
            "evaluation_id": lesson.evaluation_id,
            "evaluated_at": lesson.evaluated_at,
            "approved_at": lesson.approved_at,
            "blind": lesson.blind,
            "overturned": lesson.overturned,
            "scorecard": {"id": lesson.scorecard_id, "version": lesson.scorecard_version},
        },
    }


def _card(card: LeadChange | None) -> dict[str, Any] | None:
    return None if card is None else {"stage_after": card.stage, "refusal_reason": card.refusal_reason}


def _gold(lesson: Lesson, data: Mapping[str, Any], rules: Mapping[str, str]) -> dict[str, Any]:
    drafted = {item["criterion"]: item for item in data["criteria"]}
    evidence = {
        rules.get(code, code): [place["turn"] for place in drafted[code]["evidence"]]
        for code, score in lesson.scores.items()
        if code in drafted and _same(drafted[code]["score"], score)
    }
    return {
        "call_type": lesson.call_type,
        "scores": {
            rules.get(code, code): "na" if score is None else nearest_step(score)
            for code, score in lesson.scores.items()
        },
        "evidence": evidence,
        "objections": [
            {name: item[name] for name in ("turn", "kind", "score", "answer_turns")} for item in data["objections"]
        ],
        "red_flags": [{"turn": item["turn"], "kind": item["kind"]} for item in data["red_flags"]],
    }


def nearest_step(score: Decimal) -> Decimal:
    """A score of any scale as 0, 0.5 or 1; what lies in the middle goes up, as the rubric's means do."""
    return (score * 2).quantize(ONE, rounding=ROUND_HALF_UP) / 2


def _same(drafted: Any, decided: Decimal | None) -> bool:
    return (None if drafted is None else Decimal(drafted)) == decided
