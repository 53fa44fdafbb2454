"""What holds on every page: no serious barrier, nothing on the console, light enough for a weak line, quick to make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Response

from tests.browser.conftest import DESK, PHONE, Lobby, Visitor
from tests.browser.seed import ROOT
from tests.browser.serving import Place
from tests.browser.tour import stops

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
HEAVIEST_BYTES = 300 * 1024


def barriers(visitor: Visitor) -> list[str]:
    """Serious and critical violations of WCAG A and AA on the page as it stands."""
    devtools = visitor.page.context.new_cdp_session(visitor.page)
    devtools.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    asked = (
        f"axe.run({{preload: false, runOnly: {json.dumps(RULES)}}}).then((found) => JSON.stringify(found.violations))"
    )
    answer = devtools.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
    violations: list[dict[str, Any]] = json.loads(answer["result"]["value"])
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for each in violations
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize(("theme", "size"), [("light", DESK), ("dark", DESK), ("light", PHONE)])
def test_no_serious_barrier_and_a_silent_console(lobby: Lobby, place: Place, theme: str, size: tuple[int, int]) -> None:
    found: list[str] = []
    for person, pages in stops(place).items():
        visitor = lobby.visitor(person, theme=theme, size=size)
        for name, path in pages:
            visitor.page.goto(lobby.address + path)
            visitor.page.wait_for_load_state("load")
            found += [f"{name}: {each}" for each in barriers(visitor)]
        expected = ("404",) if person == "anna" else ()
        found += [fault for fault in visitor.faults if not any(each in fault for each in expected)]
    assert found == []


def test_the_call_page_in_work_has_no_barrier_in_either_theme(lobby: Lobby) -> None:
    found = []
    for theme in ("light", "dark"):
        visitor = lobby.visitor("olga", theme=theme)
        visitor.page.keyboard.press("n")
        visitor.page.wait_for_selector("main.call[data-ready]")
        visitor.page.keyboard.press("1")
        found += barriers(visitor) + visitor.faults
        visitor.page.keyboard.press("?")
        found += barriers(visitor)
    assert found == []


def test_no_page_weighs_more_than_300_kilobytes(lobby: Lobby, place: Place) -> None:
    heavy = {}
    for person, pages in stops(place).items():
        for name, path in pages:
            visitor = lobby.visitor(person)
            sizes: list[int] = []
            answers: list[Response] = []
            visitor.page.on("response", lambda answer, answers=answers: answers.append(answer))
            cold = visitor.page.context.new_cdp_session(visitor.page)
            cold.send("Network.setCacheDisabled", {"cacheDisabled": True})
            visitor.page.goto(lobby.address + path)
            visitor.page.wait_for_load_state("load")
            for answer in answers:
                if "/audio" not in answer.url and "/live" not in answer.url:
                    sizes.append(answer.request.sizes()["responseBodySize"])
            heavy[name] = sum(sizes)
            visitor.page.context.close()
            lobby.contexts.remove(visitor.page.context)
    print({name: f"{size // 1024} KiB" for name, size in heavy.items()})
    assert {name: size for name, size in heavy.items() if size > HEAVIEST_BYTES} == {}


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
