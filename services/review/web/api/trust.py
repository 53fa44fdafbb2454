"""Whether people see the draft of a criterion, over HTTP: by the figures, or by an administrator's word for a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.review.domain.agreement import DraftOverride, hidden_drafts
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.handlers.trusting import end_override, set_override
from services.review.ports.people import Desk
from services.review.web.api.calls import Text
from services.review.web.api.desk import API, TellerDep
from services.review.web.api.people import PathId
from services.review.web.api.shapes import Figure
from services.review.web.etags import ExpectedVersion
from services.review.web.security import GuardDep, request_id, require

router = APIRouter(prefix=API, tags=["overviews"])

Keeper = Annotated[Viewer, Depends(require(Action.SETTINGS_MANAGE))]


class OverrideIn(BaseModel):
    """Whether the draft is shown until then, and why."""

    model_config = ConfigDict(extra="forbid")
    shown: bool
    why: Text = Field(min_length=1, examples=["Правило уточнено, новые головы проверены"])
    ends_at: AwareDatetime


class OverrideOut(BaseModel):
    """What an administrator said last; it holds until `ends_at`."""

    model_config = ConfigDict(from_attributes=True)
    criterion: str
    shown: bool
    why: str
    set_by: str
    set_at: datetime
    ends_at: datetime
    version: int


class DraftTrustOut(BaseModel):
    """A criterion that lost its draft, or about whose draft something was said; version 0: nothing was."""

    criterion: str
    shown: bool = Field(description="Whether people see its draft now.")
    kappa: Figure | None = Field(description="With which it lost its draft; null when it did not.")
    override: OverrideOut | None
    version: int


@router.get("/draft-trust", summary="Which drafts are hidden, and why")
def read_trust(_viewer: Keeper, guard: GuardDep) -> list[DraftTrustOut]:
    """Criteria that lost their draft by the figures, and those about which an administrator said something."""
    with guard.desks.reading() as desk:
        low = desk.trust.low()
        said = {each.criterion: each for each in desk.trust.overrides()}
        hidden = hidden_drafts(low, said.values(), desk.now)
    return [_trust(criterion, criterion not in hidden, low, said) for criterion in sorted({*low, *said})]


def _trust(criterion: str, shown: bool, low: dict[str, Figure], said: dict[str, DraftOverride]) -> DraftTrustOut:
    override = said.get(criterion)
    return DraftTrustOut(
        criterion=criterion,
        shown=shown,
        kappa=low.get(criterion),
        override=None if override is None else OverrideOut.model_validate(override),
        version=0 if override is None else override.version,
    )


@router.put("/draft-trust/{criterion}", summary="Show or hide the draft of a criterion")
def put_override(
    criterion: PathId,
    body: OverrideIn,
    viewer: Keeper,
    guard: GuardDep,
    version: ExpectedVersion,
    request: Request,
    teller: TellerDep,
) -> OverrideOut:
    """For a time, with a reason, whatever the agreement says; then the figures decide again."""

    def command(desk: Desk) -> tuple[OverrideOut, int]:
        made = set_override(
            desk,
            viewer,
            criterion,
            shown=body.shown,
            why=body.why,
            ends_at=body.ends_at,
            version=version,
            request_id=request_id(request),
        )
        return OverrideOut.model_validate(made), made.version

    return teller.carry_out_in(guard.desks(), viewer, body, command)  # type: ignore[return-value]


@router.delete("/draft-trust/{criterion}", summary="Let the figures decide again")
def delete_override(
    criterion: PathId, viewer: Keeper, guard: GuardDep, version: ExpectedVersion, request: Request, teller: TellerDep
) -> OverrideOut:
    """At once."""

    def command(desk: Desk) -> tuple[OverrideOut, int]:
        ended = end_override(desk, viewer, criterion, version, request_id=request_id(request))
        return OverrideOut.model_validate(ended), ended.version

    return teller.carry_out_in(guard.desks(), viewer, None, command)  # type: ignore[return-value]
