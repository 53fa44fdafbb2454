"""Leads against the contact rule: too few attempts today, never called, talked to, and what was broken."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.web.pages.routing import HouseDep, pages_router
from services.review.web.pages.tables import csv_response
from services.review.web.security import require

router = pages_router()
ROWS = 500
VIOLATIONS = 50
Reader = Annotated[Viewer, Depends(require(Action.CALL_READ))]


@router.get("/leads")
def show(
    request: Request, house: HouseDep, viewer: Reader, only: str | None = None, download: str | None = None
) -> Response:
    """Leads in work; `only` narrows them to `short`, `never` or `touched`."""
    words = house.words(request, viewer)
    everything = house.shelf.leads(viewer, ROWS)
    groups = {
        "short": [row for row in everything if row.short],
        "never": [row for row in everything if row.attempts_total == 0],
        "touched": [row for row in everything if row.touches > 0],
    }
    rows = groups.get(only or "", everything)
    if download == "leads":
        names = ("lead", "seller", "stage", "today", "total", "days", "touches")
        cells = (
            (r.lead_id, r.seller_name, r.stage, r.attempts_today, r.attempts_total, r.days, r.touches) for r in rows
        )
        return csv_response("leads", [words(f"leads.{name}") for name in names], cells)
    return house.page(
        request,
        viewer,
        "leads.html",
        rows=rows,
        only=only if only in groups else "",
        counts={"": len(everything), **{name: len(group) for name, group in groups.items()}},
        violations=house.shelf.violations(viewer, VIOLATIONS),
    )
