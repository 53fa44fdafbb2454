"""What log-in by an identity provider needs from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Identity:
    """Whom the provider vouches for; `email` only if it was verified there."""

    subject: str
    email: str | None


@dataclass(frozen=True)
class Journey:
    """A log-in on its way: bound to one browser, good once until `ends_at`."""

    state_hash: str
    browser_hash: str
    verifier: str
    nonce: str
    next_path: str
    ends_at: datetime


class IdentityProvider(Protocol):
    """OpenID Connect, code with PKCE. Raises TransientError when it is away."""

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent."""

    def identity(self, *, code: str, nonce: str, verifier: str, now: datetime) -> Identity | None:
        """Who came back with the code; None when anything about the answer is wrong."""


class Journeys(Protocol):
    """Log-ins on their way."""

    def begin(self, journey: Journey) -> None: ...

    def end(self, state_hash: str, now: datetime) -> Journey | None:
        """Takes the journey, once; None when it is unknown, used, or too old. Old ones are removed."""
