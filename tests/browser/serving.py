"""The real review web app over a seeded database, in this process, for a browser to look at."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from services.review.app import make_app
from services.review.settings import Settings
from services.runtime.database import Database
from services.runtime.migrations import migrate
from services.runtime.storage import ObjectStorage
from tests.browser.seed import ROOT


@dataclass(frozen=True)
class Place:
    """Where a seeded company lies."""

    folder: Path
    database: Database
    storage: ObjectStorage

    @classmethod
    def at(cls, folder: Path) -> Place:
        """An existing or a new, empty one."""
        url = f"sqlite:///{folder / 'review.db'}"
        folder.mkdir(parents=True, exist_ok=True)
        migrate(url, "services.review")
        return cls(folder, Database(url), ObjectStorage((folder / "storage").resolve().as_uri()))


def settings_of(place: Place) -> Settings:
    """As a demo would have them: no second factor, everything in one folder."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_folder=place.folder,
        client_key_secret=SecretStr("a secret of the tests"),
        review_second_factor="off",
        review_browser_packages=ROOT / "node_modules",
    )


def app_of(place: Place) -> FastAPI:
    """The review's web app with all pages."""
    return make_app(settings_of(place), place.database)


@contextmanager
def served(place: Place) -> Iterator[str]:
    """The app on a free port of loopback; gives its address."""
    config = uvicorn.Config(app_of(place), host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        thread.join(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
