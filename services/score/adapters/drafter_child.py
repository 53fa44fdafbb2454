"""The drafter in a process of its own: its models cannot take the service along, and a draft has a longest time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from services.runtime.children import Child
from services.runtime.errors import OtzvukError
from services.runtime.logs import log
from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import AskedItem, CallType, Draft

FACTORY = "services.score.adapters.drafter:load_drafter"


class ChildDrafter:
    """See `ports.Drafter`. Raises ChildDied and ChildTimeout, which count as attempts.

    `model` is asked before each draft; when it names other heads than those loaded they take over, and when they
    cannot be loaded the old ones stay until it names yet others.
    """

    def __init__(self, model: Callable[[], str], timeout_seconds: float) -> None:
        self._ask = model
        self._timeout_seconds = timeout_seconds
        self._one_at_a_time = threading.Lock()
        self._wanted = model()
        self._child = Child(FACTORY, {"model": self._wanted})

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem], call_type: CallType | None = None) -> Draft:
        with self._one_at_a_time:  # so that no change of heads ends a draft that is under way
            self._take_the_wanted_heads()
            draft: Draft = self._child.call(
                "draft", dialogue, tuple(items), call_type, timeout_seconds=self._timeout_seconds
            )
        return draft

    def start(self) -> None:
        """Loads the models now, so that the first call need not wait for them."""
        self._child.start()

    def close(self) -> None:
        """Ends the process."""
        self._child.close()

    def _take_the_wanted_heads(self) -> None:
        wanted = self._ask()
        if wanted == self._wanted:
            return
        self._wanted = wanted
        fresh = Child(FACTORY, {"model": wanted})
        try:
            fresh.start()
        except OtzvukError as error:
            fresh.close()
            log.warning("drafter.heads_refused", code=error.code)
            return
        old, self._child = self._child, fresh
        old.close()
        log.info("drafter.heads_changed")
