"""A controller's day by keyboard alone: from the queue through whole calls, with few keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.asking import calls_in, status_of
from tests.browser.conftest import Lobby, Visitor
from tests.browser.serving import Place

pytestmark = pytest.mark.browser


def press(visitor: Visitor, *keys: str) -> int:
    for key in keys:
        visitor.page.keyboard.press(key)
    return len(keys)


def moment_at_or_after(ms: int, *, within_ms: int) -> re.Pattern[str]:
    """Any moment of the player's clock from `ms` on."""
    seconds = range(max(ms, 0) // 1000, (max(ms, 0) + within_ms) // 1000 + 1)
    return re.compile(rf"^({'|'.join(f'{each // 60}:{each % 60:02}' for each in seconds)}) ")


def in_hand(visitor: Visitor) -> tuple[str, str] | None:
    """Code and proposal of the criterion that is open."""
    open_row = visitor.page.locator(".crit[open]")
    if open_row.count() == 0:
        return None
    return open_row.get_attribute("data-code") or "", open_row.get_attribute("data-proposed") or ""


def score_as_drafted(visitor: Visitor) -> int:
    """Confirms every criterion with a proposal, gives 1 where there is none; how many keys it took."""
    keys = 0
    while (row := in_hand(visitor)) is not None:
        keys += press(visitor, "Enter" if row[1] else "1")
    return keys


def test_a_right_draft_takes_at_most_25_keys_and_leads_to_the_next_call(lobby: Lobby, place: Place) -> None:
    visitor = lobby.visitor("olga")
    before = calls_in(place, "listening_counted", assignee_id="olga")
    assert len(before) >= 2
    keys = press(visitor, "n")
    visitor.page.wait_for_url("**/calls/*")
    first = visitor.page.url.rsplit("/", 1)[1]
    keys += score_as_drafted(visitor)
    keys += press(visitor, "Control+Enter")
    visitor.page.wait_for_url(lambda url: first not in url)

    assert keys <= 25
    assert status_of(place, first) == "evaluated_pending"
    assert calls_in(place, "listening_counted", assignee_id="olga") == [each for each in before if each != first]
    assert visitor.page.locator("main.call[data-scoring]").count() == 1
    assert visitor.faults == []


def test_the_whole_queue_is_emptied_without_a_mouse(lobby: Lobby, place: Place) -> None:
    visitor = lobby.visitor("olga")
    queue = calls_in(place, "listening_counted", assignee_id="olga")
    press(visitor, "n")
    visitor.page.wait_for_url("**/calls/*")
    for _ in queue:
        here = visitor.page.url
        score_as_drafted(visitor)
        press(visitor, "Control+Enter")
        visitor.page.wait_for_url(lambda url, here=here: url != here)

    assert visitor.page.url.endswith("/work")
    assert calls_in(place, "listening_counted", assignee_id="olga") == []
    assert visitor.page.locator("#flash").inner_text().strip() != ""
    assert visitor.faults == []


def test_every_score_has_a_key_and_what_was_decided_is_kept(lobby: Lobby, place: Place) -> None:
    visitor = lobby.visitor("olga")
    press(visitor, "n")
    visitor.page.wait_for_selector("main.call[data-ready]")
    chosen = {}
    for key, value in (("0", "0"), ("5", "0.5"), ("1", "1"), ("n", "na")):
        row = in_hand(visitor)
        assert row is not None
        chosen[row[0]] = value
        press(visitor, key)
    press(visitor, "k", "c")
    visitor.page.keyboard.type("Назвал цену раньше выгоды")
    press(visitor, "Escape")
    expect(visitor.page.locator("#saved")).to_have_text("Сохранено")
    visitor.page.reload()

    picked = visitor.page.locator(".pick input:checked")
    shown = {each.get_attribute("name").removeprefix("score."): each.get_attribute("value") for each in picked.all()}
    texts = visitor.page.locator(".crit textarea").evaluate_all("all => all.map((each) => each.value).filter(Boolean)")
    assert shown == chosen
    assert texts == ["Назвал цену раньше выгоды"]


def test_player_obeys_the_keys(lobby: Lobby) -> None:
    visitor = lobby.visitor("olga")
    press(visitor, "n")
    visitor.page.wait_for_selector("main.call[data-ready]")
    clock = visitor.page.locator("#clock")
    press(visitor, "ArrowRight", "ArrowRight")
    expect(clock).to_have_text(re.compile(r"^0:10 "))
    press(visitor, "ArrowLeft")
    expect(clock).to_have_text(re.compile(r"^0:05 "))
    press(visitor, "]", "]")
    assert visitor.page.locator("#speed").input_value() == "1.5"
    press(visitor, "[")
    assert visitor.page.locator("#speed").input_value() == "1.25"
    press(visitor, " ")
    expect(visitor.page.locator("#play")).to_have_attribute("aria-label", "Пауза")
    assert visitor.page.locator(".turn.now").count() == 1
    press(visitor, " ", "?")
    assert visitor.page.locator("#keys-help").is_visible()
    press(visitor, "Escape")
    assert clock.inner_text() != ""
    assert visitor.faults == []


def test_evidence_plays_and_is_lit_where_it_was_said(lobby: Lobby) -> None:
    visitor = lobby.visitor("olga")
    press(visitor, "n")
    visitor.page.wait_for_selector("main.call[data-ready]")
    quote = visitor.page.locator(".crit[open] .quote").first
    if quote.count() == 0:
        press(visitor, "j")
    start = int(quote.get_attribute("data-start") or 0)
    turn = quote.get_attribute("data-turn")
    assert "lit" in (visitor.page.locator(f"#t{turn}").get_attribute("class") or "")
    press(visitor, "p")
    expect(visitor.page.locator("#play")).to_have_attribute("aria-label", "Пауза")
    expect(visitor.page.locator("#clock")).to_have_text(moment_at_or_after(start - 1000, within_ms=4000))


def test_a_click_on_a_word_plays_it(lobby: Lobby) -> None:
    visitor = lobby.visitor("olga")
    press(visitor, "n")
    visitor.page.wait_for_selector("main.call[data-ready]")
    last = visitor.page.locator(".turn").nth(4)
    begins = int(last.get_attribute("data-start") or 0)
    box = last.locator(".text").bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + 10)
    expect(visitor.page.locator("#play")).to_have_attribute("aria-label", "Пауза")
    ends = int(visitor.page.locator(".turn").nth(5).get_attribute("data-start") or 0)
    expect(visitor.page.locator("#clock")).to_have_text(moment_at_or_after(begins, within_ms=ends - begins + 3000))


def test_finishing_early_says_what_is_left(lobby: Lobby, place: Place) -> None:
    visitor = lobby.visitor("olga")
    press(visitor, "n")
    visitor.page.wait_for_url("**/calls/*")
    call_id = visitor.page.url.rsplit("/", 1)[1]
    press(visitor, "Enter", "Control+Enter")
    total = visitor.page.locator(".crit").count()

    assert visitor.page.locator("#saved").inner_text() == f"Осталось решить: {total - 1}"
    assert status_of(place, call_id) == "listening_counted"
