"""An hour of talk opens as easily as a minute: no jumps, little laid out, a thinned wave. Times: `long_call.py`."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Lobby
from tests.browser.long_call import cost_of, put_hour
from tests.browser.serving import Place

pytestmark = pytest.mark.browser

WORST_SHIFT = 0.1
MOST_PEAKS = 3_000
WATCH = """
window.shift = 0;
const add = (each) => { if (!each.hadRecentInput) window.shift += each.value; };
new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({type: "layout-shift", buffered: true});
"""
HIDDEN = (
    "[...document.querySelectorAll('.talk > li')]"
    ".filter((each) => !each.firstElementChild.checkVisibility({contentVisibilityAuto: true})).length"
)


def test_an_hour_opens_without_jumps_and_only_its_seen_part_is_laid_out(lobby: Lobby, place: Place) -> None:
    call_id = put_hour(place)
    visitor = lobby.visitor("svetlana")
    if visitor.page.goto(f"{lobby.address}/calls/{call_id}").status != 200:  # type: ignore[union-attr]
        visitor = lobby.visitor("viktor")
    visitor.page.context.add_init_script(WATCH)
    visitor.go(f"/calls/{call_id}")
    visitor.page.wait_for_selector("main.call[data-ready]")
    parts = visitor.page.locator(".talk > li").count()
    sound = visitor.page.request.get(f"{lobby.address}/calls/{call_id}/sound").json()

    assert visitor.page.locator(".turn").count() > 400
    assert parts > 10
    assert visitor.page.evaluate(HIDDEN) >= parts - 3
    assert max(len(channel) for channel in sound["peaks"]["channels"]) <= MOST_PEAKS
    assert visitor.page.evaluate("window.shift") < WORST_SHIFT
    assert visitor.faults == []


def test_the_cost_of_a_page_is_read_from_its_trace() -> None:
    main = {"pid": 1, "tid": 2}
    trace = {
        "traceEvents": [
            {"name": "thread_name", "args": {"name": "CrRendererMain"}, **main},
            {"name": "thread_name", "args": {"name": "Compositor"}, "pid": 1, "tid": 3},
            {"name": "RunTask", "dur": 80_000, **main},
            {"name": "RunTask", "dur": 20_000, **main},
            {"name": "RunTask", "dur": 900_000, "pid": 1, "tid": 3},
            {"name": "LayoutShift", "args": {"data": {"score": 0.02}}, **main},
        ]
    }
    cost = cost_of(trace)
    assert (cost.busy_ms, cost.long_tasks_ms, cost.shift) == (100, (80,), 0.02)
