"""A person chooses by which way and of what he is told; the choice has a version and stands in the audit log."""

from __future__ import annotations

from services.review.domain.notices import Channel
from services.review.domain.people import Viewer
from services.review.handlers.refusals import demand_seen
from services.review.ports.notices import NoticeDesk


def choose_notices(
    desk: NoticeDesk, viewer: Viewer, channel: Channel | None, muted_kinds: frozenset[str], version: int | None = None
) -> None:
    """Stores the viewer's own choice; `channel` None lets us choose. Raises Outrun (`version` None: not asked)."""
    stands = desk.version(viewer)
    demand_seen(desk.audit, "notices", viewer.person_id, ("notices.chosen",), stands=stands, seen=version)
    desk.store(viewer, channel, muted_kinds, stands)
    desk.audit.record(
        actor=viewer,
        action="notices.chosen",
        object_kind="notices",
        object_id=viewer.person_id,
        after={"channel": channel.value if channel else None, "muted": muted_kinds, "version": stands + 1},
    )
