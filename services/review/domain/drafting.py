"""Reads the draft out of a `call-scored` event: the card it used, what it proposes, what makes it remarkable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.review.domain.calls import CallType
from services.review.domain.evaluation import STEPS, ZERO, Card, Draft, DraftScore, Item, Verdict, Wording

QUARTERS = tuple(Decimal(mark) / 4 for mark in range(5))
HUNDREDTHS = tuple(Decimal(mark) / 100 for mark in range(101))

# Scores 0…1 that a scale can say, by the name the event gives it.
SCALES: Mapping[str, tuple[Decimal, ...]] = {
    "0/1": (Decimal(0), Decimal(1)),
    "0/0.5/1": STEPS,
    "1-5": QUARTERS,
    "0-100": HUNDREDTHS,
}

# How much each reason weighs in the risk queue.
RISKS: Mapping[str, int] = {
    "red_flag": 100,
    "auto_fail": 80,
    "low_rating": 70,
    "contact_violation": 60,
    "refusal_mismatch": 50,
    "low_cqr": 40,
    "unhandled_objection": 30,
    "low_confidence": 20,
    "long_consultation": 10,
    "poor_transcript": 5,
}


def draft_of(data: Mapping[str, Any]) -> Draft:
    """The draft in the event's data (already held against its schema; numbers are int or Decimal)."""
    call_type = CallType(data["call_type"])
    return Draft(
        draft_id=data["draft_id"],
        call_id=data["call_id"],
        revision=data["revision"],
        call_type=call_type,
        cqr=decimal(data["cqr"]),
        card=_card_of(data, call_type),
        scores={row["criterion"]: _score_of(row) for row in data["criteria"]},
        remarkable=tuple(dict.fromkeys(row["reason"] for row in data["remarkable"])),
        red_flags=tuple(dict.fromkeys(row["kind"] for row in data["red_flags"])),
    )


def decimal(value: int | Decimal | None) -> Decimal | None:
    """A JSON number as a Decimal."""
    return None if value is None else Decimal(value)


def _score_of(row: Mapping[str, Any]) -> DraftScore:
    return DraftScore(row["criterion"], Verdict(row["verdict"]), decimal(row["score"]), Decimal(row["confidence"]))


def _card_of(data: Mapping[str, Any], call_type: CallType) -> Card:
    """Without `weights` only those of the drafted type are known, and the type cannot be changed by hand."""
    weights: Mapping[str, Mapping[str, Any]] = data.get("weights") or {}
    rows = {row["criterion"]: row for row in data["criteria"]}
    items = [
        Item(
            criterion=criterion,
            weights=_weights_of(weights.get(criterion), rows.get(criterion), call_type),
            block=rows.get(criterion, {}).get("block"),
            steps=SCALES.get(rows.get(criterion, {}).get("scale", ""), STEPS),
            fails_at=decimal(rows.get(criterion, {}).get("auto_fail_at")),
            wording=wording_of(rows.get(criterion, {})),
        )
        for criterion in dict.fromkeys((*rows, *weights))
    ]
    return Card(data["scorecard"]["id"], data["scorecard"]["version"], tuple(items))


def wording_of(row: Mapping[str, Any]) -> Wording:
    """How the scorecard words the item, as far as the message tells."""
    return Wording(row.get("label") or {}, row.get("block_label") or {}, row.get("rules") or {})


def _weights_of(
    told: Mapping[str, Any] | None, row: Mapping[str, Any] | None, call_type: CallType
) -> dict[CallType, Decimal]:
    if told is not None:
        return {kind: Decimal(told.get(kind, ZERO)) for kind in CallType}
    return {call_type: Decimal(row["weight"])} if row is not None else {}


def risk_of(reasons: Sequence[str]) -> int:
    """How much a head should hear the call: the sum over its reasons; 0 when nothing stands out."""
    return sum(RISKS.get(reason, 1) for reason in reasons)


def item_to_json(item: Item) -> dict[str, Any]:
    """An item as it is kept with an evaluation."""
    return {
        "criterion": item.criterion,
        "block": item.block,
        "weights": {kind.value: str(weight) for kind, weight in item.weights.items()},
        "steps": [str(step) for step in item.steps],
        "fails_at": None if item.fails_at is None else str(item.fails_at),
        "label": item.wording.label,
        "block_label": item.wording.block,
        "rules": item.wording.rules,
    }


def item_from_json(row: Mapping[str, Any]) -> Item:
    """The item that `item_to_json` kept."""
    return Item(
        criterion=row["criterion"],
        block=row["block"],
        weights={CallType(kind): Decimal(weight) for kind, weight in row["weights"].items()},
        steps=tuple(Decimal(step) for step in row["steps"]),
        fails_at=None if row["fails_at"] is None else Decimal(row["fails_at"]),
        wording=wording_of(row),
    )
