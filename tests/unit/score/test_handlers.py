"""What score does with each event, over fakes: no database, no broker, no model, no clock."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from schemas import codec
from services.runtime.errors import PermanentError, TransientError
from services.score.adapters.calendars import SettingsCalendars
from services.score.adapters.scorecard_files import ready_scorecard
from services.score.domain.contact_rule import ContactRule
from services.score.domain.dialogue import dialogue_of
from services.score.handlers import calls, drafts
from services.score.handlers.contacts import ContactDesk
from services.score.handlers.drafts import AGAIN, DraftingDesk
from services.score.handlers.lessons import labelled
from services.score.ports import Transcript
from tests.fakes.score import NOON, FakeDrafter, FakeOutgoing, FakeStore, FakeTranscripts, OneCard

CARD = ready_scorecard()
CALENDARS = SettingsCalendars(
    company_zone="Europe/Moscow",
    department_zones={"far": "Asia/Kamchatka"},
    weekdays=range(5),
    holidays=(),
    extra_days=(),
    day_ends=time(20, 0),
)
TALK = dialogue_of([("seller", "Добрый день"), ("client", "Здравствуйте, слушаю вас")])


class Score:
    """Score over fakes."""

    def __init__(self) -> None:
        self.store, self.out, self.drafter = FakeStore(), FakeOutgoing(), FakeDrafter()
        self.transcripts = FakeTranscripts({"u": Transcript("t-1", "c-1", "good", TALK)})
        self.drafting = DraftingDesk(self.drafter, self.transcripts, OneCard(CARD))
        self.contacts = ContactDesk(ContactRule(), CALENDARS)

    def call(self, **changes: Any) -> None:
        data = {
            "call_id": "c-1",
            "revision": 1,
            "direction": "out",
            "outcome": "answered",
            "started_at": NOON,
            "talk_ms": 60_000,
            "duration_ms": 65_000,
            "seller_id": "s-1",
            "department_id": "d-1",
            "department_kind": "sales",
            "client_key": "k-1",
            **changes,
        }
        calls.on_call_registered(codec.plain(data), self.store, self.out, self.contacts)

    def lead(self, **changes: Any) -> None:
        data = {
            "lead_id": "l-1",
            "revision": 1,
            "kind": "lead",
            "created_at": NOON - timedelta(hours=1),
            "changed_at": NOON - timedelta(hours=1),
            "stage": "Новая",
            "stage_kind": "open",
            "seller_id": "s-1",
            "department_id": "d-1",
            "client_keys": ["k-1"],
            **changes,
        }
        calls.on_lead_changed(codec.plain(data), self.store, self.out, self.contacts)

    def refuse(self) -> None:
        self.lead(
            revision=2,
            changed_at=NOON + timedelta(minutes=9),
            stage="Отказ",
            stage_kind="refused",
            refusal_reason="Дорого",
        )

    def draft(self) -> bool:
        known = drafts.circumstances("c-1", self.store)
        return drafts.keep_draft(drafts.make_draft("u", known, self.drafting), self.store, self.out)

    def approve(self, **changes: Any) -> None:
        data = {
            "call_id": "c-1",
            "evaluation_id": "ev",
            "status": "approved_evaluated",
            "call_type": "objection",
            "scorecard": {"id": CARD.id, "version": CARD.version},
            "criteria": [{"criterion": "greeting", "score": 1, "draft_score": 1}],
            "evaluated_at": NOON,
            "approved_at": NOON + timedelta(days=2),
            **changes,
        }
        calls.on_evaluation_approved(codec.plain(data), self.store)


@pytest.fixture
def score() -> Score:
    return Score()


def test_a_draft_waits_for_its_call(score: Score) -> None:
    with pytest.raises(TransientError):
        drafts.circumstances("c-1", score.store)
    with pytest.raises(TransientError):
        calls.heard_machine("c-1", True, score.store, score.out, score.contacts)


def test_a_missing_transcript_is_the_messages_own_fault(score: Score) -> None:
    score.call()
    with pytest.raises(PermanentError):
        drafts.make_draft("gone", drafts.circumstances("c-1", score.store), score.drafting)


def test_a_draft_is_published_once(score: Score) -> None:
    score.call()
    assert [score.draft(), score.draft()] == [True, False]
    (told,) = score.out.of("call-scored")
    assert (told["call_id"], told["revision"], told["transcript_id"]) == ("c-1", 1, "t-1")
    assert told["cqr"] == Decimal("100")


def test_the_drafter_sees_what_the_company_knew(score: Score) -> None:
    score.lead()
    calls.on_growth_zones_chosen(
        codec.plain({"seller_id": "s-1", "zones": ["greeting"], "chosen_at": NOON - timedelta(days=1), "until": None}),
        score.store,
    )
    score.call()
    score.draft()
    (shown,) = score.drafter.shown
    assert shown.crm is not None
    assert (shown.crm.stage, shown.growth_zones, shown.talk_ms) == ("Новая", ("greeting",), 60_000)


def test_a_refusal_after_the_draft_asks_for_another_look(score: Score) -> None:
    score.lead()
    score.call()
    score.draft()
    score.refuse()
    score.refuse()
    assert [(topic, key) for topic, key, _ in score.out.jobs.values()] == [(AGAIN, "c-1")]
    assert drafts.in_need("c-1", score.store) == "u"
    assert score.draft()
    first, second = score.out.of("call-scored")
    assert (second["revision"], second["draft_id"] != first["draft_id"]) == (2, True)
    assert [remark["reason"] for remark in second["remarkable"]] == ["refusal_mismatch"]


def test_what_becomes_known_while_a_draft_is_made_leads_to_another(score: Score) -> None:
    score.lead()
    score.call()
    made = drafts.make_draft("u", drafts.circumstances("c-1", score.store), score.drafting)
    score.refuse()
    assert score.out.jobs == {}
    drafts.keep_draft(made, score.store, score.out)
    assert [(topic, key) for topic, key, _ in score.out.jobs.values()] == [(AGAIN, "c-1")]


def test_what_people_decided_is_drafted_no_more(score: Score) -> None:
    score.lead()
    score.call()
    score.draft()
    score.approve()
    score.refuse()
    assert score.out.jobs == {}
    assert drafts.in_need("c-1", score.store) is None
    assert not score.draft()


def test_a_fact_that_changes_nothing_asks_for_nothing(score: Score) -> None:
    score.call()
    score.draft()
    score.call(revision=2, outcome="answered")
    assert score.out.jobs == {}
    score.call(revision=3, talk_ms=61_000)
    assert len(score.out.jobs) == 1
    score.call(revision=2, talk_ms=1)
    assert len(score.out.jobs) == 1


def test_a_call_that_moves_to_another_lead_is_counted_at_both(score: Score) -> None:
    score.lead()
    score.lead(lead_id="l-2", client_keys=["k-2"])
    score.call()
    score.call(revision=2, client_key="k-2")
    last = {told["lead_id"]: told["attempts_total"] for told in score.out.of("lead-contact-updated")}
    assert last == {"l-1": 0, "l-2": 1}


def test_a_department_far_away_has_its_own_day(score: Score) -> None:
    score.lead(department_id="far", seller_id="s-9")
    (told,) = score.out.of("lead-contact-updated")
    assert (told["local_date"], told["due_today"]) == ("2026-11-24", 3)


def test_an_early_refusal_is_told_at_once(score: Score) -> None:
    score.lead()
    score.call()
    score.refuse()
    (breach,) = score.out.of("contact-rule-violated")
    assert (breach["rule"], breach["contacts"], breach["contacts_due"], breach["touches"]) == (
        "refused_too_early",
        1,
        15,
        1,
    )


def test_a_machine_unmakes_a_touch(score: Score) -> None:
    score.lead()
    score.call()
    calls.heard_machine("c-1", True, score.store, score.out, score.contacts)
    calls.heard_machine("c-1", True, score.store, score.out, score.contacts)
    touches = [(told["touches"], told["fake_touches"]) for told in score.out.of("lead-contact-updated")]
    assert touches == [(0, 0), (1, 0), (0, 1)]


def test_decisions_become_labelled_dialogues(score: Score) -> None:
    score.call()
    score.draft()
    score.approve(
        criteria=[
            {"criterion": "greeting", "score": 1, "draft_score": 1},
            {"criterion": "farewell", "score": Decimal("0.5"), "draft_score": 1},
            {"criterion": "crm_card", "score": None},
        ]
    )
    (line,) = labelled(score.store, score.transcripts)
    assert line["gold"]["scores"] == {"greeting": 1, "farewell": Decimal("0.5"), "crm_card": "na"}
    assert line["gold"]["evidence"] == {"greeting": [0]}
    assert [turn["speaker"] for turn in line["turns"]] == ["agent", "client"]
    assert (line["direction"], line["department"], line["crm"]) == ("out", "sales", None)
