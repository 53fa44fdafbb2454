"""What can be looked up about the guards themselves: the audit log, the access log, saved views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.review.domain.audit import ChainedEntry, ChainFault, ChainHead
from services.review.domain.people import Viewer


@dataclass(frozen=True)
class Look:
    """One look at one object: who, when, at what, which fields."""

    seq: int
    at: datetime
    person_id: str
    kind: str
    object_kind: str
    object_id: str
    client_key: str | None
    fields: str
    why: str | None
    request_id: str | None


@dataclass(frozen=True)
class KeptView:
    """A saved view; `query` is the address's part after `?`. `mine` can be changed."""

    view_id: str
    name: str
    query: str
    shared: bool
    owner_id: str
    mine: bool


class Books(Protocol):
    """Reads and writes, each in a transaction of its own."""

    def audit(
        self, *, object_kind: str | None, object_id: str | None, actor_id: str | None, before: int | None, limit: int
    ) -> Sequence[ChainedEntry]:
        """The newest entries first."""

    def verify(self) -> tuple[int, Sequence[ChainFault], ChainHead]:
        """How many rows, which were touched, and the end."""

    def looks(self, *, person_id: str | None, object_id: str | None, before: int | None, limit: int) -> Sequence[Look]:
        """The newest first."""

    def note(
        self, viewer: Viewer, kind: str, object_kind: str, object_id: str, fields: Sequence[str], request_id: str | None
    ) -> None:
        """Writes down a look (`view`, `play`, `download`) or one that was `denied`."""

    def views(self, viewer: Viewer) -> Sequence[KeptView]:
        """His own and those that colleagues share, by name."""

    def keep_view(self, viewer: Viewer, name: str, query: str, *, shared: bool) -> KeptView:
        """Keeps or replaces his view of that name."""

    def drop_view(self, viewer: Viewer, view_id: str) -> bool:
        """Forgets his view; False when it is not his or gone."""
