"""Where somebody chooses a table and a span of days to take away; the file itself comes from the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.review.domain.datasets import Format, What
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, may_ever
from services.review.web.pages.routing import HouseDep, pages_router
from services.review.web.security import require

router = pages_router()
MayExport = Annotated[Viewer, Depends(require(Action.EXPORT))]


@router.get("/files")
def show(request: Request, house: HouseDep, viewer: MayExport) -> Response:
    """The tables one may take."""
    return house.page(
        request,
        viewer,
        "files.html",
        tables=[what.value for what in What],
        formats=[kind.value for kind in Format],
        may_names=may_ever(viewer, Action.EXPORT_PERSONAL),
    )


@router.get("/files/table")
def table(viewer: MayExport, what: What, request: Request) -> Response:
    """To the file of the chosen table."""
    del viewer
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "what" and value]
    query = "&".join(f"{name}={value}" for name, value in asked if value.isascii() and value.replace("-", "").isalnum())
    return RedirectResponse(f"/api/v1/exports/{what.value}?{query}", status_code=303)
