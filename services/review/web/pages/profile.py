"""One's own affairs: password, second factor, what one is told and where."""

from __future__ import annotations

from fastapi import Request, Response

from services.review.web.pages.routing import HouseDep, pages_router
from services.review.web.security import ViewerDep

router = pages_router()


@router.get("/profile")
def show(request: Request, house: HouseDep, viewer: ViewerDep) -> Response:
    """Who one is here, and what one can change."""
    here = house.guard.present(request)
    names = house.names().departments
    return house.page(
        request,
        viewer,
        "profile.html",
        person=here.credential.person,
        second_factor=here.credential.totp_confirmed,
        department_names=[names.get(each, each) for each in sorted(viewer.department_ids)],
    )
