"""A draft as the event tells it: card with weights of all types, scales, what is remarkable."""

from __future__ import annotations

from decimal import Decimal

from schemas.codec import examples
from services.review.domain.calls import CallType
from services.review.domain.drafting import draft_of, item_from_json, item_to_json, risk_of
from services.review.domain.evaluation import STEPS, UNWORDED, Verdict


def test_the_example_event() -> None:
    (_, message) = next(iter(examples("call-scored")))
    draft = draft_of(message["data"])
    assert (draft.call_id, draft.call_type, draft.cqr) == ("c-10482", CallType.QUALIFICATION, Decimal("76.92"))
    assert draft.scores["problem_definition"].verdict is Verdict.SCORED
    assert draft.scores["problem_definition"].score == Decimal("0.5")


def test_weights_of_other_types_and_what_is_not_on_the_card() -> None:
    data = {
        "call_id": "c",
        "draft_id": "d",
        "revision": 1,
        "scorecard": {"id": "own", "version": "v"},
        "call_type": "objection",
        "cqr": None,
        "criteria": [
            {
                "criterion": "a",
                "block": "b",
                "verdict": "scored",
                "score": 1,
                "confidence": 1,
                "weight": 4,
                "scale": "1-5",
                "auto_fail_at": 0,
                "label": {"ru": "Дошёл до решающего", "en": "Reached the decider"},
                "block_label": {"ru": "Секретарь", "en": "Gatekeeper"},
                "rules": {"1": {"ru": "Дошёл.", "en": "Reached."}},
            }
        ],
        "weights": {"a": {"objection": 4, "qualification": 2}, "b": {"qualification": Decimal("1.5")}},
        "remarkable": [{"reason": "low_cqr"}, {"reason": "low_cqr"}, {"reason": "red_flag"}],
        "red_flags": [{"kind": "rudeness"}],
    }
    card = draft_of(data).card
    assert [item.criterion for item in card.items] == ["a", "b"]
    assert [item.criterion for item in card.applying(CallType.OBJECTION)] == ["a"]
    assert [item.criterion for item in card.applying(CallType.QUALIFICATION)] == ["a", "b"]
    assert card.knows(CallType.REANIMATION)
    a, b = card.items
    assert (a.steps, b.steps) == (tuple(Decimal(mark) / 4 for mark in range(5)), STEPS)
    assert a.fails_at == Decimal(0)
    assert (a.wording.label["ru"], a.wording.block["en"]) == ("Дошёл до решающего", "Gatekeeper")
    assert a.wording.rules == {"1": {"ru": "Дошёл.", "en": "Reached."}}
    assert b.wording == UNWORDED
    assert [item_from_json(item_to_json(item)) for item in card.items] == [a, b]
    assert draft_of(data).remarkable == ("low_cqr", "red_flag")
    assert risk_of(draft_of(data).remarkable) == 140
    without = draft_of({**data, "weights": None}).card
    assert (without.knows(CallType.OBJECTION), without.knows(CallType.QUALIFICATION)) == (True, False)
