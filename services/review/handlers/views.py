"""Keeps, changes and drops saved views of the list of calls; only one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.review.domain.people import Viewer
from services.review.handlers.refusals import BadState, NotFound, demand_seen
from services.review.ports.books import KeptView
from services.review.ports.people import Desk


def keep_view(
    desk: Desk,
    viewer: Viewer,
    name: str,
    query: str,
    *,
    shared: bool = False,
    replaces: bool = False,
    request_id: str | None = None,
) -> KeptView:
    """A new view; with `replaces` one of the same name is written over. Raises BadState `view_exists`."""
    there = desk.views.own(viewer, name=name)
    if there is None:
        kept = desk.views.add(viewer, name, query, shared=shared)
    elif replaces:
        kept = desk.views.change(replace(there, query=query, shared=shared))
    else:
        raise BadState("view_exists", "You have a view of this name already; change that one.")
    _write_down(desk, viewer, "view.kept", kept, request_id, before=there)
    return kept


def change_view(
    desk: Desk,
    viewer: Viewer,
    view_id: str,
    version: int,
    *,
    name: str,
    query: str,
    shared: bool,
    request_id: str | None = None,
) -> KeptView:
    """Raises NotFound (also for a colleague's), Outrun, BadState `view_exists`."""
    there = _own(desk, viewer, view_id, version)
    other = desk.views.own(viewer, name=name)
    if other is not None and other.view_id != view_id:
        raise BadState("view_exists", "You have another view of this name.")
    kept = desk.views.change(replace(there, name=name, query=query, shared=shared))
    _write_down(desk, viewer, "view.kept", kept, request_id, before=there)
    return kept


def drop_view(
    desk: Desk, viewer: Viewer, view_id: str, version: int | None = None, *, request_id: str | None = None
) -> None:
    """Raises NotFound (also for a colleague's), Outrun."""
    there = _own(desk, viewer, view_id, version)
    desk.views.drop(there)
    desk.audit.record(
        actor=viewer,
        action="view.dropped",
        object_kind="view",
        object_id=view_id,
        before=_facts(there),
        request_id=request_id,
    )


def _own(desk: Desk, viewer: Viewer, view_id: str, version: int | None) -> KeptView:
    there = desk.views.own(viewer, view_id=view_id)
    if there is None:
        raise NotFound("There is no such view of yours.")
    demand_seen(desk.audit, "view", view_id, ("view.kept",), stands=there.version, seen=version)
    return there


def _write_down(
    desk: Desk, viewer: Viewer, action: str, kept: KeptView, request_id: str | None, *, before: KeptView | None
) -> None:
    desk.audit.record(
        actor=viewer,
        action=action,
        object_kind="view",
        object_id=kept.view_id,
        before=None if before is None else _facts(before),
        after=_facts(kept),
        request_id=request_id,
    )


def _facts(view: KeptView) -> Mapping[str, Any]:
    return {"name": view.name, "query": view.query, "shared": view.shared, "version": view.version}
