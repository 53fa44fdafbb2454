"""The named reasons of the risk queue, one by one, and silence where nothing is odd."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from services.score.adapters.scorecard_files import ready_scorecard
from services.score.domain.cqr import Cqr
from services.score.domain.dialogue import CrmCard, DepartmentKind, Dialogue, StageKind
from services.score.domain.draft import (
    CallType,
    CriterionDraft,
    Draft,
    FlagKind,
    ObjectionDraft,
    ObjectionKind,
    Reason,
    RedFlagDraft,
    Verdict,
)
from services.score.domain.remarkable import Reason as Why
from services.score.domain.remarkable import Remark, remarks

CARD = ready_scorecard()
WORDS = Reason("так", "so")
GOOD = Cqr(Decimal("85.00"), Decimal(17), Decimal(20))
QUIET = Draft(
    call_type=CallType.OBJECTION,
    call_type_probabilities={CallType.OBJECTION: Decimal("0.9")},
    criteria=(CriterionDraft("greeting", Verdict.SCORED, Decimal(1), Decimal("0.9"), (), WORDS),),
    objections=(),
    red_flags=(),
    stages=(),
)
PLAIN = Dialogue((), department_kind=DepartmentKind.SALES, talk_ms=60_000)


def flag(kind: FlagKind) -> RedFlagDraft:
    return RedFlagDraft(3, kind, 0, 1000, Decimal("0.9"))


def objection(kind: ObjectionKind, score: str) -> ObjectionDraft:
    return ObjectionDraft(2, kind, Decimal(score), (3,), (), Decimal("0.8"))


def crm(score: str) -> CriterionDraft:
    return CriterionDraft("crm_card", Verdict.SCORED, Decimal(score), Decimal("0.9"), (), WORDS)


def test_a_call_like_any_other_is_not_remarkable() -> None:
    assert remarks(QUIET, GOOD, CARD, PLAIN, "good") == ()


@pytest.mark.parametrize(
    ("draft", "cqr", "dialogue", "quality", "remark"),
    [
        (
            replace(QUIET, red_flags=(flag(FlagKind.PRESSURE), flag(FlagKind.RUDENESS), flag(FlagKind.PRESSURE))),
            GOOD,
            PLAIN,
            "good",
            Remark(Why.RED_FLAG, "pressure,rudeness"),
        ),
        (QUIET, replace(GOOD, percent=Decimal("49.99")), PLAIN, "good", Remark(Why.LOW_CQR, "49.99")),
        (QUIET, replace(GOOD, failed_by=("politeness",)), PLAIN, "good", Remark(Why.AUTO_FAIL, "politeness")),
        (
            replace(QUIET, criteria=(replace(QUIET.criteria[0], confidence=Decimal("0.5")),)),
            GOOD,
            PLAIN,
            "good",
            Remark(Why.LOW_CONFIDENCE, "0.50"),
        ),
        (
            replace(QUIET, call_type_probabilities={CallType.OBJECTION: Decimal("0.4")}),
            GOOD,
            PLAIN,
            "good",
            Remark(Why.LOW_CONFIDENCE, "call_type"),
        ),
        (
            replace(QUIET, objections=(objection(ObjectionKind.PRICE, "0"), objection(ObjectionKind.THINK, "0.5"))),
            GOOD,
            PLAIN,
            "good",
            Remark(Why.UNHANDLED_OBJECTION, "price"),
        ),
        (QUIET, GOOD, PLAIN, "poor", Remark(Why.POOR_TRANSCRIPT)),
        (QUIET, GOOD, replace(PLAIN, talk_ms=25 * 60_000 + 1), "good", Remark(Why.LONG_CONSULTATION, "25 min")),
        (
            replace(QUIET, criteria=(crm("0"),)),
            GOOD,
            replace(PLAIN, crm=CrmCard("Отказ", StageKind.REFUSED, "Дорого")),
            "good",
            Remark(Why.REFUSAL_MISMATCH),
        ),
    ],
)
def test_each_reason(draft: Draft, cqr: Cqr, dialogue: Dialogue, quality: str, remark: Remark) -> None:
    assert remarks(draft, cqr, CARD, dialogue, quality) == (remark,)


@pytest.mark.parametrize(
    ("draft", "cqr", "dialogue"),
    [
        (QUIET, replace(GOOD, percent=Decimal("50.00")), PLAIN),
        (replace(QUIET, objections=(objection(ObjectionKind.PRICE, "0.5"),)), GOOD, PLAIN),
        (QUIET, GOOD, replace(PLAIN, talk_ms=25 * 60_000)),
        (QUIET, GOOD, replace(PLAIN, talk_ms=90 * 60_000, department_kind=DepartmentKind.CALL_CENTER)),
        (replace(QUIET, criteria=(crm("0.5"),)), GOOD, replace(PLAIN, crm=CrmCard("Отказ", StageKind.REFUSED, "Д"))),
        (replace(QUIET, criteria=(crm("0"),)), GOOD, replace(PLAIN, crm=CrmCard("Встреча", StageKind.MEETING))),
        (QUIET, replace(GOOD, percent=None), PLAIN),
    ],
)
def test_just_inside_the_limits_nothing_is_said(draft: Draft, cqr: Cqr, dialogue: Dialogue) -> None:
    assert remarks(draft, cqr, CARD, dialogue, "fair") == ()


def test_the_limits_are_the_cards() -> None:
    strict = replace(CARD, thresholds=replace(CARD.thresholds, low_cqr=Decimal(90), consultation_minutes=0))
    found = remarks(QUIET, GOOD, strict, PLAIN, "good")
    assert [remark.reason for remark in found] == [Why.LOW_CQR, Why.LONG_CONSULTATION]


def test_of_spam_only_what_may_never_be_said_is_told() -> None:
    card = CrmCard("Отказ", StageKind.REFUSED, "Дорого")
    spam = replace(
        QUIET,
        call_type=CallType.SPAM,
        call_type_probabilities={CallType.SPAM: Decimal("0.9")},
        criteria=(crm("0"),),
        objections=(objection(ObjectionKind.PRICE, "0"),),
        red_flags=(flag(FlagKind.RUDENESS),),
    )
    dialogue = replace(PLAIN, crm=card, talk_ms=90 * 60_000)
    found = remarks(spam, replace(GOOD, percent=None), CARD, dialogue, "poor")
    assert found == (Remark(Why.RED_FLAG, "rudeness"), Remark(Why.POOR_TRANSCRIPT))
