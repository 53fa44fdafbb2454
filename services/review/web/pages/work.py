"""What waits for this person today."""

from __future__ import annotations

from fastapi import Request, Response

from services.review.domain.people import Role
from services.review.domain.permissions import Action, may_ever
from services.review.domain.tasks import FollowUpState
from services.review.handlers.telling import end_follow_up
from services.review.web.pages.house import first_page, go
from services.review.web.pages.routing import Fields, HouseDep, pages_router, version
from services.review.web.security import ViewerDep

router = pages_router()


@router.get("/")
def first(viewer: ViewerDep) -> Response:
    """To where this person's day begins."""
    return go(first_page(viewer))


@router.get("/work")
def show(request: Request, house: HouseDep, viewer: ViewerDep) -> Response:
    """His listening tasks by due time, what he may take, follow-ups and mentions."""
    with house.reads.queries() as queries:
        work = queries.my_work(viewer)
        load = queries.controller_load(viewer) if viewer.role is Role.CONTROLLER else ()
    mine = next((row for row in load if row.controller_id == viewer.person_id), None)
    return house.page(
        request,
        viewer,
        "work.html",
        work=work,
        load=mine,
        names=house.names().people,
        scores=viewer.role is Role.CONTROLLER or may_ever(viewer, Action.EVALUATE_UNCOUNTED),
    )


@router.post("/follow-ups/{follow_up_id}/done")
def done(follow_up_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """A follow-up is done."""
    with house.desk.begin() as work:
        end_follow_up(work, viewer, follow_up_id, version(fields), FollowUpState.DONE)
    return go("/work", "call.follow_up_done")
