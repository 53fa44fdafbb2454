"""Events in any order, again and again: the same call in the end; older word never beats newer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from services.review.domain.calls import CallType
from services.review.domain.credit import month_of
from services.review.domain.statuses import Status
from services.review.handlers import crediting, events
from services.review.handlers.events import SellerIsEvaluator
from services.review.handlers.refusals import BadState, Outrun
from tests.integration.review import journeys
from tests.integration.review.world import LONG_AGO, World, call_data, draft_data


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    yield made
    made.close()


Event = Callable[[Any, str], None]


def _registered(revision: int, **changes: Any) -> Event:
    return lambda work, call: events.call_registered(work, call_data(call, revision=revision, **changes))


def _scored(revision: int, **changes: Any) -> Event:
    return lambda work, call: events.call_scored(work, draft_data(call, revision=revision, **changes))


def _rated(rating: int, minute: int) -> Event:
    def tell(work: Any, call: str) -> None:
        at = LONG_AGO.replace(minute=minute).isoformat()
        data = {"call_id": call, "rating": rating, "channel": "ivr", "rated_at": at}
        events.call_rated(work, data, f"rated-{call}-{minute}")

    return tell


def _completed(work: Any, call: str) -> None:
    data = {
        "call_id": call,
        "recording_id": "r",
        "transcript_id": "t",
        "uri": "transcripts/t.json",
        "source": "recognizer",
        "language": "ru",
        "duration_ms": 1,
        "utterances": 1,
        "words": 1,
        "quality": "good",
        "audio_uri": "recordings/r.wav",
    }
    events.transcript_completed(work, data)


STORY: tuple[Event, ...] = (
    _registered(1, outcome="in_progress", talk_ms=0, seller_id=None),
    _registered(2),
    _scored(1, cqr=40, remarkable=[{"reason": "low_cqr"}]),
    _scored(2, call_type="objection", cqr=90),
    _rated(2, 5),
    _completed,
)


def test_any_order_leads_to_the_same_call(world: World) -> None:
    found = set()
    for number, order in enumerate(itertools.permutations(STORY)):
        if number % 8:
            continue  # 90 of 720 orders, each event told twice
        call_id = f"call-{number}"
        for event in (*order, *order):
            with world.work() as work:
                event(work, call_id)
        call = world.call(call_id)
        assert call.registration is not None
        ((risk, rating, kind),) = world.sql("SELECT risk, rating, list_type FROM calls WHERE call_id = :c", c=call_id)
        found.add(
            (
                call.status,
                call.registration.revision,
                call.seller_id,
                call.draft_revision,
                call.draft_cqr,
                call.transcript_uri,
                call.audio_uri,
                risk,
                rating,
                kind,
                call.version,
            )
        )
    assert found == {
        (
            Status.UNCLASSIFIED, 2, "marina", 2, Decimal("90.00"), "transcripts/t.json", "recordings/r.wav",
            70, 2, CallType.OBJECTION.value, 1,
        )
    }  # fmt: skip


def test_a_draft_before_the_call_waits_unseen(world: World) -> None:
    with world.work() as work:
        events.call_scored(work, draft_data("early"))
    assert world.call("early").status is None
    assert world.ask("timur", "GET", "/calls/early").status_code == 404
    assert world.ask("timur", "GET", "/calls").json()["rows"] == []
    with world.work() as work:
        events.call_registered(work, call_data("early", lead_id="lead-1"))
    assert world.call("early").status is Status.AUTO_CLASSIFIED
    assert [row["call_id"] for row in world.ask("timur", "GET", "/calls").json()["rows"]] == ["early"]


def test_an_evaluation_in_progress_keeps_its_draft(world: World) -> None:
    call_id = world.register()
    controller = journeys.send_counted(world, call_id)
    evaluation_id = journeys.take(world, call_id, controller)
    with world.work() as work:
        events.call_scored(work, draft_data(call_id, revision=2, cqr=10))
    with world.work() as work:
        evaluation = work.evaluations.load(evaluation_id)
    assert evaluation is not None
    assert (evaluation.draft_id, evaluation.draft_cqr) == (f"draft-{call_id}-1", Decimal(80))
    assert world.call(call_id).version == 3


def test_another_seller_after_approval_is_corrected_in_the_open_month(world: World) -> None:
    call_id = world.register()
    journeys.evaluate(world, call_id)
    journeys.appeal(world, call_id)
    journeys.uphold(world, call_id)
    with world.work() as work:
        month = month_of(work.now, "Europe/Moscow")
        events.call_registered(work, call_data(call_id, revision=2, seller_id="ilya"))
    with world.read() as queries:
        head = world.viewer("svetlana")
        wrong, right = queries.credit(head, "marina", month), queries.credit(head, "ilya", month)
    assert (wrong.calls, wrong.money, len(wrong.lines)) == (0, Decimal(0), 6)
    assert (right.calls, right.mean_cqr, right.money) == (1, Decimal("100.00"), Decimal(100))


def test_the_evaluator_cannot_become_the_seller(world: World) -> None:
    call_id = world.register()
    controller = journeys.evaluate(world, call_id)
    with pytest.raises(SellerIsEvaluator), world.work() as work:
        events.call_registered(work, call_data(call_id, revision=2, seller_id=controller))
    assert world.call(call_id).seller_id == "marina"


def test_only_past_months_close_and_only_once(world: World) -> None:
    with world.work() as work:
        now = month_of(work.now, "Europe/Moscow")
    with pytest.raises(BadState), world.work() as work:
        crediting.close_month(work, world.viewer("anna"), now)
    with world.work() as work:
        crediting.close_month(work, world.viewer("anna"), "2026-01")
    with pytest.raises(Outrun) as told, world.work() as work:
        crediting.close_month(work, world.viewer("anna"), "2026-01")
    assert (told.value.by, told.value.change) == ("anna", "credit.close_month")


def test_a_spam_draft_has_no_scorecard_but_a_person_may_see_more(world: World) -> None:
    with world.work() as work:
        events.call_registered(work, call_data("spam"))
        events.call_scored(work, draft_data("spam", call_type="spam", cqr=None, criteria=[]))
    controller = journeys.send_counted(world, "spam")
    evaluation_id = journeys.take(world, "spam", controller)
    page = world.ask(controller, "GET", "/calls/spam").json()["evaluation"]
    assert (page["call_type"], page["undecided"]) == ("spam", [])
    changed = world.ask(
        controller, "PUT", f"/evaluations/{evaluation_id}/type", {"call_type": "qualification"}, version=1
    )
    assert changed.json()["undecided"] == ["greeting", "objection_handling", "next_step"]
