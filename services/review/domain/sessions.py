"""How long a session lives and how far it reaches before all that is asked of the person has been given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.review.domain.people import SECOND_FACTOR_ROLES, Person


class Stage(StrEnum):
    """What a session still lacks."""

    SECOND_FACTOR = "second_factor"  # the code from the telephone
    ENROL = "enrol"  # a second factor has to be set up first
    NEW_PASSWORD = "new_password"  # noqa: S105 - somebody else knows the password
    FULL = "full"  # nothing


@dataclass(frozen=True)
class SessionLimits:
    """A session ends after `idle` without use and `absolute` after log-in, whatever happens."""

    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)
    # The time of last use is written at most this often, so that reading a page does not write.
    touch_every: timedelta = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """A session as it is stored; the browser's own id is known only as a hash."""

    token_hash: str
    person_id: str
    second_factor: bool
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


def is_alive(session: Session, limits: SessionLimits, now: datetime) -> bool:
    """Whether the session may still be used: both limits are exclusive."""
    return now < session.ends_at and now < session.seen_at + limits.idle


def is_touch_due(session: Session, limits: SessionLimits, now: datetime) -> bool:
    """Whether the time of last use should be written again."""
    return now >= session.seen_at + limits.touch_every


def asks_second_factor(person: Person, enrolled: bool, factor_required: bool) -> bool:
    """Whether this person proves himself twice; `factor_required` is the house's setting (off in the demo)."""
    return enrolled or (factor_required and person.role in SECOND_FACTOR_ROLES)


def stage_of(person: Person, session: Session, *, enrolled: bool, must_change: bool, factor_required: bool) -> Stage:
    """What the session lacks."""
    if asks_second_factor(person, enrolled, factor_required) and not session.second_factor:
        return Stage.SECOND_FACTOR if enrolled else Stage.ENROL
    if must_change:
        return Stage.NEW_PASSWORD
    return Stage.FULL
