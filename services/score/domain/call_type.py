"""The type of a call by rule, from its opening and its course."""

from __future__ import annotations

from services.score.domain.draft import CallType
from services.score.domain.objections import find_objections
from services.score.domain.reading import Reading

_OPENING = 5
_SHORT_CALL = 12


def guess_call_type(reading: Reading) -> CallType:
    """Spam by a wrong number in a short call; else an old refusal, a deal in work, a known offer, or acquaintance."""
    opening = reading.turns[:_OPENING]

    def opened(mark: str) -> int:
        return sum(t.count(mark) for t in opening)

    if any(t.has("wrong_number") for t in reading.turns) and len(reading.turns) <= _SHORT_CALL:
        return CallType.SPAM
    if opened("past_offer") >= 2 and reading.seller and reading.seller[0].index == 0:
        return CallType.REANIMATION
    if opened("deal") >= 2:
        return CallType.TRANSACTIONAL
    if opened("sent_offer") or len(find_objections(reading)) >= 3:
        return CallType.OBJECTION
    return CallType.QUALIFICATION
