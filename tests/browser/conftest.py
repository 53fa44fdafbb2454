"""One seeded company for all browser tests, a copy of its database for each, and a real Chromium."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from services.runtime.database import Database
from services.runtime.storage import ObjectStorage
from tests.browser.seed import PASSWORD, ROOT, fill
from tests.browser.serving import Place, served

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = (1280, 720)
PHONE = (390, 844)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without it, or without the browser's packages, the tests are skipped, loudly."""
    for needed, what in ((CHROMIUM, "Chromium"), (ROOT / "node_modules", "the browser's packages (`npm ci`)")):
        if not needed.exists():
            warnings.warn(pytest.PytestWarning(f"BROWSER TESTS SKIPPED: {what} is missing at {needed}"), stacklevel=1)
            pytest.skip(f"{what} is missing at {needed}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def mould(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The seeded company; nobody changes it."""
    place = Place.at(tmp_path_factory.mktemp("company"))
    fill(place.database, place.storage, calls=72, days=20)
    with place.database.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
    place.database.close()
    return place


@pytest.fixture
def place(mould: Place, tmp_path: Path) -> Iterator[Place]:
    """This test's own copy of the database, beside the recordings of all."""
    for name in ("review.db", "review.db-wal"):
        if (mould.folder / name).exists():
            shutil.copy(mould.folder / name, tmp_path / name)
    (tmp_path / "storage").symlink_to(mould.folder / "storage")
    database = Database(f"sqlite:///{tmp_path / 'review.db'}")
    yield Place(tmp_path, database, ObjectStorage((mould.folder / "storage").resolve().as_uri()))
    database.close()


@pytest.fixture
def address(place: Place) -> Iterator[str]:
    """Where the review answers."""
    with served(place) as url:
        yield url


@dataclass
class Visitor:
    """Somebody at a browser; `faults` gathers what the console and the page complained about."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> Visitor:
        """Opens a page of ours."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self

    def log_in(self, person_id: str, password: str = PASSWORD) -> Visitor:
        """By the form."""
        self.go("/login")
        self.page.fill("[name=login]", person_id)
        self.page.fill("[name=password]", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self


@dataclass
class Lobby:
    """Lets visitors in, each with a browser of his own."""

    browser: Browser
    address: str
    contexts: list[BrowserContext] = field(default_factory=list)

    def visitor(
        self,
        person_id: str | None = None,
        *,
        size: tuple[int, int] = DESK,
        theme: str = "light",
        language: str = "ru",
        scripts: bool = True,
    ) -> Visitor:
        """Somebody, logged in when he is named."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, locale="ru-RU"
        )
        context.add_cookies(
            [
                {"name": "otzvuk-language", "value": language, "url": self.address},
                {"name": "otzvuk-theme", "value": theme, "url": self.address},
            ]
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        visitor = Visitor(context.new_page(), self.address)
        return visitor.log_in(person_id) if person_id else visitor


@pytest.fixture
def lobby(chromium: Browser, address: str) -> Iterator[Lobby]:
    """Where visitors come in."""
    made = Lobby(chromium, address)
    yield made
    for context in made.contexts:
        context.close()
