"""Closes months of the motivation credit; a closed month never changes (domain.md §6)."""

from __future__ import annotations

from services.review.domain.credit import is_month, month_of
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, permits
from services.review.handlers.refusals import BadInput, BadState, NotPermitted, Outrun
from services.review.ports.stores import Work

OPEN, CLOSED = 0, 1  # the only versions that a month has


def close_month(work: Work, viewer: Viewer, month: str, version: int = OPEN) -> None:
    """Closes a month that is over. Raises NotPermitted, BadInput, BadState (not over yet), Outrun (closed already)."""
    if not permits(viewer, Action.MONTH_CLOSE):
        raise NotPermitted("You may not close months.")
    if not is_month(month):
        raise BadInput("bad_month", "A month is written YYYY-MM.")
    if month >= month_of(work.now, work.rules.company_zone):
        raise BadState("not_over", "A month is closed when it is over.")
    closing = work.ledger.closing(month)
    if closing is not None:
        raise Outrun(CLOSED, *closing, "credit.close_month")
    if version != OPEN or not work.ledger.close(month, viewer.person_id, work.now):
        raise Outrun(OPEN, None, None, None)
    work.audit(viewer, "credit.close_month", "month", month, after={"closed": True})
