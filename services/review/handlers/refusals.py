"""How the business says no: each refusal has a code for machines and one sentence for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.review.ports.people import AuditLog
from services.runtime.errors import NotFound, NotPermitted, Refusal, StaleVersion

__all__ = [
    "BadInput",
    "BadState",
    "ConditionUnmet",
    "IllegalMove",
    "KeyReused",
    "NotFound",
    "NotPermitted",
    "Outrun",
    "Refusal",
    "demand_seen",
]


class IllegalMove(Refusal):
    """There is no such way from the status in which the call is."""

    code = "illegal_move"


class ConditionUnmet(Refusal):
    """The way exists for this role, but something that it needs is missing; `missing` names it."""

    code = "condition_unmet"

    def __init__(self, sentence: str, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(sentence)


class BadState(Refusal):
    """The object is not in a state for this: a finished evaluation, a task that is another's; `reason` is a code."""

    code = "bad_state"

    def __init__(self, reason: str, sentence: str) -> None:
        self.reason = reason
        super().__init__(sentence)


class BadInput(Refusal):
    """What was sent cannot stand; `reason` is a code."""

    code = "bad_input"

    def __init__(self, reason: str, sentence: str) -> None:
        self.reason = reason
        super().__init__(sentence)


class KeyReused(Refusal):
    """An Idempotency-Key came again with another request."""

    code = "idempotency_key_reused"


class Outrun(StaleVersion):
    """Somebody was faster: who, when, with what, and the version that stands now."""

    def __init__(self, version: int, by: str | None, at: datetime | None, change: str | None) -> None:
        self.version = version
        self.by = by
        self.at = at
        self.change = change
        super().__init__("Somebody was faster; look at how it stands now and decide again.")


def demand_seen(
    log: AuditLog, object_kind: str, object_id: str, actions: Sequence[str], *, stands: int, seen: int | None
) -> None:
    """Raises Outrun when the version that was seen is not the one that stands; the audit log (by the actions that make
    a version) tells who was faster. `seen` None: not asked (commands of the house, forms that hold no version)."""
    if seen is None or seen == stands:
        return
    last = log.last(object_kind, object_id, actions)
    if last is None:
        raise Outrun(stands, None, None, None)
    raise Outrun(stands, last.actor_id, last.at, last.action)
