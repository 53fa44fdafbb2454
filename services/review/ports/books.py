"""What can be looked up about the guards themselves, the audit log and the access log; and the views people keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
    version: int


class Views(Protocol):
    """Saved views, inside one transaction."""

    def seen_by(self, viewer: Viewer) -> Sequence[KeptView]:
        """His own and those that colleagues share, by name."""

    def own(self, viewer: Viewer, *, view_id: str | None = None, name: str | None = None) -> KeptView | None:
        """His view of that id or name, locked; None when there is none of his."""

    def add(self, viewer: Viewer, name: str, query: str, *, shared: bool) -> KeptView:
        """A new one; its name is not among his yet."""

    def change(self, view: KeptView) -> KeptView:
        """Writes a view over its version; gives it with the next one."""

    def drop(self, view: KeptView) -> None:
        """Forgets it."""


class Books(Protocol):
    """Reads and writes, each in a transaction of its own."""

    def audit(
        self, *, object_kind: str | None, object_id: str | None, actor_id: str | None, before: int | None, limit: int
    ) -> Sequence[ChainedEntry]:
        """The newest entries first."""

    def verify(self) -> tuple[int, Sequence[ChainFault], ChainHead]:
        """How many rows, which were touched, and the end."""

    def looks(
        self,
        *,
        person_id: str | None,
        object_id: str | None,
        before: int | None,
        limit: int,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[Look]:
        """The newest first; times are half-open, aware UTC."""

    def sampled(self, department_ids: Sequence[str] | None, limit: int) -> Sequence[tuple[str, date]]:
        """The newest samples first: (department_id, local date); None: of every department."""

    def closing(self, month: str) -> tuple[str, datetime] | None:
        """Who closed a month of the credit, and when; None while it is open."""

    def note(
        self, viewer: Viewer, kind: str, object_kind: str, object_id: str, fields: Sequence[str], request_id: str | None
    ) -> None:
        """Writes down a look (`view`, `play`, `download`) or one that was `denied`."""
