"""A draft on its card: codes, scales, departments, forbidden phrases, and a message that fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from schemas import codec
from services.score.adapters.scorecard_files import parse_scorecard, ready_scorecard
from services.score.domain.dialogue import DepartmentKind, Dialogue, dialogue_of
from services.score.domain.draft import CallType, CriterionDraft, Draft, EvidenceSpan, Reason, Verdict
from services.score.domain.scorecard import Scorecard
from services.score.domain.scored_call import asked_items, scored_call
from services.score.handlers.messages import MOST_BYTES, call_scored

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OWN = parse_scorecard("""\
id: own
label: Own
blocks:
  - code: contact
    label: Contact
    phrases: {forbidden: [девушка вам чего]}
    criteria:
      - {code: hello, label: Hello, rule: greeting, weights: 1, scale: 0/1}
      - {code: promotion, label: Promotion, judged_by: phrases, weights: 3, phrases: {examples: [сейчас акция]}}
  - code: manner
    label: Manner
    criteria:
      - {code: calm, label: Calm, rule: politeness, weights: 2, phrases: {forbidden: ["успокойтесь!"]}}
      - {code: facts, label: Facts, judged_by: person, weights: 1}
      - {code: norm, label: Norm, rule: consultation_time, weights: 1, departments: [sales]}
""")


def item(code: str, score: str | None, *, turns: int = 1) -> CriterionDraft:
    verdict = Verdict.NOT_APPLICABLE if score is None else Verdict.SCORED
    spans = tuple(EvidenceSpan(i, i * 10, i * 10 + 9, 0, 3) for i in range(turns))
    value = None if score is None else Decimal(score)
    return CriterionDraft(code, verdict, value, Decimal("0.8"), spans, Reason("потому", "because"))


def draft(**scores: str | None) -> Draft:
    return Draft(
        call_type=CallType.QUALIFICATION,
        call_type_probabilities={CallType.QUALIFICATION: Decimal("0.9")},
        criteria=tuple(item(code, score) for code, score in scores.items()),
        objections=(),
        red_flags=(),
        stages=(),
        models=("m@1",),
    )


def result(card: Scorecard, made: Draft, dialogue: Dialogue) -> dict[str, tuple[str, Decimal | None]]:
    scored = scored_call(made, card, dialogue, "good")
    return {one.criterion: (one.verdict.value, one.score) for one in scored.draft.criteria}


def test_the_drafter_is_asked_by_rule_or_by_phrases() -> None:
    asked = [(one.criterion, one.examples) for one in asked_items(OWN)]
    assert asked == [
        ("greeting", ()),
        ("promotion", ("сейчас акция",)),
        ("politeness", ()),
        ("facts", ()),
        ("consultation_time", ()),
    ]


def test_answers_come_back_under_the_cards_codes_and_on_its_scales() -> None:
    made = draft(greeting="0.5", promotion="1", politeness="0.5", consultation_time="1")
    calls = Dialogue((), department_kind=DepartmentKind.CALL_CENTER)
    assert result(OWN, made, calls) == {
        "hello": ("scored", Decimal(0)),
        "promotion": ("scored", Decimal(1)),
        "calm": ("scored", Decimal("0.5")),
        "facts": ("for_person", None),
        "norm": ("not_applicable", None),
    }
    sales = Dialogue((), department_kind=DepartmentKind.SALES)
    assert result(OWN, made, sales)["norm"] == ("scored", Decimal(1))
    assert scored_call(made, OWN, calls, "good").cqr.percent == Decimal("66.67")


def test_an_item_that_nobody_drafted_is_for_a_person() -> None:
    assert result(OWN, draft(), Dialogue(()))["promotion"] == ("for_person", None)


@pytest.mark.parametrize(
    ("speaker", "said", "capped"),
    [
        ("seller", "Женщина, УСПОКОЙТЕСЬ!", "0.5"),
        ("seller", "Успокойтесься", "1"),
        ("client", "Успокойтесь!", "1"),
    ],
)
def test_a_forbidden_phrase_of_the_seller_caps_its_item(speaker: str, said: str, capped: str) -> None:
    made = draft(greeting="1", promotion="1", politeness="1")
    assert result(OWN, made, dialogue_of([(speaker, said)]))["calm"] == ("scored", Decimal(capped))


def test_a_stages_forbidden_phrase_caps_the_weightiest_item_of_the_stage() -> None:
    made = draft(greeting="1", promotion="1", politeness="1")
    heard = dialogue_of([("client", "Алло"), ("seller", "Девушка, вам чего?")])
    scored = scored_call(made, OWN, heard, "good")
    found = {one.criterion: (one.score, [span.turn for span in one.evidence]) for one in scored.draft.criteria}
    assert found["promotion"] == (Decimal("0.5"), [1])
    assert found["hello"] == (Decimal(1), [0])


def message(card: Scorecard, made: Draft) -> dict[str, object]:
    scored = scored_call(made, card, Dialogue(()), "good")
    data = call_scored(scored, card, call_id="c", transcript_id="t", department=None, now=NOW)
    return {**data, "draft_id": "d", "revision": 1}


def test_a_message_keeps_its_schema_and_names_weights_for_every_type() -> None:
    data = message(OWN, draft(greeting="1", promotion=None, politeness="0.5"))
    codec.encode("call-scored", data, event_id="e", occurred_at=NOW)
    assert data["weights"] == {
        one.code: dict.fromkeys(
            ("qualification", "objection", "transactional", "reanimation"), int(one.weight(CallType.OBJECTION))
        )
        for one in OWN.criteria
    }
    first = data["criteria"][0]  # type: ignore[index]
    assert (first["criterion"], first["scale"], first["block"], first["label"]["en"]) == (
        "hello",
        "0/1",
        "contact",
        "Hello",
    )


def test_the_longest_draft_still_fits_into_a_message() -> None:
    card = ready_scorecard("sales")
    long = Reason("щ" * 600, "w" * 600)
    criteria = tuple(replace(item(one.rule or one.code, "0.5", turns=50), reason=long) for one in card.criteria)
    made = replace(draft(), criteria=criteria)
    data = message(card, made)
    assert len(codec.to_json(data).encode()) <= MOST_BYTES + 100
    codec.encode("call-scored", data, event_id="e", occurred_at=NOW)
    assert len(data["criteria"]) == len(card.criteria)  # type: ignore[arg-type]


def test_a_spam_call_has_no_rate() -> None:
    data = message(OWN, replace(draft(greeting="1"), call_type=CallType.SPAM))
    assert (data["cqr"], data["points"], data["points_possible"]) == (None, None, None)
