"""What the call page tells of a firm's own scorecard, and of a call that two people scored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from services.review.domain.evaluation import Verdict
from services.review.handlers import listening, tasking
from services.review.handlers.evaluating import Said, decide_criterion, finish
from services.review.web.pages.words import words_of
from services.score.adapters.scorecard_files import READY_FOLDER, load_scorecard
from tests.browser.seed import Seed, dialogues
from tests.browser.serving import Place, app_of
from tests.integration.review.test_pages import visitor

CALLS = 2
OWN = ("reach_decider", "hook", "permission", "current_supplier")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place.at(tmp_path_factory.mktemp("own"))
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def seed(place: Place) -> Seed:
    """A company that scores by a card of its own, with two calls in counted listening by two people each."""
    made = Seed(place.database, place.storage)
    made.bring_in_people()
    made.card = load_scorecard(READY_FOLDER / "cold_calls_b2b.yaml")
    for index in range(CALLS):
        call_id = made.call(index, dialogues()[index], made.now - timedelta(hours=3))
        with made.at(made.now) as work:
            call = work.calls.load(call_id)
            assert call is not None
            listening.send_sampled(work, call, why="выборка дня", blind=False, double=True)
    return made


@pytest.fixture(scope="module")
def app(place: Place, seed: Seed) -> object:
    return app_of(place)


def score(seed: Seed, call_id: str, mark: str) -> str:
    """The person whose turn it is scores every criterion alike; who it was."""
    with seed.at(seed.now) as work:
        call = work.calls.load(call_id)
        assert call is not None
        person = next(each for each in (call.assignee_id, call.second_id) if each not in (None, call.evaluator_id))
        viewer = seed.viewer(person or "")
        task = tasking.take(work, viewer, call_id, call.version)
        held = work.evaluations.load(task.evaluation_id or "")
        assert held is not None
        version = held.version
        for item in held.card.applying(held.call_type):
            said = Said(verdict=Verdict.SCORED, score=Decimal(mark))
            version = decide_criterion(work, viewer, held.evaluation_id, version, item.criterion, said).version
        finish(work, viewer, held.evaluation_id, version)
        return person or ""


def test_a_firms_own_items_stand_under_their_own_words(seed: Seed, app: object) -> None:
    page = visitor(app, "svetlana").get("/calls/call-0000").text
    labels = {each.code: each.label.ru for each in seed.card.criteria}
    names = dict(re.findall(r'id="c-(\w+)".*?<span class="name">([^<]+)', page, re.S))
    assert {code: names[code].strip() for code in OWN} == {code: labels[code] for code in OWN}
    assert [rule for rule in rules_of(seed, "hook") if rule in page] == rules_of(seed, "hook")


def test_pages_that_gather_many_cards_know_the_firms_words_too(seed: Seed, app: object) -> None:
    house = app.state.house  # type: ignore[attr-defined]
    labels = {each.code: each.label for each in seed.card.criteria}
    for language in ("ru", "en"):
        words = words_of(language).with_names(house.shelf.card_names(language))
        assert {code: words.named("criterion", code) for code in OWN} == {
            code: getattr(labels[code], language) for code in OWN
        }
        assert words.named("criterion", "greeting") == words_of(language).named("criterion", "greeting")


def rules_of(seed: Seed, code: str) -> list[str]:
    rules = next(each.rules for each in seed.card.criteria if each.code == code)
    return [each.ru for each in (rules.full, rules.half, rules.none) if each is not None]


def test_two_evaluations_stand_side_by_side_once_both_are_finished(seed: Seed, app: object) -> None:
    first = score(seed, "call-0001", "1")
    head = visitor(app, "svetlana")
    assert "tab-compare" not in head.get("/calls/call-0001").text
    second = score(seed, "call-0001", "0.5")

    page = head.get("/calls/call-0001").text
    table = page[page.index('class="compare"') :]
    names = [seed.people[each].name for each in (first, second)]
    assert re.findall(r'<th scope="col" class="num">([^<]+)</th>', table) == ["черновик", *names]
    applying = page.count('<details class="crit')
    assert table.count('<tr class="differs">') == applying > 0
    seller = next(each.person_id for each in seed.people.values() if f"{each.name}</b>" in page)
    assert "compare" not in visitor(app, seller).get("/calls/call-0001").text
