"""Closes months of the motivation credit; a closed month never changes (domain.md §6)."""

from __future__ import annotations

from services.review.domain.credit import is_month, month_of
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, permits
from services.review.handlers.refusals import BadInput, BadState, NotPermitted
from services.review.ports.stores import Work


def close_month(work: Work, viewer: Viewer, month: str) -> None:
    """Closes a month that is over. Raises NotPermitted, BadInput, BadState (already closed, not over yet)."""
    if not permits(viewer, Action.MONTH_CLOSE):
        raise NotPermitted("You may not close months.")
    if not is_month(month):
        raise BadInput("bad_month", "A month is written YYYY-MM.")
    if month >= month_of(work.now, work.rules.company_zone):
        raise BadState("not_over", "A month is closed when it is over.")
    if not work.ledger.close(month, viewer.person_id, work.now):
        raise BadState("closed", "This month is closed already.")
    work.audit(viewer, "credit.close_month", "month", month, after={"closed": True})
