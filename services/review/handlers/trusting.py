"""An administrator shows or hides the draft of a criterion for a time, whatever its agreement with people says."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from services.review.domain.agreement import DraftOverride
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, permits
from services.review.handlers.listening import text_of
from services.review.handlers.refusals import BadInput, NotFound, NotPermitted, demand_seen
from services.review.ports.people import Desk

LONGEST = timedelta(days=366)
CHANGES = ("draft.override_set", "draft.override_ended")


def set_override(
    desk: Desk,
    actor: Viewer,
    criterion: str,
    *,
    shown: bool,
    why: str,
    ends_at: datetime,
    version: int,
    request_id: str | None = None,
) -> DraftOverride:
    """From now until `ends_at` (within a year) the draft is shown, or hidden; version 0 when nothing was ever said.

    Raises NotPermitted, NotFound (no scorecard has this criterion), BadInput, Outrun.
    """
    stands = _stands(desk, actor, criterion, version)
    said = text_of(why, needed=True, what="reason")
    if not desk.now < ends_at <= desk.now + LONGEST:
        raise BadInput("bad_end", "It ends ahead, within a year.")
    override = DraftOverride(
        criterion, shown, said, actor.person_id, desk.now, ends_at, 1 if stands is None else stands.version + 1
    )
    _store(desk, actor, CHANGES[0], stands, override, request_id)
    return override


def end_override(
    desk: Desk, actor: Viewer, criterion: str, version: int, *, request_id: str | None = None
) -> DraftOverride:
    """The figures decide again. Raises NotPermitted, NotFound (nothing holds now), Outrun."""
    stands = _stands(desk, actor, criterion, version)
    if stands is None or not stands.holds(desk.now):
        raise NotFound("Nothing is said about this draft now.")
    ended = replace(stands, ends_at=desk.now, version=stands.version + 1)
    _store(desk, actor, CHANGES[1], stands, ended, request_id)
    return ended


def _stands(desk: Desk, actor: Viewer, criterion: str, version: int) -> DraftOverride | None:
    if not permits(actor, Action.SETTINGS_MANAGE):
        raise NotPermitted("Only an administrator decides whether a draft is shown.")
    if criterion not in desk.trust.known():
        raise NotFound("No scorecard has this criterion.")
    stands = desk.trust.override(criterion)
    demand_seen(desk.audit, "criterion", criterion, CHANGES, stands=stands.version if stands else 0, seen=version)
    return stands


def _store(
    desk: Desk,
    actor: Viewer,
    action: str,
    before: DraftOverride | None,
    after: DraftOverride,
    request_id: str | None,
) -> None:
    desk.trust.put(after)
    desk.audit.record(
        actor=actor,
        action=action,
        object_kind="criterion",
        object_id=after.criterion,
        before=None if before is None else _facts(before),
        after=_facts(after),
        why=after.why,
        request_id=request_id,
    )


def _facts(override: DraftOverride) -> dict[str, Any]:
    facts = asdict(override)
    return {name: facts[name] for name in ("shown", "set_by", "set_at", "ends_at", "version")}
