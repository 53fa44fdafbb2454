"""What holds on every page: no serious barrier, nothing on the console, light enough for a weak line, quick to make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import CDPSession

from tests.browser.conftest import DESK, PHONE, Lobby, Visitor
from tests.browser.seed import ROOT
from tests.browser.serving import Place
from tests.browser.tour import stops

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES: dict[str, Any] = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST: dict[str, Any] = {"type": "rule", "values": ["color-contrast"]}
LOOKS = ((DESK, "light", RULES), (DESK, "dark", CONTRAST), (PHONE, "dark", RULES), (PHONE, "light", CONTRAST))
HEAVIEST_BYTES = 300 * 1024


def look_over(visitor: Visitor) -> list[str]:
    """Serious and critical violations of WCAG A and AA, on a desk and a telephone, in both themes.

    What a theme can change is contrast; so the other rules are asked once a size.
    """
    devtools = visitor.page.context.new_cdp_session(visitor.page)
    devtools.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = []
    for size, theme, rules in LOOKS:
        visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
        visitor.page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found += [f"{size[0]} px, {theme}: {each}" for each in _barriers(devtools, rules)]
    visitor.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    devtools.detach()
    return found


def _barriers(devtools: CDPSession, rules: dict[str, Any]) -> list[str]:
    asked = (
        f"axe.run({{preload: false, runOnly: {json.dumps(rules)}}}).then((found) => JSON.stringify(found.violations))"
    )
    answer = devtools.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
    violations: list[dict[str, Any]] = json.loads(answer["result"]["value"])
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for each in violations
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]


def test_no_serious_barrier_in_any_look_and_a_silent_console(lobby: Lobby, place: Place) -> None:
    found: list[str] = []
    for person, pages in stops(place).items():
        visitor = lobby.visitor(person)
        for name, path in pages:
            visitor.page.goto(lobby.address + path)
            visitor.page.wait_for_load_state("load")
            found += [f"{name}: {each}" for each in look_over(visitor)]
        expected = ("404",) if person == "anna" else ()
        found += [fault for fault in visitor.faults if not any(each in fault for each in expected)]
    assert found == []


def test_what_opens_on_a_page_has_no_barrier_either(lobby: Lobby) -> None:
    visitor = lobby.visitor("olga")
    visitor.page.keyboard.press("n")
    visitor.page.wait_for_selector("main.call[data-ready]")
    visitor.page.keyboard.press("1")
    found = look_over(visitor)
    visitor.page.keyboard.press("?")
    found += look_over(visitor)
    head = lobby.visitor("svetlana").go("/calls")
    for opener in (".filters summary", ".page-head summary"):
        head.page.locator(opener).first.click()
        found += look_over(head)
    assert found + visitor.faults + head.faults == []


def test_no_page_weighs_more_than_300_kilobytes(lobby: Lobby, place: Place) -> None:
    weights: dict[str, int] = {}
    for person, pages in stops(place).items():
        visitor = lobby.visitor(person)
        wire = visitor.page.context.new_cdp_session(visitor.page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sounds: set[str] = set()
        sizes: dict[str, float] = {}
        _weigh(wire, sounds, sizes)
        for name, path in pages:
            sizes.clear()
            visitor.page.goto("about:blank")
            visitor.page.goto(lobby.address + path)
            visitor.page.wait_for_load_state("networkidle" if "/calls/" in path else "load")
            weights[name] = int(sum(size for request, size in sizes.items() if request not in sounds))
    print({name: f"{size // 1024} KiB" for name, size in weights.items()})
    assert min(weights.values()) > 10_000
    assert {name: size for name, size in weights.items() if size > HEAVIEST_BYTES} == {}


def _weigh(wire: CDPSession, sounds: set[str], sizes: dict[str, float]) -> None:
    """Notes the bytes on the wire of every request, and which requests are sound."""

    def received(got: dict[str, Any]) -> None:
        if "/audio" in got["response"]["url"]:
            sounds.add(got["requestId"])

    def finished(got: dict[str, Any]) -> None:
        sizes[got["requestId"]] = got["encodedDataLength"]

    wire.on("Network.responseReceived", received)
    wire.on("Network.loadingFinished", finished)


def test_nothing_moves_the_frame_on_a_desk(lobby: Lobby) -> None:
    visitor = lobby.visitor("olga")
    visitor.page.keyboard.press("n")
    visitor.page.wait_for_selector("main.call[data-ready]")
    whole = visitor.page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert whole == [720, 1280]


def test_no_page_is_wider_than_a_telephone(lobby: Lobby, place: Place) -> None:
    wide = {}
    for person, pages in stops(place).items():
        visitor = lobby.visitor(person, size=PHONE)
        for name, path in pages:
            visitor.page.goto(lobby.address + path)
            width = visitor.page.evaluate("document.documentElement.scrollWidth")
            if width > PHONE[0]:
                wide[name] = width
    assert wide == {}
