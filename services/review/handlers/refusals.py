"""How the business says no: each refusal has a code for machines and one sentence for a person."""

from __future__ import annotations

from datetime import datetime

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
