"""A seller's grievance from the message to the decision, also without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.asking import calls_in, status_of
from tests.browser.conftest import PASSWORD, Lobby
from tests.browser.serving import Place

pytestmark = pytest.mark.browser


def pending(place: Place) -> tuple[str, str]:
    """An evaluated call of the contact centre, and its seller."""
    for seller in ("marina", "ilya", "alina"):
        for call_id in calls_in(place, "evaluated_pending", seller_id=seller):
            return call_id, seller
    raise AssertionError("the seed has no evaluated call")


def test_from_the_message_to_the_decision(lobby: Lobby, place: Place) -> None:
    call_id, seller = pending(place)
    visitor = lobby.visitor()
    visitor.page.goto(f"{lobby.address}/calls/{call_id}")
    visitor.page.fill("[name=login]", seller)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/calls/{call_id}")

    visitor.page.locator("#tab-appeal").click()
    rows = visitor.page.locator(".appeal-row", has=visitor.page.locator(".score.s0, .score.s05"))
    rows.first.locator("[type=checkbox]").check()
    code = rows.first.locator("[type=checkbox]").get_attribute("value")
    rows.first.locator("[type=text]").fill("Это было на первой минуте.")
    visitor.page.fill("#panel-appeal textarea", "Прошу пересмотреть.")
    visitor.page.locator("#panel-appeal button.main").click()
    expect(visitor.page.locator("#flash")).to_contain_text("Апелляция отправлена")
    assert status_of(place, call_id) == "evaluated_appealed"

    head = lobby.visitor("svetlana").go("/team")
    head.page.locator(f"#appeals a[href='/calls/{call_id}#tab-appeal']").first.click()
    head.page.select_option(f"[name='corrected.{code}']", "1")
    head.page.fill("#panel-appeal textarea", "Верно, на первой минуте.")
    head.page.locator("[name=decision][value=uphold]").click()
    expect(head.page.locator("#flash")).to_contain_text("Апелляция удовлетворена")
    assert status_of(place, call_id) == "approved_overturned"

    visitor.page.reload()
    expect(visitor.page.locator("#panel-appeal")).to_contain_text("Верно, на первой минуте.")
    assert visitor.faults == []
    assert head.faults == []


def test_without_a_reason_it_does_not_stand_and_nothing_changes(lobby: Lobby, place: Place) -> None:
    call_id, seller = pending(place)
    visitor = lobby.visitor(seller).go(f"/calls/{call_id}")
    visitor.page.locator("#tab-appeal").click()
    visitor.page.fill("#panel-appeal textarea", "Просто не согласен.")
    visitor.page.locator("#panel-appeal button.main").click()
    expect(visitor.page.locator("#flash")).to_contain_text("Отметьте, с какими оценками вы не согласны")
    visitor.page.locator("#tab-appeal").click()

    expect(visitor.page.locator("#panel-appeal textarea")).to_have_value("Просто не согласен.")
    assert status_of(place, call_id) == "evaluated_pending"


def test_reading_listening_and_appealing_need_no_scripts(lobby: Lobby, place: Place) -> None:
    call_id, seller = pending(place)
    visitor = lobby.visitor(scripts=False)
    visitor.go("/login")
    visitor.page.fill("[name=login]", seller)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.locator("button.main").click()
    visitor.go(f"/calls/{call_id}")

    expect(visitor.page.locator("audio")).to_be_visible()
    expect(visitor.page.locator(".turn").last).to_be_visible()
    visitor.page.locator("input[name=criterion]").first.check()
    visitor.page.fill("#panel-appeal textarea", "Без скриптов тоже не согласен.")
    visitor.page.locator("#panel-appeal button.main").click()
    assert status_of(place, call_id) == "evaluated_appealed"


def test_a_seller_sees_neither_drafts_nor_other_peoples_calls(lobby: Lobby, place: Place) -> None:
    call_id, seller = pending(place)
    own = calls_in(place, "approved_evaluated", seller_id=seller)
    visitor = lobby.visitor(seller).go(f"/calls/{call_id}")
    assert visitor.page.locator(".score.proposed, .reason, .quote").count() == 0
    foreign = next(each for each in calls_in(place, "approved_evaluated") if each not in own)
    answer = visitor.page.goto(f"{lobby.address}/calls/{foreign}")
    assert answer is not None
    assert answer.status == 404
    expect(visitor.page.locator("h1")).to_have_text("Не получилось")
