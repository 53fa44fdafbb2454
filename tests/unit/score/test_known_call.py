"""Which state of the CRM card belongs to which call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.score.domain.contact_rule import Lead, LeadChange
from services.score.domain.dialogue import DepartmentKind, Direction, StageKind, dialogue_of
from services.score.domain.known_call import CallFacts, card_of_call, with_facts

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def change(revision: int, minutes: int, stage: str = "Отказ") -> LeadChange:
    moment = NOON + timedelta(minutes=minutes)
    return LeadChange(revision, moment, stage, StageKind.OPEN, "s", "d", None, f"reason {revision}")


def call(name: str = "c", minutes: int = 0, *, outcome: str = "answered", direction: str = "out") -> CallFacts:
    return CallFacts(
        call_id=name,
        revision=1,
        direction=direction,
        outcome=outcome,
        started_at=NOON + timedelta(minutes=minutes),
        talk_ms=60_000,
        duration_ms=120_000,
        seller_id="s",
        department_id="d",
        department_kind=DepartmentKind.SALES,
        client_key="k",
        lead_id="l",
    )


def lead(*changes: LeadChange) -> Lead:
    return Lead("l", NOON - timedelta(days=1), changes)


@pytest.mark.parametrize(
    ("changes", "others", "revision"),
    [
        ([change(1, -10)], [], 1),  # nothing was changed after the call: the state before it
        ([change(1, -10), change(2, 5)], [], 2),
        ([change(1, -10), change(2, 5), change(3, 50)], [call("next", 30)], 2),  # after the next talk: of that talk
        ([change(1, -10), change(2, 50)], [call("unanswered", 30, outcome="missed")], 2),
        ([change(1, -10), change(2, 60 * 24 + 1)], [], 2),  # within a day of the call's end
        ([change(1, -10), change(2, 60 * 24 + 3)], [], 1),
        ([change(2, 5)], [], 2),
        ([change(1, 60 * 48)], [], None),
    ],
)
def test_the_card_is_the_one_that_the_seller_left_after_the_call(
    changes: list[LeadChange], others: list[CallFacts], revision: int | None
) -> None:
    card = card_of_call(call(), [call(), *others], lead(*changes))
    assert (card.revision if card else None) == revision


def test_without_a_lead_there_is_no_card() -> None:
    assert card_of_call(call(), [], None) is None


@pytest.mark.parametrize(("told", "known"), [("in", Direction.IN), ("out", Direction.OUT), ("internal", None)])
def test_a_dialogue_learns_the_facts_of_its_call(told: str, known: Direction | None) -> None:
    dialogue = with_facts(dialogue_of([("seller", "Алло")]), call(direction=told), change(3, 1), ["greeting"])
    assert (dialogue.direction, dialogue.department_kind, dialogue.talk_ms) == (known, DepartmentKind.SALES, 60_000)
    assert dialogue.crm is not None
    assert (dialogue.crm.stage, dialogue.crm.refusal_reason) == ("Отказ", "reason 3")
    assert dialogue.growth_zones == ("greeting",)


@pytest.mark.parametrize(
    ("outcome", "machine", "answered", "is_machine"),
    [
        ("answered", None, True, False),
        ("answered", True, True, True),
        ("voicemail", None, True, True),
        ("busy", None, False, False),
    ],
)
def test_a_voice_mail_is_a_machine_by_the_pbxs_word(
    outcome: str, machine: bool | None, answered: bool, is_machine: bool
) -> None:
    from dataclasses import replace

    contact = replace(call(outcome=outcome), machine=machine).contact()
    assert (contact.answered, contact.machine, contact.outgoing) == (answered, is_machine, True)
