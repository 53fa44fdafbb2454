"""A drafter with a judge behind it, so that both are measured by one command on the same data."""

from __future__ import annotations

from collections.abc import Sequence

from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import AskedItem, CallType, Draft
from services.score.domain.scorecard import Scorecard
from services.score.ports import Drafter, Judge


class JudgedDrafter:
    """Drafts, then asks the judge; `card` is what the judge is shown and what its budget is counted by."""

    def __init__(self, drafter: Drafter, judge: Judge, card: Scorecard) -> None:
        self._drafter = drafter
        self._judge = judge
        self._card = card

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem], call_type: CallType | None = None) -> Draft:
        """The draft after the second opinion."""
        return self._judge.judge(dialogue, self._drafter.draft(dialogue, items, call_type), self._card)
