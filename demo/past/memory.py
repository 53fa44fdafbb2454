"""Review's own stores, each remembering within one transaction what it has read: nobody else writes meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.review.adapters.store_calls import CallStore
from services.review.adapters.store_drafts import DraftStore
from services.review.adapters.store_evaluations import EvaluationStore
from services.review.adapters.store_tasks import TaskStore
from services.review.domain.calls import Call, StatusChange
from services.review.domain.evaluation import Draft, Evaluation
from services.review.domain.tasks import ListeningTask


class Drafts(DraftStore):
    """Drafts never change."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._held: dict[str, Draft | None] = {}

    def get(self, draft_id: str) -> Draft | None:
        """From memory, else read."""
        if draft_id not in self._held:
            self._held[draft_id] = super().get(draft_id)
        return self._held[draft_id]


class Evaluations(EvaluationStore):
    """Keeps each evaluation as it was saved last."""

    def __init__(self, connection: Any, drafts: DraftStore) -> None:
        super().__init__(connection, drafts)
        self._held: dict[str, Evaluation] = {}

    def load(self, evaluation_id: str) -> Evaluation | None:
        """From memory, else read."""
        found = self._held.get(evaluation_id) or super().load(evaluation_id)
        if found is not None:
            self._held[evaluation_id] = found
        return found

    def save(self, before: Evaluation, after: Evaluation, now: datetime) -> None:
        """Written, then kept."""
        super().save(before, after, now)
        self._held[after.evaluation_id] = after


class Calls(CallStore):
    """Keeps a call until it changes."""

    def __init__(self, connection: Any, now: datetime) -> None:
        super().__init__(connection, now)
        self._held: dict[str, Call] = {}

    def load(self, call_id: str) -> Call | None:
        """From memory, else read."""
        found = self._held.get(call_id) or super().load(call_id)
        if found is not None and found.status is not None:
            self._held[call_id] = found
        return found

    def move(self, call: Call, change: StatusChange, **values: Any) -> None:
        """Written; what was kept is forgotten."""
        self._held.clear()
        super().move(call, change, **values)

    def touch(self, call: Call, actor_id: str, change: str, **values: Any) -> int:
        """Written; what was kept is forgotten."""
        self._held.clear()
        return super().touch(call, actor_id, change, **values)


class Tasks(TaskStore):
    """Keeps tasks until one changes."""

    def __init__(self, connection: Any, now: datetime) -> None:
        super().__init__(connection, now)
        self._held: dict[tuple[str, str | None], ListeningTask | None] = {}

    def of_call(self, call_id: str, kind: str | None = None) -> ListeningTask | None:
        """From memory, else read."""
        if (call_id, kind) not in self._held:
            self._held[call_id, kind] = super().of_call(call_id, kind)
        return self._held[call_id, kind]

    def save(self, before: ListeningTask, after: ListeningTask) -> None:
        """Written; what was kept is forgotten."""
        self._held.clear()
        super().save(before, after)

    def add(self, task: ListeningTask) -> None:
        """Written; what was kept is forgotten."""
        self._held.clear()
        super().add(task)
