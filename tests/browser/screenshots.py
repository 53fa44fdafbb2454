"""Pictures of every page, both languages and themes, desk and telephone: `python -m tests.browser.screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, DESK, FLAGS, PHONE, Lobby
from tests.browser.seed import fill
from tests.browser.serving import Place, served
from tests.browser.tour import stops

SIZES = {"desk": DESK, "phone": PHONE}


def shoot(page: Page, folder: Path, name: str) -> None:
    """One picture of what is seen without scrolling."""
    page.wait_for_load_state("load")
    if page.locator("main.call #lanes").count():
        page.wait_for_selector("main.call[data-ready]")
    page.evaluate("document.querySelector('#flash')?.replaceChildren()")
    page.screenshot(path=folder / f"{name}.png")


def call_in_work(lobby: Lobby, folder: Path, look: str, **how: object) -> None:
    """The call page with some criteria decided and one in hand."""
    visitor = lobby.visitor("olga", **how)  # type: ignore[arg-type]
    visitor.page.goto(f"{lobby.address}/work")
    button = visitor.page.locator("#next-call")
    button.click()
    visitor.page.wait_for_selector("main.call[data-ready]")
    for _ in range(2):
        visitor.page.keyboard.press("Enter")
    shoot(visitor.page, folder, f"call-{look}")
    if "phone" in look:
        visitor.page.locator(".phone-tabs [data-side=worth]").click()
        shoot(visitor.page, folder, f"call-checklist-{look}")


def tour(lobby: Lobby, place: Place, folder: Path, *, size: str, theme: str, language: str) -> None:
    """All pages in one look."""
    look = f"{size}-{theme}-{language}"
    how = {"size": SIZES[size], "theme": theme, "language": language}
    for person, pages in stops(place).items():
        visitor = lobby.visitor(person, **how)  # type: ignore[arg-type]
        for name, path in pages:
            visitor.page.goto(lobby.address + path)
            shoot(visitor.page, folder, f"{name}-{look}")
        visitor.page.context.close()
        lobby.contexts.remove(visitor.page.context)
    call_in_work(lobby, folder, look, **how)


def main(folder: Path) -> None:
    """Makes all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        place = Place.at(Path(home))
        fill(place.database, place.storage, calls=100, days=30)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with served(place) as address:
            for size in SIZES:
                for theme in ("light", "dark"):
                    for language in ("ru", "en"):
                        tour(Lobby(browser, address), place, folder, size=size, theme=theme, language=language)
        browser.close()
        place.database.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots"))
