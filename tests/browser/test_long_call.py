"""An hour of talk opens as easily as a minute: little work for the main thread, no jumps, little laid out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.browser.conftest import Lobby
from tests.browser.seed import Seed, dialogues
from tests.browser.serving import Place

pytestmark = pytest.mark.browser

HOUR_MS = 3_600_000
LONGEST_MAIN_THREAD_MS = 1_000
WORST_SHIFT = 0.1
WATCH = """
window.seen = {tasks: [], shift: 0};
new PerformanceObserver((list) => list.getEntries().forEach((task) => window.seen.tasks.push(task.duration)))
  .observe({type: "longtask", buffered: true});
const add = (each) => { if (!each.hadRecentInput) window.seen.shift += each.value; };
new PerformanceObserver((list) => list.getEntries().forEach(add))
  .observe({type: "layout-shift", buffered: true});
"""


def hour_of_talk() -> dict[str, Any]:
    """Written dialogues one after the other until an hour is full."""
    lines: list[dict[str, Any]] = []
    shift = 0
    for dialogue in dialogues() * 4:
        for line in dialogue["utterances"]:
            lines.append({**line, "start_ms": line["start_ms"] + shift, "end_ms": line["end_ms"] + shift})
        shift = lines[-1]["end_ms"] + 1_000
        if shift > HOUR_MS:
            return {"language": "ru", "utterances": lines}
    raise AssertionError("too few dialogues for an hour")


def put_hour(place: Place) -> str:
    seed = Seed.of(place.database, place.storage)
    call_id = seed.call(9_000, hour_of_talk(), seed.now - timedelta(hours=3), audio=False)
    with seed.database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE calls SET audio_uri = (SELECT audio_uri FROM calls WHERE audio_uri IS NOT NULL LIMIT 1)"
            f" WHERE call_id = '{call_id}'"
        )
    seed.send(call_id, seed.now)
    return call_id


def test_an_hour_opens_within_a_second_of_main_thread_and_without_jumps(lobby: Lobby, place: Place) -> None:
    call_id = put_hour(place)
    seed = Seed.of(place.database, place.storage)
    with seed.at(seed.now) as work:
        call = work.calls.load(call_id)
        assert call is not None
        controller = call.assignee_id or ""
    visitor = lobby.visitor(controller)
    visitor.page.context.add_init_script(WATCH)
    timing = visitor.page.context.new_cdp_session(visitor.page)
    timing.send("Performance.enable")
    visitor.go(f"/calls/{call_id}")
    visitor.page.wait_for_selector("main.call[data-ready]")
    metrics = {each["name"]: each["value"] for each in timing.send("Performance.getMetrics")["metrics"]}
    seen = visitor.page.evaluate("window.seen")
    busy = 1000 * metrics["TaskDuration"]
    print(
        f"turns {visitor.page.locator('.turn').count()}, main thread {busy:.0f} ms,"
        f" longest task {max(seen['tasks'], default=0):.0f} ms, layout shift {seen['shift']:.4f}"
    )

    assert sum(seen["tasks"]) < LONGEST_MAIN_THREAD_MS
    assert seen["shift"] < WORST_SHIFT
    assert visitor.faults == []


def test_only_the_seen_part_of_the_dialogue_is_laid_out(lobby: Lobby, place: Place) -> None:
    call_id = put_hour(place)
    visitor = lobby.visitor("svetlana")
    visitor.page.goto(f"{lobby.address}/calls/{call_id}")
    if visitor.page.locator(".talk > li").count() == 0:
        visitor = lobby.visitor("viktor")
        visitor.go(f"/calls/{call_id}")
    hidden = visitor.page.evaluate(
        "[...document.querySelectorAll('.talk > li')]"
        ".filter((each) => !each.firstElementChild.checkVisibility({contentVisibilityAuto: true})).length"
    )
    parts = visitor.page.locator(".talk > li").count()
    assert parts > 10
    assert hidden >= parts - 3
