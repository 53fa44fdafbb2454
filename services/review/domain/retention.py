"""How long each class of personal data is kept, and what keeps it longer: a dispute that is open, or a legal hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.review.domain.statuses import Status


class DataClass(StrEnum):
    """What is removed when its time is over."""

    RECORDINGS = "recordings"  # the sound
    TRANSCRIPTS = "transcripts"  # the words, and the index that finds them
    DEAD_LETTERS = "dead_letters"  # what could not be handled, with its bytes


# While people still decide about a call, what they decide by stays.
OPEN_MATTERS = frozenset(
    {
        Status.LISTENING_FOR_ADVICE,
        Status.LISTENING_COUNTED,
        Status.LISTENING_UNCOUNTED,
        Status.EVALUATED_PENDING,
        Status.EVALUATED_APPEALED,
    }
)


@dataclass(frozen=True)
class KeepFor:
    """Days a class is kept, counted from the call (letters: from their burial); 0 is for ever."""

    data_class: DataClass
    days: int

    def cutoff(self, now: datetime) -> datetime | None:
        """What began before this instant is over its time; None: nothing ever is."""
        return None if self.days <= 0 else now - timedelta(days=self.days)


@dataclass(frozen=True)
class Overdue:
    """What would be removed of a class now: things, their bytes, the oldest, and how many are held back."""

    keep: KeepFor
    things: int
    size_bytes: int
    oldest: datetime | None
    held: int
