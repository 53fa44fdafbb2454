"""The data of the events that score publishes, from its own nouns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas import codec
from services.score.domain.contact_rule import Standing
from services.score.domain.contact_violations import Violation
from services.score.domain.dialogue import DepartmentKind
from services.score.domain.draft import CriterionDraft, EvidenceSpan, ObjectionDraft, RedFlagDraft, Verdict
from services.score.domain.scorecard import SCORED_TYPES, Criterion, Scorecard, Text
from services.score.domain.scored_call import ScoredCall

MOST_BYTES = 60_000  # of the 64 KiB, with room for the envelope
MOST_EVIDENCE = 12
MOST_MARKS = 60
LONGEST_REASON = 600
SHORT_REASON = 160


def call_scored(
    scored: ScoredCall,
    scorecard: Scorecard,
    *,
    call_id: str,
    transcript_id: str,
    department: DepartmentKind | None,
    now: datetime,
) -> dict[str, Any]:
    """`call-scored` without draft id and revision, as JSON gives it back; shortened until it fits into a message."""
    data = _call_scored(scored, scorecard, department)
    data |= {"call_id": call_id, "transcript_id": transcript_id, "scored_at": now}
    for shorten in (_nothing, _without_rules, _with_short_reasons, _with_few_places, _without_labels):
        shorten(data)
        normal = codec.plain(data)
        if len(codec.to_json(normal).encode()) <= MOST_BYTES:
            break
    return normal


def _call_scored(scored: ScoredCall, scorecard: Scorecard, department: DepartmentKind | None) -> dict[str, Any]:
    draft = scored.draft
    return {
        "scorecard": {"id": scored.scorecard_id, "version": scored.scorecard_version},
        "call_type": draft.call_type.value,
        "call_type_probability": draft.call_type_probabilities.get(draft.call_type, 1),
        "call_type_probabilities": {kind.value: share for kind, share in draft.call_type_probabilities.items()},
        "cqr": scored.cqr.percent,
        "points": scored.cqr.points,
        "points_possible": scored.cqr.points_possible,
        "good_cqr": scorecard.thresholds.good_cqr,
        "criteria": [_criterion(item, scored, scorecard) for item in draft.criteria],
        "weights": {criterion.code: _weights(criterion, department) for criterion in scorecard.criteria},
        "objections": [_objection(item) for item in draft.objections[:MOST_MARKS]],
        "red_flags": [_flag(item) for item in draft.red_flags[:MOST_MARKS]],
        "stages": [
            {"stage": span.stage[:64], "start_ms": span.start_ms, "end_ms": span.end_ms}
            for span in draft.stages[:MOST_MARKS]
        ],
        "remarkable": [{"reason": remark.reason.value, "detail": remark.detail} for remark in scored.remarks],
        "models": [model[:200] for model in draft.models],
    }


def _criterion(item: CriterionDraft, scored: ScoredCall, scorecard: Scorecard) -> dict[str, Any]:
    criterion = scorecard.criterion(item.criterion)
    block = scorecard.block_of(item.criterion)
    return {
        "criterion": item.criterion,
        "block": block.code,
        "verdict": item.verdict.value,
        "score": item.score if item.verdict is Verdict.SCORED else None,
        "weight": criterion.weight(scored.draft.call_type),
        "confidence": item.confidence,
        "evidence": [_place(span) for span in item.evidence[:MOST_EVIDENCE]],
        "reason": {"ru": item.reason.ru[:LONGEST_REASON], "en": item.reason.en[:LONGEST_REASON]},
        "auto_fail": item.criterion in scored.cqr.failed_by,
        "label": _text(criterion.label),
        "block_label": _text(block.label),
        "scale": criterion.scale.value,
        "auto_fail_at": criterion.auto_fail_at,
        "rules": _rules(criterion),
    }


def _weights(criterion: Criterion, department: DepartmentKind | None) -> dict[str, Any]:
    return {kind.value: criterion.weight(kind) for kind in SCORED_TYPES if criterion.applies(kind, department)}


def _rules(criterion: Criterion) -> dict[str, Any]:
    rules = criterion.rules
    named = {"1": rules.full, "0.5": rules.half, "0": rules.none, "na": rules.not_applicable}
    return {name: _text(text) for name, text in named.items() if text is not None}


def _text(text: Text) -> dict[str, str]:
    return {"ru": text.ru, "en": text.en}


def _place(span: EvidenceSpan) -> dict[str, Any]:
    place: dict[str, Any] = {"turn": span.turn, "start_ms": span.start_ms, "end_ms": span.end_ms}
    if span.word_from is not None:
        place |= {"word_from": span.word_from, "word_to": span.word_to}
    return place


def _objection(item: ObjectionDraft) -> dict[str, Any]:
    return {
        "turn": item.turn,
        "kind": item.kind.value,
        "score": item.score,
        "answer_turns": list(item.answer_turns[:MOST_EVIDENCE]),
        "techniques": [technique.value for technique in item.techniques],
        "confidence": item.confidence,
    }


def _flag(item: RedFlagDraft) -> dict[str, Any]:
    return {
        "turn": item.turn,
        "kind": item.kind.value,
        "start_ms": item.start_ms,
        "end_ms": item.end_ms,
        "confidence": item.confidence,
    }


def _nothing(data: dict[str, Any]) -> None:
    """The first try: whole."""


def _without_rules(data: dict[str, Any]) -> None:
    for item in data["criteria"]:
        item.pop("rules")


def _with_short_reasons(data: dict[str, Any]) -> None:
    for item in data["criteria"]:
        item["reason"] = {language: text[:SHORT_REASON] for language, text in item["reason"].items()}


def _with_few_places(data: dict[str, Any]) -> None:
    for item in data["criteria"]:
        item["evidence"] = item["evidence"][:3]
    data["stages"] = data["stages"][:20]


def _without_labels(data: dict[str, Any]) -> None:
    for item in data["criteria"]:
        item.pop("label")
        item.pop("block_label")


def lead_contact_updated(
    lead_id: str, seller_id: str | None, department_id: str | None, standing: Standing
) -> dict[str, Any]:
    """`lead-contact-updated`: where the lead stands."""
    return {
        "lead_id": lead_id,
        "seller_id": seller_id,
        "department_id": department_id,
        "local_date": standing.local_date.isoformat(),
        "attempts_today": standing.attempts_today,
        "attempts_total": standing.attempts_total,
        "days_with_attempts": standing.days_with_attempts,
        "touches": standing.touches,
        "fake_touches": standing.fake_touches,
        "due_today": standing.due_today,
        "due_total": standing.due_total,
        "due_at": standing.due_at,
        "first_attempt_at": standing.first_attempt_at,
        "last_attempt_at": standing.last_attempt_at,
        "last_touch_call_id": standing.last_touch_call_id,
        "pickup_ms": standing.pickup_ms,
        "callback_ms": standing.callback_ms,
        "open": standing.worked_on,
        "warnings": [warning.value for warning in standing.warnings],
    }


def contact_rule_violated(violation: Violation) -> Mapping[str, Any]:
    """`contact-rule-violated`: what was broken, with the figures."""
    return {
        "violation_id": violation.violation_id,
        "lead_id": violation.lead_id,
        "seller_id": violation.seller_id,
        "department_id": violation.department_id,
        "rule": violation.rule.value,
        "contacts": violation.contacts,
        "contacts_due": violation.contacts_due,
        "touches": violation.touches,
        "days_with_attempts": violation.days_with_attempts,
        "stage": violation.stage,
        "violated_at": violation.violated_at,
    }
