"""From transcript to published draft, on both databases, with the real drafter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from services.runtime.errors import TransientError
from services.score.adapters.store import SqlStore
from services.score.adapters.transcripts import StoredTranscripts
from services.score.handlers.lessons import labelled
from tests.integration.score.places import MONDAY, ScoreDesk, call, completed, lead, make_desk, transcript


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[ScoreDesk]:
    made = make_desk(database_url, tmp_path)
    made.now = MONDAY + timedelta(hours=1)
    yield made
    made.database.close()


def test_a_transcript_waits_for_its_call(desk: ScoreDesk) -> None:
    event = completed(desk, transcript())
    with pytest.raises(TransientError):
        desk.feed("transcript-completed", event)
    desk.feed("call-registered", call())
    desk.feed("transcript-completed", event)
    assert [draft["revision"] for draft in desk.published("call-scored")] == [1]


def test_the_draft_says_everything_review_needs(desk: ScoreDesk) -> None:
    desk.feed("call-registered", call())
    desk.feed("transcript-completed", completed(desk, transcript()))
    (draft,) = desk.published("call-scored")
    greeting = draft["criteria"][0]
    assert [item["criterion"] for item in draft["criteria"]][:3] == ["greeting", "client_name", "problem_definition"]
    assert len(draft["criteria"]) == 16
    assert (greeting["verdict"], greeting["score"], greeting["weight"]) == ("scored", 1, 1)
    assert greeting["evidence"][0]["turn"] == 0
    assert greeting["label"]["ru"] == "Приветствие и представление"
    assert draft["weights"]["objection_handling"] == {
        "qualification": 2,
        "objection": 4,
        "transactional": 2,
        "reanimation": 2,
    }
    assert draft["weights"]["consultation_time"] == {}
    assert draft["cqr"] == Decimal(str(draft["points"] * 100 / draft["points_possible"])).quantize(Decimal("0.01"))


def test_the_same_transcript_again_says_nothing_new(desk: ScoreDesk) -> None:
    desk.feed("call-registered", call())
    event = completed(desk, transcript())
    desk.feed("transcript-completed", event)
    desk.feed("transcript-completed", event)
    assert len(desk.published("call-scored")) == 1


def test_a_refusal_after_the_draft_makes_a_new_one(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("call-registered", call())
    desk.feed("transcript-completed", completed(desk, transcript()))
    desk.feed(
        "lead-changed",
        lead(
            revision=2,
            changed_at=MONDAY + timedelta(minutes=10),
            stage="Отказ. Сделка закрыта",
            stage_kind="refused",
            previous_stage_kind="open",
            refusal_reason="Не выходит на связь",
        ),
    )
    assert desk.jobs() == [{"call_id": "c-1"}]
    desk.feed("draft-again", {"call_id": "c-1"})
    first, second = desk.published("call-scored")
    card = {item["criterion"]: item for item in second["criteria"]}["crm_card"]
    assert (first["revision"], second["revision"]) == (1, 2)
    assert (card["verdict"], card["score"]) == ("scored", 0)
    assert "refusal_mismatch" in [remark["reason"] for remark in second["remarkable"]]


def test_a_final_evaluation_ends_drafting_and_is_kept_to_learn_from(desk: ScoreDesk) -> None:
    desk.feed("call-registered", call())
    event = completed(desk, transcript())
    desk.feed("transcript-completed", event)
    (draft,) = desk.published("call-scored")
    approved = {
        "call_id": "c-1",
        "evaluation_id": "ev-1",
        "status": "approved_overturned",
        "counted": True,
        "seller_id": "s-1",
        "evaluator_id": "p-1",
        "call_type": "qualification",
        "scorecard": draft["scorecard"],
        "cqr": 80,
        "criteria": [
            {"criterion": "greeting", "verdict": "scored", "score": Decimal("0.5"), "draft_score": 1},
            {"criterion": "objection_handling", "verdict": "not_applicable", "score": None},
        ],
        "evaluated_at": datetime(2026, 11, 23, 12, tzinfo=UTC),
        "approved_at": datetime(2026, 11, 25, 12, tzinfo=UTC),
    }
    desk.feed("evaluation-approved", approved)
    desk.feed("call-registered", call(revision=2, talk_ms=90_000))
    assert desk.jobs() == []
    with desk.database.read() as connection:
        (lesson,) = SqlStore(connection).lessons()
        (line,) = labelled(SqlStore(connection), StoredTranscripts(desk.storage))
    assert lesson.scores == {"greeting": Decimal("0.5"), "objection_handling": None}
    assert lesson.draft_scores == {"greeting": Decimal(1), "objection_handling": None}
    assert (lesson.overturned, lesson.transcript_uri) == (True, event["uri"])
    assert line["gold"]["scores"] == {"greeting": Decimal("0.5"), "objection_handling": "na"}
    assert "greeting" not in line["gold"]["evidence"]  # the people saw it otherwise; what shows theirs is not known
    assert (line["turns"][0]["speaker"], len(line["turns"])) == ("agent", 7)
    assert line["decided"]["overturned"] is True


def test_open_growth_zones_are_drafted(desk: ScoreDesk) -> None:
    zones = {"seller_id": "s-1", "zones": ["greeting", "farewell"], "chosen_at": MONDAY - timedelta(days=1)}
    desk.feed("growth-zones-chosen", {**zones, "until": None})
    desk.feed("growth-zones-chosen", {**zones, "zones": [], "chosen_at": MONDAY - timedelta(days=9), "until": None})
    desk.feed("call-registered", call())
    desk.feed("transcript-completed", completed(desk, transcript()))
    (draft,) = desk.published("call-scored")
    applied = {item["criterion"]: item for item in draft["criteria"]}["feedback_applied"]
    assert (applied["verdict"], applied["score"]) == ("scored", 1)


def test_an_older_revision_of_a_call_changes_nothing(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("call-registered", call(revision=3))
    before = desk.published("lead-contact-updated")
    desk.feed("call-registered", call(revision=2, direction="in"))
    assert desk.published("lead-contact-updated") == before
