"""Everybody's own affairs over HTTP: access tokens for programs, and how he wants to be told things."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.domain.sessions import Stage
from services.review.handlers.log_in import Present, SessionIncomplete
from services.review.handlers.tokens import make_token, revoke_token
from services.review.ports.people import AccessToken, Desk
from services.review.web.api.desk import TellerDep
from services.review.web.etags import ExpectedVersion
from services.review.web.security import GuardDep, current_session, request_id, require

router = APIRouter(prefix="/api/v1/me", tags=["me"])

Self = Annotated[Viewer, Depends(require(Action.PROFILE_MANAGE))]


def full_session(here: Annotated[Present, Depends(current_session)]) -> Present:
    """Dependency: a complete session; access tokens do not make access tokens."""
    if here.stage is not Stage.FULL:
        raise SessionIncomplete(here.stage)
    return here


class TokenIn(BaseModel):
    """A token to be made: for which actions, for how many days."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100, examples=["weekly report"])
    actions: list[Action] = Field(min_length=1, max_length=50, examples=[["call.read", "export.make"]])
    days: int = Field(ge=1, le=366)


class TokenOut(BaseModel):
    """A token without its secret."""

    token_id: str
    name: str
    actions: list[str]
    created_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    version: int


class NewTokenOut(TokenOut):
    """A new token; `secret` is seen only now and goes as `Authorization: Bearer …`."""

    secret: str


class TokensOut(BaseModel):
    """Newest first."""

    tokens: list[TokenOut]


@router.get("/tokens", summary="My access tokens")
def list_tokens(viewer: Self, guard: GuardDep) -> TokensOut:
    """Also ended and revoked ones."""
    with guard.desks.reading() as desk:
        return TokensOut(tokens=[TokenOut(**_plain(each)) for each in desk.tokens.of(viewer.person_id)])


@router.post("/tokens", status_code=201, summary="Make an access token")
def add_token(
    body: TokenIn,
    here: Annotated[Present, Depends(full_session)],
    guard: GuardDep,
    request: Request,
    teller: TellerDep,
) -> NewTokenOut:
    """Only for what the person may do himself; never for decisions about people. The secret is shown once."""

    def command(desk: Desk) -> tuple[NewTokenOut, int]:
        token, secret = make_token(
            desk,
            guard.secrets,
            here,
            name=body.name,
            actions=body.actions,
            valid_for=timedelta(days=body.days),
            request_id=request_id(request),
        )
        return NewTokenOut(secret=secret, **_plain(token)), token.version

    return teller.carry_out_in(  # type: ignore[return-value]
        guard.desks(), here.viewer, body, command, status=201, shown_once=True
    )


@router.delete("/tokens/{token_id}", status_code=204, summary="Revoke an access token")
def delete_token(
    token_id: Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9]+$")],
    viewer: Self,
    guard: GuardDep,
    version: ExpectedVersion,
    request: Request,
) -> None:
    """At once."""
    with guard.desks() as desk:
        revoke_token(desk, viewer, token_id, version, request_id=request_id(request))


def _plain(token: AccessToken) -> dict[str, Any]:
    return {
        "token_id": token.token_id,
        "name": token.name,
        "actions": sorted(token.actions),
        "created_at": token.created_at,
        "ends_at": token.ends_at,
        "revoked_at": token.revoked_at,
        "version": token.version,
    }
