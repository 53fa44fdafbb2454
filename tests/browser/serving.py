"""The real review web app over a seeded database, in this process, for a browser to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import FastAPI

from services.review.adapters.desk import RealDesks
from services.review.adapters.hand_over import WorkHandOver
from services.review.adapters.page_shelf import RealShelf
from services.review.adapters.queries import RealReads
from services.review.adapters.secrets_of_house import Argon2Hasher, Box, RealSecrets, Totp
from services.review.adapters.work import RealWorks
from services.review.domain.rules import Rules
from services.review.domain.sessions import SessionLimits
from services.review.handlers.log_in import HouseRules
from services.review.ports.pages import Found
from services.review.web import login
from services.review.web.csrf import CookieNames
from services.review.web.pages.assets import Assets
from services.review.web.pages.house import House
from services.review.web.pages.mounting import add_pages
from services.review.web.pages.rendering import Renderer
from services.review.web.problems import add_answers
from services.review.web.security import Guard, protect
from services.runtime.database import Database
from services.runtime.storage import ObjectStorage
from tests.browser.seed import CALENDAR, ROOT


@dataclass(frozen=True)
class Place:
    """Where a seeded company lies."""

    database: Database
    storage: ObjectStorage


def app_of(place: Place) -> FastAPI:
    """The review's web app with all pages."""
    app = FastAPI()
    hasher = Argon2Hasher(memory_kib=64, time_cost=1, parallelism=1)
    guard = Guard(
        desks=RealDesks(place.database, WorkHandOver),
        hasher=hasher,
        factor=Totp(Box("of the tests")),
        secrets=RealSecrets(),
        rules=HouseRules(SessionLimits(idle=timedelta(hours=12)), factor_required=False),
        cookies=CookieNames(https=False),
        public_url=None,
    )
    house = House(
        reads=RealReads(place.database, Rules(), CALENDAR),
        desk=RealWorks(place.database, Rules(), CALENDAR),
        guard=guard,
        store=place.storage,
        renderer=Renderer(Assets(ROOT / "node_modules")),
        shelf=RealShelf(place.database, lambda *_: Found((), {}, None)),
        now=lambda: datetime.now(UTC),
    )
    add_answers(app)
    app.include_router(login.forms)
    add_pages(app, house)
    protect(app, guard)
    return app
