"""Personal access tokens: a program acts for a person, for some actions, until a date."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import ClassVar

from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, may_ever
from services.review.domain.sessions import asks_second_factor
from services.review.handlers.log_in import HouseRules, NoSession, Present
from services.review.handlers.refusals import demand_seen
from services.review.ports.people import AccessToken, Desk, Secrets
from services.runtime.errors import NotFound, Refusal

PREFIX = "otz_"
LONGEST = timedelta(days=366)
MOST = 20

# What a program never does for a person: these want him at the keyboard.
NEVER = frozenset({Action.PROFILE_MANAGE, Action.PEOPLE_MANAGE, Action.DECIDE_APPEAL, Action.MONTH_CLOSE})


class BadToken(Refusal):
    """The token that was asked for cannot be given."""

    code: ClassVar[str] = "bad_token"


def make_token(
    desk: Desk,
    secrets: Secrets,
    here: Present,
    *,
    name: str,
    actions: Collection[Action],
    valid_for: timedelta,
    request_id: str | None = None,
) -> tuple[AccessToken, str]:
    """A new token and its secret, which is seen only now. Raises BadToken."""
    viewer = here.viewer
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise BadToken("Give the token a name.")
    if not actions or any(action in NEVER or not may_ever(viewer, action) for action in actions):
        raise BadToken("A token can only be given for what you may do yourself, and not for decisions about people.")
    if not timedelta(0) < valid_for <= LONGEST:
        raise BadToken("A token is good for at most a year.")
    good = [each for each in desk.tokens.of(viewer.person_id) if each.revoked_at is None and each.ends_at > desk.now]
    if len(good) >= MOST:
        raise BadToken("Revoke a token first; there are twenty.")
    secret = PREFIX + secrets.token()
    token = AccessToken(
        token_id=secrets.hash(secret)[:12],
        person_id=viewer.person_id,
        name=name.strip(),
        actions=frozenset(action.value for action in actions),
        created_at=desk.now,
        ends_at=desk.now + valid_for,
        revoked_at=None,
    )
    desk.tokens.add(token, secrets.hash(secret), here.credential.stamp)
    desk.audit.record(
        actor=viewer,
        action="token.made",
        object_kind="token",
        object_id=token.token_id,
        after={"actions": sorted(token.actions), "ends_at": token.ends_at},
        request_id=request_id,
    )
    return token, secret


def revoke_token(desk: Desk, viewer: Viewer, token_id: str, version: int, *, request_id: str | None = None) -> None:
    """Ends one of the viewer's own tokens. Raises NotFound, Outrun (it is revoked already)."""
    held = next((each for each in desk.tokens.of(viewer.person_id) if each.token_id == token_id), None)
    if held is None:
        raise NotFound("There is no such token.")
    demand_seen(desk.audit, "token", token_id, ("token.made", "token.revoked"), stands=held.version, seen=version)
    if not desk.tokens.revoke(viewer.person_id, token_id, desk.now):
        raise NotFound("There is no such token.")
    desk.audit.record(
        actor=viewer, action="token.revoked", object_kind="token", object_id=token_id, request_id=request_id
    )


def viewer_of_token(desk: Desk, secrets: Secrets, rules: HouseRules, secret: str) -> Viewer:
    """Who acts by this token, narrowed to its actions. Raises NoSession."""
    found = desk.tokens.find(secrets.hash(secret), desk.now) if secret.startswith(PREFIX) else None
    if found is None:
        raise NoSession
    token, credential = found
    asked = asks_second_factor(credential.person, credential.totp_confirmed, rules.factor_required)
    if credential.must_change or (asked and not credential.totp_confirmed):
        raise NoSession
    return Viewer.of(credential.person, narrowed_to=token.actions)
