"""Lets people in: password, second factor, a new session at every step, and no faster than guessing may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from services.review.domain.guessing import Gate, gates_for
from services.review.domain.people import Person, Viewer
from services.review.domain.sessions import (
    Session,
    SessionLimits,
    Stage,
    asks_second_factor,
    is_alive,
    is_touch_due,
    stage_of,
)
from services.review.handlers.pacing import bucket_name, refund, spend
from services.review.handlers.people import check_password
from services.review.ports.people import Credential, Desk, Desks, Hasher, SecondFactor, Secrets
from services.runtime.errors import NotPermitted, Refusal

KNOWN_FOR = timedelta(days=90)


class WrongLogIn(Refusal):
    """Name and password do not fit; the same words whether or not there is such a person."""

    code: ClassVar[str] = "wrong_log_in"

    def __init__(self) -> None:
        super().__init__("Name or password is wrong.")


class WrongCode(Refusal):
    """The code of the second factor is wrong, too old, or was used before."""

    code: ClassVar[str] = "wrong_code"

    def __init__(self) -> None:
        super().__init__("The code is wrong or was used before; wait for the next one.")


class NoSession(Refusal):
    """Nobody is logged in here, or no longer."""

    code: ClassVar[str] = "no_session"

    def __init__(self) -> None:
        super().__init__("Log in first.")


class SessionIncomplete(Refusal):
    """The session still lacks something; `stage` says what."""

    code: ClassVar[str] = "session_incomplete"

    def __init__(self, stage: Stage) -> None:
        super().__init__(f"One more step is needed: {stage.value}.")
        self.stage = stage


@dataclass(frozen=True)
class HouseRules:
    """What the house has decided about letting people in."""

    limits: SessionLimits
    factor_required: bool


@dataclass(frozen=True)
class Place:
    """From where somebody tries: his address and, if the browser brought it, the device's own long id."""

    address: str
    device: str | None = None


@dataclass(frozen=True)
class Opened:
    """A new session: the browser's id (seen only now), and what the session still lacks."""

    token: str
    stage: Stage
    person: Person


@dataclass(frozen=True)
class Present:
    """A session that is alive, and whose it is."""

    session: Session
    credential: Credential
    stage: Stage
    touch_due: bool = False

    @property
    def viewer(self) -> Viewer:
        """Who is acting."""
        return Viewer.of(self.credential.person)


def log_in(
    desks: Desks, hasher: Hasher, secrets: Secrets, rules: HouseRules, *, login: str, password: str, place: Place
) -> Opened:
    """Opens a session by name and password. Raises WrongLogIn, TooManyTries."""
    with desks() as desk:
        credential = desk.credentials.by_login(login)
        gates = _gates(desk, secrets, login, credential, place)
        spend(desk, gates)
    right = hasher.verify(credential.password_hash if credential else None, password[:1024])
    if credential is None or not right:
        raise WrongLogIn
    with desks() as desk:
        fresh = desk.credentials.of(credential.person.person_id)
        if fresh is None or not fresh.person.active or fresh.password_hash != credential.password_hash:
            raise WrongLogIn
        refund(desk, gates)
        if not asks_second_factor(fresh.person, fresh.totp_confirmed, rules.factor_required):
            _remember(desk, secrets, fresh.person.person_id, place)
        return _open(desk, secrets, rules, fresh, second_factor=False, how="password")


def log_in_by_provider(desks: Desks, secrets: Secrets, rules: HouseRules, *, subject: str, email: str | None) -> Opened:
    """Opens a session for whom the identity provider vouches; `email` only if verified there. Raises WrongLogIn.

    The provider's own second factor is the provider's affair: ours is asked all the same.
    """
    with desks() as desk:
        credential = desk.credentials.by_oidc(subject, email)
        if credential is None:
            raise WrongLogIn
        desk.credentials.bind_oidc(credential.person.person_id, subject)
        return _open(desk, secrets, rules, credential, second_factor=False, how="oidc")


def present(desk: Desk, secrets: Secrets, rules: HouseRules, token: str) -> Present:
    """The living session of a browser's id. Raises NoSession."""
    found = desk.sessions.find(secrets.hash(token))
    if found is None or not is_alive(found[0], rules.limits, desk.now):
        raise NoSession
    session, credential = found
    due = is_touch_due(session, rules.limits, desk.now)
    return Present(session, credential, _stage(credential, session, rules), due)


def touch(desks: Desks, here: Present) -> None:
    """Notes that the session is used; only now and then, see `Present.touch_due`."""
    with desks() as desk:
        desk.sessions.touch(here.session.token_hash, desk.now)


def give_code(
    desks: Desks, factor: SecondFactor, secrets: Secrets, rules: HouseRules, token: str, code: str, place: Place
) -> Opened:
    """The second factor of a session that waits for it; the session gets a new id. Raises WrongCode, TooManyTries."""
    with desks() as desk:
        here = present(desk, secrets, rules, token)
        gate = {bucket_name(secrets, Gate.SECOND_FACTOR, here.session.person_id): Gate.SECOND_FACTOR}
        spend(desk, gate)
    secret = here.credential.totp_secret
    step = factor.step_of(secret, code, desk.now) if secret and here.credential.totp_confirmed else None
    if step is None:
        raise WrongCode
    with desks() as desk:
        if not desk.credentials.use_totp_step(here.session.person_id, step):
            raise WrongCode
        refund(desk, gate)
        _remember(desk, secrets, here.session.person_id, place)
        desk.sessions.close(secrets.hash(token))
        return _open(desk, secrets, rules, here.credential, second_factor=True, how="second_factor")


def begin_enrolment(desks: Desks, factor: SecondFactor, secrets: Secrets, rules: HouseRules, token: str) -> str:
    """A new second factor for a person who has none confirmed; returns the sealed secret. Raises NotPermitted."""
    with desks() as desk:
        here = present(desk, secrets, rules, token)
        if here.credential.totp_confirmed:
            raise NotPermitted("There is a second factor already; an administrator can reset it.")
        secret = here.credential.totp_secret or factor.new_secret()
        if here.credential.totp_secret is None:
            desk.credentials.set_totp(here.session.person_id, secret)
            _record(desk, here.viewer, "person.second_factor_begun", here.session.person_id)
    return secret


def confirm_enrolment(
    desks: Desks, factor: SecondFactor, secrets: Secrets, rules: HouseRules, token: str, code: str
) -> Opened:
    """The first code of a new second factor; other sessions end, this one gets a new id. Raises WrongCode."""
    with desks() as desk:
        here = present(desk, secrets, rules, token)
        if here.credential.totp_confirmed or here.credential.totp_secret is None:
            raise NotPermitted("There is nothing to confirm.")
        gate = {bucket_name(secrets, Gate.SECOND_FACTOR, here.session.person_id): Gate.SECOND_FACTOR}
        spend(desk, gate)
    step = factor.step_of(here.credential.totp_secret, code, desk.now)
    if step is None:
        raise WrongCode
    with desks() as desk:
        person_id = here.session.person_id
        desk.credentials.confirm_totp(person_id, step, desk.now)
        desk.credentials.end_everything(person_id)
        refund(desk, gate)
        opened = _open(desk, secrets, rules, _again(desk, person_id), second_factor=True, how="enrolment")
        _record(desk, here.viewer, "person.second_factor_set", person_id)
        return opened


def change_password(
    desks: Desks, hasher: Hasher, secrets: Secrets, rules: HouseRules, token: str, *, old: str, new: str, place: Place
) -> Opened:
    """A new password by its owner; all other sessions and tokens end. Raises WrongLogIn, WeakPassword, TooManyTries."""
    with desks() as desk:
        here = present(desk, secrets, rules, token)
        if here.stage in (Stage.SECOND_FACTOR, Stage.ENROL):
            raise SessionIncomplete(here.stage)
        person = here.credential.person
        gates = _gates(desk, secrets, person.person_id, here.credential, place)
        spend(desk, gates)
    if not hasher.verify(here.credential.password_hash, old[:1024]):
        raise WrongLogIn
    check_password(new, person)
    hashed = hasher.hash(new)
    with desks() as desk:
        refund(desk, gates)
        desk.credentials.set_password(person.person_id, hashed, must_change=False, now=desk.now)
        desk.credentials.end_everything(person.person_id)
        factor = here.session.second_factor
        opened = _open(desk, secrets, rules, _again(desk, person.person_id), second_factor=factor, how="new_password")
        _record(desk, here.viewer, "person.password_changed", person.person_id)
        return opened


def log_out(desks: Desks, secrets: Secrets, token: str) -> None:
    """Ends the session; ending one that is over is no error."""
    with desks() as desk:
        found = desk.sessions.find(secrets.hash(token))
        desk.sessions.close(secrets.hash(token))
        if found is not None:
            person = found[1].person
            _record(desk, Viewer.of(person), "session.closed", person.person_id)


def _stage(credential: Credential, session: Session, rules: HouseRules) -> Stage:
    return stage_of(
        credential.person,
        session,
        enrolled=credential.totp_confirmed,
        must_change=credential.must_change,
        factor_required=rules.factor_required,
    )


def _open(
    desk: Desk, secrets: Secrets, rules: HouseRules, credential: Credential, *, second_factor: bool, how: str
) -> Opened:
    token = secrets.token()
    session = Session(
        token_hash=secrets.hash(token),
        person_id=credential.person.person_id,
        second_factor=second_factor,
        created_at=desk.now,
        seen_at=desk.now,
        ends_at=desk.now + rules.limits.absolute,
    )
    desk.sessions.open(session, credential.stamp)
    _record(desk, Viewer.of(credential.person), "session.opened", credential.person.person_id, {"how": how})
    return Opened(token, _stage(credential, session, rules), credential.person)


def _record(desk: Desk, viewer: Viewer, action: str, person_id: str, after: Mapping[str, str] | None = None) -> None:
    desk.audit.record(actor=viewer, action=action, object_kind="person", object_id=person_id, after=after)


def _again(desk: Desk, person_id: str) -> Credential:
    credential = desk.credentials.of(person_id)
    if credential is None or not credential.person.active:
        raise NoSession
    return credential


def _gates(desk: Desk, secrets: Secrets, login: str, credential: Credential | None, place: Place) -> dict[str, Gate]:
    """Names of the buckets that this try is counted in."""
    account = credential.person.person_id if credential else login.strip().lower()[:200]
    home = next((each for each in _places(secrets, place) if _is_known(desk, credential, each)), None)
    keys = {
        Gate.ACCOUNT: account,
        Gate.ACCOUNT_AND_ADDRESS: f"{account}\0{place.address}",
        Gate.KNOWN_PLACE: f"{account}\0{home}",
        Gate.ADDRESS: place.address,
    }
    return {bucket_name(secrets, gate, keys[gate]): gate for gate in gates_for(known_place=home is not None)}


def _is_known(desk: Desk, credential: Credential | None, place: str) -> bool:
    return credential is not None and desk.guesses.is_known(credential.person.person_id, place, desk.now - KNOWN_FOR)


def _places(secrets: Secrets, place: Place) -> list[str]:
    named = [f"device\0{place.device}"] if place.device else []
    return [secrets.hash(name)[:40] for name in (*named, f"address\0{place.address}")]


def _remember(desk: Desk, secrets: Secrets, person_id: str, place: Place) -> None:
    for name in _places(secrets, place):
        desk.guesses.remember(person_id, name, desk.now)
