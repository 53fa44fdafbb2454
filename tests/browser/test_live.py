"""News without reload, blind calls without a draft, another type with other weights, a company's words on the phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from services.review.handlers import listening, tasking
from tests.browser.asking import calls_in
from tests.browser.conftest import PHONE, Lobby
from tests.browser.seed import Seed, dialogues
from tests.browser.serving import Place
from tests.browser.test_controller_day import press

pytestmark = pytest.mark.browser


def blind_call(place: Place) -> str:
    """A call of the contact centre in listening, to be scored without sight of the draft."""
    seed = Seed.of(place.database, place.storage)
    for index in range(9_000, 9_010):
        call_id = seed.call(index, dialogues()[index % 10], seed.now - timedelta(hours=2))
        with seed.at(seed.now) as work:
            call = work.calls.load(call_id)
            assert call is not None
            sent = listening.send_sampled(work, call, why="выборка дня", blind=True, double=False)
            if sent.assignee_id == "olga":
                return call_id
    raise AssertionError("no call went to the controller")


def test_a_new_task_appears_without_reload(lobby: Lobby, place: Place) -> None:
    visitor = lobby.visitor("olga")
    rows = visitor.page.locator("#work tbody tr")
    before = rows.count()
    visitor.page.evaluate("window.notReloaded = true")
    blind_call(place)

    expect(rows).to_have_count(before + 1, timeout=15_000)
    assert visitor.page.evaluate("window.notReloaded") is True
    assert visitor.faults == []


def test_an_open_call_says_that_somebody_moved_it_on(lobby: Lobby, place: Place) -> None:
    call_id = calls_in(place, "listening_counted", department_id="contact-centre")[0]
    visitor = lobby.visitor("svetlana").go(f"/calls/{call_id}")
    visitor.page.wait_for_selector("main.call[data-ready]")
    seed = Seed.of(place.database, place.storage)
    with seed.at(seed.now) as work:
        call = work.calls.load(call_id)
        assert call is not None
        tasking.take(work, seed.viewer(call.assignee_id or ""), call_id, call.version)

    expect(visitor.page.locator("#flash")).to_contain_text("Этот звонок изменили", timeout=15_000)
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="Показать").click()
    assert visitor.faults == []


def test_lists_go_by_keyboard(lobby: Lobby) -> None:
    visitor = lobby.visitor("svetlana").go("/calls")
    links = visitor.page.locator("td.main a")
    press(visitor, "j", "j")
    expect(links.nth(1)).to_be_focused()
    press(visitor, "k")
    expect(links.nth(0)).to_be_focused()
    press(visitor, "/")
    expect(visitor.page.locator("#q")).to_be_focused()


def test_a_blind_call_shows_no_draft_no_confidence_no_zones(lobby: Lobby, place: Place) -> None:
    call_id = blind_call(place)
    visitor = lobby.visitor("olga").go(f"/calls/{call_id}")
    visitor.page.locator("#take").click()
    visitor.page.wait_for_selector("main.call[data-scoring][data-ready]")

    assert (
        visitor.page.locator(".score.proposed, .pick .proposed, .reason, .quote, .zone, .mark, .turn .tag").count() == 0
    )
    expect(visitor.page.locator(".call-line.second")).to_contain_text("Слепая оценка")
    press(visitor, "Enter")
    assert visitor.page.locator(".pick input:checked").count() == 0
    press(visitor, "1")
    expect(visitor.page.locator(".pick input:checked")).to_have_count(1)


def test_another_type_has_other_weights_and_keeps_what_was_decided(lobby: Lobby) -> None:
    visitor = lobby.visitor("olga")
    press(visitor, "n")
    visitor.page.wait_for_selector("main.call[data-ready]")
    press(visitor, "1")
    kind = visitor.page.locator("#kind")
    other = "objection" if kind.input_value() != "objection" else "reanimation"
    heavier = {"objection": "×4", "reanimation": "×2"}[other]
    press(visitor, "t")
    with visitor.page.expect_navigation():
        kind.select_option(other)
    visitor.page.wait_for_selector("main.call[data-ready]")

    assert kind.input_value() == other
    assert visitor.page.locator("#c-objection_handling [data-weight]").inner_text() == heavier
    assert visitor.page.locator(".pick input:checked").count() == 1


def test_on_a_telephone_the_player_stays_and_the_sides_change(lobby: Lobby, place: Place) -> None:
    call_id = calls_in(place, "approved_evaluated", evaluator_id="olga")[-1]
    visitor = lobby.visitor("olga", size=PHONE).go(f"/calls/{call_id}")
    expect(visitor.page.locator("#said")).to_be_visible()
    visitor.page.locator(".phone-tabs [data-side=worth]").click()
    expect(visitor.page.locator("#said")).to_be_hidden()
    expect(visitor.page.locator("#play")).to_be_in_viewport()
    expect(visitor.page.locator(".crit").first).to_be_in_viewport(ratio=0.9)


def test_searching_leads_to_the_place_where_it_was_said(lobby: Lobby) -> None:
    visitor = lobby.visitor("svetlana").go("/calls")
    visitor.page.fill("#q", "окно")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/calls?q=*")
    hit = visitor.page.locator(".hit a").first
    words = hit.locator("mark").first.inner_text()
    turn = (hit.get_attribute("href") or "").rsplit("#", 1)[1]
    hit.click()
    visitor.page.wait_for_url(f"**#{turn}")
    expect(visitor.page.locator(f"#{turn}")).to_contain_text(words)
    expect(visitor.page.locator(f"#{turn}")).to_be_in_viewport()


def test_a_view_is_kept_and_opens_the_same_list(lobby: Lobby) -> None:
    visitor = lobby.visitor("svetlana").go("/calls?flag=1&status=approved_evaluated")
    before = visitor.page.locator("#list tbody tr").count()
    visitor.page.locator("summary", has_text="Сохранённые виды").click()
    visitor.page.fill("[name=name]", "Флаги в зачёте")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#flash")).to_contain_text("сохранён")
    visitor.go("/calls")
    visitor.page.locator("summary", has_text="Сохранённые виды").click()
    visitor.page.get_by_role("link", name="Флаги в зачёте").click()
    visitor.page.wait_for_url("**flag=1**")
    assert visitor.page.locator("#list tbody tr").count() == before


def test_chosen_calls_go_to_listening_together(lobby: Lobby, place: Place) -> None:
    before = calls_in(place, "listening_counted")
    visitor = lobby.visitor("svetlana").go("/calls")
    boxes = visitor.page.locator("input[name=call]")
    chosen = [boxes.nth(at).get_attribute("value") for at in range(2)]
    for at in range(2):
        boxes.nth(at).check()
    expect(visitor.page.locator("[data-chosen]")).to_have_text("выбрано: 2")
    visitor.page.get_by_role("button", name="На прослушку в зачёт").click()
    visitor.page.get_by_role("button", name="Отмена").click()
    assert calls_in(place, "listening_counted") == before
    visitor.page.get_by_role("button", name="На прослушку в зачёт").click()
    visitor.page.get_by_role("button", name="Подтвердить").click()
    expect(visitor.page.locator("#flash")).to_contain_text("Отправлено на прослушку: 2")
    assert set(chosen) <= set(calls_in(place, "listening_counted"))
