"""Two people, one call: exactly one wins, the other is told who, and keeps what he typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from services.review.handlers import tasking
from tests.browser.asking import assignee_of, calls_in, finished_evaluations, status_of, version_of
from tests.browser.conftest import Lobby, Visitor
from tests.browser.seed import Seed
from tests.browser.serving import Place
from tests.browser.test_controller_day import press, score_as_drafted

pytestmark = pytest.mark.browser


# Sends a form without waiting; the promise gives the address it led to, and whether a refusal is said there.
SEND = """([path, fields]) => {
  window.race = fetch(path, { method: "POST", body: new URLSearchParams(fields), headers: { Accept: "text/html" } })
    .then(async (answer) => [new URL(answer.url).pathname, await answer.text()])
    .then(([path, page]) => path + (page.includes("data-failed") ? " told" : ""));
}"""


def to_pool(place: Place, call_id: str) -> None:
    """Its controller gives the call back."""
    seed = Seed.of(place.database, place.storage)
    with seed.at(seed.now) as work:
        call = work.calls.load(call_id)
        assert call is not None
        assert call.assignee_id is not None
        tasking.give_back(work, seed.viewer(call.assignee_id), call_id, call.version)


def test_of_two_who_take_a_call_one_gets_it(lobby: Lobby, place: Place) -> None:
    call_id = calls_in(place, "listening_counted", assignee_id="olga")[0]
    to_pool(place, call_id)
    visitors = [lobby.visitor(name) for name in ("olga", "vera")]
    for visitor in visitors:
        visitor.page.locator(f"form[action='/calls/{call_id}/take'] button").wait_for()
    # Both forms were made from the same version; the second click comes from a page that is out of date.
    for visitor in visitors:
        visitor.page.evaluate("document.querySelector('[data-live-target]').removeAttribute('hx-get')")
    for visitor in visitors:
        visitor.page.locator(f"form[action='/calls/{call_id}/take'] button").click(no_wait_after=True)
    for visitor in visitors:
        visitor.page.locator("main.call[data-scoring], [data-failed]").first.wait_for()

    winner = assignee_of(place, call_id)
    scoring = [visitor.page.locator("main.call[data-scoring]").count() for visitor in visitors]
    loser = visitors[scoring.index(0)]
    assert sorted(scoring) == [0, 1]
    assert winner == ("olga", "vera")[scoring.index(1)]
    expect(loser.page.locator("[data-failed]")).to_contain_text(re.compile("у коллеги|Ольга|Вера"))
    assert loser.page.url.endswith("/work")


def test_fifty_times_two_browsers_take_one_call_and_one_gets_it(lobby: Lobby, place: Place) -> None:
    """Both forms are sent before either answer is waited for; who wins is the machine's affair."""
    names = ("olga", "vera")
    visitors = [lobby.visitor(name).go("/profile") for name in names]
    call_id = calls_in(place, "listening_counted", assignee_id="olga")[0]
    tokens = [visitor.page.locator("[name=csrf_token]").first.input_value() for visitor in visitors]
    ends = []
    for _ in range(50):
        to_pool(place, call_id)
        version = version_of(place, call_id)
        for visitor, token in zip(visitors, tokens, strict=True):
            visitor.page.evaluate(SEND, [f"/calls/{call_id}/take", {"csrf_token": token, "version": str(version)}])
        ends.append([visitor.page.evaluate("race") for visitor in visitors])
        winner = names.index(assignee_of(place, call_id) or "")
        assert [end.endswith(f"/calls/{call_id}") for end in ends[-1]] == [winner == 0, winner == 1]
        assert ends[-1][1 - winner].endswith("/work told")
    assert len(ends) == 50


def test_of_two_who_finish_one_counts_and_the_other_keeps_his_text(lobby: Lobby, place: Place) -> None:
    first, second = lobby.visitor("olga"), lobby.visitor("olga")
    call_id = calls_in(place, "listening_counted", assignee_id="olga")[0]
    press(first, "n")
    first.page.wait_for_selector("main.call[data-ready]")
    call_id = first.page.url.rsplit("/", 1)[1]
    second.go(f"/calls/{call_id}")
    second.page.wait_for_selector("main.call[data-ready]")
    press(second, "c")
    second.page.keyboard.type("Мой текст не должен пропасть")
    press(second, "Escape")
    expect(second.page.locator("#saved")).to_have_text("Сохранено в этом браузере")

    score_as_drafted(first)
    press(first, "Control+Enter")
    first.page.wait_for_url(lambda url: call_id not in url)
    score_as_drafted(second)
    press(second, "Control+Enter")

    expect(second.page.locator("#own-kept .kept-text")).to_contain_text("Мой текст не должен пропасть")
    assert status_of(place, call_id) == "evaluated_pending"
    assert finished_evaluations(place, call_id) == 1


def test_a_call_handed_over_meanwhile_is_not_lost_silently(lobby: Lobby, place: Place) -> None:
    visitor = lobby.visitor("olga")
    press(visitor, "n")
    visitor.page.wait_for_selector("main.call[data-ready]")
    call_id = visitor.page.url.rsplit("/", 1)[1]
    head = lobby.visitor("svetlana").go(f"/calls/{call_id}")
    hand_over(head, "vera", "Ольга заболела")

    score_as_drafted(visitor)
    press(visitor, "Control+Enter")
    visitor.page.wait_for_load_state()

    assert assignee_of(place, call_id) == "vera"
    assert status_of(place, call_id) == "listening_counted"
    expect(visitor.page.locator("[data-failed]").first).to_be_visible()


def hand_over(visitor: Visitor, to: str, why: str) -> None:
    visitor.page.locator("[data-opens='hand-over']").click()
    visitor.page.select_option("#hand-over [name=to]", to)
    visitor.page.fill("#hand-over [name=comment]", why)
    visitor.page.locator("#hand-over button.main").click()
    visitor.page.wait_for_url("**/work")
