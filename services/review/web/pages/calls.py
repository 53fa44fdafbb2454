"""The list of calls: narrowed by words that can be removed, searched, paged by keyset, sent to listening in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response

from services.review.domain.calls import CallType
from services.review.domain.drafting import RISKS
from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import Action, may_ever
from services.review.domain.statuses import PRELIMINARY, Status
from services.review.domain.views import CallRow
from services.review.handlers import listening, views
from services.review.handlers.refusals import Refusal
from services.review.ports.books import KeptView
from services.review.web.pages.filters import OUTCOMES, Asked, Names, read
from services.review.web.pages.house import House, go
from services.review.web.pages.routing import Fields, HouseDep, own, pages_router, text
from services.review.web.pages.words import Words
from services.review.web.security import ViewerDep, request_id, require
from services.runtime.errors import StaleVersion

router = pages_router()
Reader = Annotated[Viewer, Depends(require(Action.CALL_READ))]
ROWS = 50
MOST_SENT = 200


@router.get("/calls")
def show(request: Request, house: HouseDep, viewer: Reader, cursor: str | None = None) -> Response:
    """The list that the address asks for."""
    words = house.words(request, viewer)
    names = house.names()
    asked = read(request.query_params.multi_items(), words, viewer.zone, names)
    rows, next_cursor, hits = _rows(house, viewer, asked, cursor)
    next_query = urlencode([*asked.pairs, ("cursor", next_cursor)]) if next_cursor else None
    return house.page(
        request,
        viewer,
        "calls.html",
        heading=words("calls.title"),
        asked=asked,
        rows=rows,
        hits=hits,
        next_href=f"/calls?{next_query}" if next_query else None,
        paged=cursor is not None,
        preliminary=PRELIMINARY,
        may_send=may_ever(viewer, Action.SEND_COUNTED),
        may_export=may_ever(viewer, Action.EXPORT),
        views=_own_views(house, viewer),
        presets=presets(words, viewer),
        statuses=[status.value for status in Status],
        types=[kind.value for kind in CallType],
        outcomes=OUTCOMES,
        reasons=_reasons(viewer, words),
        shows_controller=viewer.role not in (Role.SELLER, Role.CONTROLLER),
        narrowed=lambda name, value: _with(asked, name, value),
        **_choices(house, viewer, names),
    )


def _rows(
    house: House, viewer: Viewer, asked: Asked, cursor: str | None
) -> tuple[Sequence[CallRow], str | None, dict[str, object]]:
    if asked.text:
        found = house.shelf.find(viewer, asked.text, asked.filters, cursor, ROWS, asked.sort)
        return found.rows, found.next_cursor, dict(found.hits)
    with house.reads.queries() as queries:
        page = queries.call_list(viewer, asked.filters, sort=asked.sort, cursor=cursor, limit=ROWS)
    return page.rows, page.next_cursor, {}


def _own_views(house: House, viewer: Viewer) -> list[KeptView]:
    with house.guard.desks.reading() as desk:
        return [view for view in desk.views.seen_by(viewer) if view.mine]


def _with(asked: Asked, name: str, value: str | None) -> str:
    pairs = [pair for pair in asked.pairs if pair[0] != name]
    return "/calls?" + urlencode([*pairs, (name, value)] if value else pairs)


def _choices(house: House, viewer: Viewer, names: Names) -> dict[str, Any]:
    """Sellers, controllers and departments that this person may choose among."""
    if viewer.role in (Role.SELLER, Role.CONTROLLER):
        return {"sellers": (), "controllers": (), "departments": ()}
    with house.guard.desks.reading() as desk:
        people = [each for each in desk.people.everybody(active=True) if _of_his(viewer, each.department_ids)]
        departments = [(each.department_id, each.name) for each in desk.people.departments()]
    if viewer.role is Role.HEAD:
        departments = [pair for pair in departments if pair[0] in viewer.department_ids]
    sellers = [(each.person_id, each.name) for each in people if each.role is Role.SELLER]
    if viewer.role is Role.MENTOR:
        sellers = [pair for pair in sellers if pair[0] in viewer.mentee_ids]
    return {
        "sellers": sellers,
        "controllers": [(each.person_id, each.name) for each in people if each.role is Role.CONTROLLER],
        "departments": departments if len(departments) > 1 else (),
    }


def _of_his(viewer: Viewer, department_ids: frozenset[str]) -> bool:
    return viewer.role is not Role.HEAD or not department_ids or bool(department_ids & viewer.department_ids)


def _reasons(viewer: Viewer, words: Words) -> list[tuple[str, str]]:
    if not may_ever(viewer, Action.DRAFT_READ):
        return []
    return [("any", words("calls.any_reason")), *((code, words.named("remarkable", code)) for code in RISKS)]


def presets(words: Words, viewer: Viewer) -> tuple[dict[str, str], ...]:
    """Views that everybody has from the start."""
    asked = [
        ("calls.with_flags", "flag=1"),
        ("calls.appealed", "appealed=1"),
        ("calls.overdue", "overdue=1&sort=due"),
        ("calls.worst", "sort=cqr"),
    ]
    if viewer.role is Role.SELLER:
        asked = [("status.evaluated_pending", "status=evaluated_pending"), ("calls.appealed", "appealed=1")]
    return tuple({"name": words(key), "query": query} for key, query in asked)


@router.post("/calls/send")
def send(request: Request, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """The chosen calls to counted listening, each by itself: what cannot be sent does not stop the others."""
    chosen = [call_id for call_id in fields.getlist("call") if isinstance(call_id, str)][:MOST_SENT]
    sent = sum(_sent(house, viewer, call_id) for call_id in chosen)
    back = own(request, text(fields, "back", "/calls"))
    if sent == len(chosen):
        return go(back, "calls.sent", n=sent)
    return go(back, "calls.sent_some", "attention", n=sent, m=len(chosen) - sent)


def _sent(house: House, viewer: Viewer, call_id: str) -> bool:
    try:
        with house.desk.begin() as work:
            call = work.calls.load(call_id)
            if call is None:
                return False
            listening.send_counted(work, viewer, call_id, call.version)
    except (Refusal, StaleVersion):
        return False
    return True


@router.post("/views")
def save_view(request: Request, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """Keeps the list's conditions under a name."""
    name, query = text(fields, "name").strip()[:80], text(fields, "query")[:2000]
    with house.guard.desks() as desk:
        views.keep_view(desk, viewer, name, query, replaces=True, request_id=request_id(request))
    return go(f"/calls?{query}", "calls.view_saved", name=name)


@router.post("/views/{view_id}/delete")
def drop_view(view_id: str, request: Request, house: HouseDep, viewer: ViewerDep) -> Response:
    """Forgets a saved view."""
    dropped = next((view for view in _own_views(house, viewer) if view.view_id == view_id), None)
    if dropped is None:
        return go("/calls")
    with house.guard.desks() as desk:
        views.drop_view(desk, viewer, view_id, request_id=request_id(request))
    return go("/calls", "calls.view_dropped", back=(f"/calls?{dropped.query}", "calls.view_again"), name=dropped.name)
