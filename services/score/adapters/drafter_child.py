"""The drafter in a process of its own: its models cannot take the service along, and a draft has a longest time."""

from __future__ import annotations

from collections.abc import Sequence

from services.runtime.children import Child
from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import AskedItem, Draft

FACTORY = "services.score.adapters.drafter:load_drafter"


class ChildDrafter:
    """See `ports.Drafter`. Raises ChildDied and ChildTimeout, which count as attempts."""

    def __init__(self, model: str, timeout_seconds: float) -> None:
        self._child = Child(FACTORY, {"model": model})
        self._timeout_seconds = timeout_seconds

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem]) -> Draft:
        draft: Draft = self._child.call("draft", dialogue, tuple(items), timeout_seconds=self._timeout_seconds)
        return draft

    def start(self) -> None:
        """Loads the models now, so that the first call need not wait for them."""
        self._child.start()

    def close(self) -> None:
        """Ends the process."""
        self._child.close()
