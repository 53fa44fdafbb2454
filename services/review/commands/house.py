"""Opens the house for a command: database, desk and secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.review.adapters.desk import RealDesks
    from services.review.ports.people import Hasher, Secrets
    from services.runtime.database import Database


@dataclass(frozen=True)
class House:
    """The real parts that commands work with."""

    database: Database
    desks: RealDesks
    hasher: Hasher
    secrets: Secrets


def open_house() -> House:
    """Brings the database up to date and opens it."""
    from services.review.adapters.desk import RealDesks
    from services.review.adapters.hand_over import WorkHandOver
    from services.review.adapters.secrets_of_house import Argon2Hasher, RealSecrets
    from services.review.settings import Settings
    from services.runtime.database import Database
    from services.runtime.migrations import migrate

    settings = Settings.load()
    url = settings.database("review", settings.review_database_url)
    migrate(url, "services.review")
    database = Database(url)
    return House(database, RealDesks(database, WorkHandOver), Argon2Hasher(), RealSecrets())
