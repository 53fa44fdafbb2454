"""Log-in by an identity provider: out with a state that one browser holds, back with a code."""

from __future__ import annotations

from datetime import timedelta

from services.review.handlers.log_in import HouseRules, Opened, WrongLogIn, log_in_by_provider
from services.review.ports.oidc import IdentityProvider, Journey
from services.review.ports.people import Desks, Secrets

LASTS = timedelta(minutes=10)


def set_out(desks: Desks, provider: IdentityProvider, secrets: Secrets, *, browser: str, next_path: str) -> str:
    """Where the browser is sent. `browser` is a secret that only this browser holds. Raises TransientError."""
    state, nonce, verifier = secrets.token(), secrets.token(), secrets.token()
    address = provider.address(state=state, nonce=nonce, verifier=verifier)
    with desks() as desk:
        desk.journeys.begin(
            Journey(secrets.hash(state), secrets.hash(browser), verifier, nonce, next_path, desk.now + LASTS)
        )
    return address


def come_back(
    desks: Desks,
    provider: IdentityProvider,
    secrets: Secrets,
    rules: HouseRules,
    *,
    browser: str,
    state: str,
    code: str,
) -> tuple[Opened, str]:
    """The session of whom the provider vouches for, and where he wanted to go. Raises WrongLogIn, TransientError."""
    with desks() as desk:
        journey = desk.journeys.end(secrets.hash(state), desk.now)
        now = desk.now
    if journey is None or journey.browser_hash != secrets.hash(browser):
        raise WrongLogIn
    identity = provider.identity(code=code, nonce=journey.nonce, verifier=journey.verifier, now=now)
    if identity is None:
        raise WrongLogIn
    opened = log_in_by_provider(desks, secrets, rules, subject=identity.subject, email=identity.email)
    return opened, journey.next_path
