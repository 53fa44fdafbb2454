"""A confirmed evaluation as something to learn from: what people decided about a call that the machine had drafted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Lesson:
    """One final evaluation. `scores`: criterion → 0…1, or None where it did not apply; `overturned`: an appeal upheld.

    An overturned one is a test for ever: no new head may get wrong again what people had to put right.
    """

    call_id: str
    evaluation_id: str
    transcript_uri: str | None
    scorecard_id: str
    scorecard_version: str
    call_type: str
    scores: Mapping[str, Decimal | None]
    draft_scores: Mapping[str, Decimal | None]
    blind: bool
    overturned: bool
    evaluated_at: datetime
    approved_at: datetime
