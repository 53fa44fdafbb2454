"""Which drafts are hidden because people disagree with them, and what an administrator says about that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, insert, select, update

from services.review.adapters.tables import cards
from services.review.adapters.tables_credit import distrusted, draft_overrides
from services.review.domain.agreement import DraftOverride, hidden_drafts
from services.runtime.errors import StaleVersion


def untrusted(connection: Connection, now: datetime) -> frozenset[str]:
    """The criteria whose draft is not shown now."""
    low = connection.execute(select(distrusted.c.criterion)).scalars().all()
    return hidden_drafts(low, TrustStore(connection).overrides(), now)


class TrustStore:
    """The port `Trust` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def overrides(self) -> Sequence[DraftOverride]:
        """What was said about any criterion, also what is over."""
        rows = self._connection.execute(select(draft_overrides).order_by(draft_overrides.c.criterion))
        return [DraftOverride(**row._mapping) for row in rows]

    def override(self, criterion: str) -> DraftOverride | None:
        """What was said about a criterion last, locked."""
        query = select(draft_overrides).where(draft_overrides.c.criterion == criterion).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else DraftOverride(**row._mapping)

    def put(self, override: DraftOverride) -> None:
        """Stores it; its version is one more than the one that stood. Raises StaleVersion."""
        held = (
            draft_overrides.c.criterion == override.criterion,
            draft_overrides.c.version == override.version - 1,
        )
        if override.version == 1:
            self._connection.execute(insert(draft_overrides).values(**asdict(override)))
        elif self._connection.execute(update(draft_overrides).where(*held).values(**asdict(override))).rowcount != 1:
            raise StaleVersion("Somebody decided about this draft meanwhile; look again.")

    def low(self) -> dict[str, Decimal]:
        """The criteria that lost their draft by the figures, with the kappa of then."""
        return {row.criterion: row.kappa for row in self._connection.execute(select(distrusted))}

    def known(self) -> frozenset[str]:
        """Every criterion of every scorecard that was ever seen."""
        items = self._connection.execute(select(cards.c["items"])).scalars()
        return frozenset(item["criterion"] for text in items for item in json.loads(text))
