"""Drafts as they came and the scorecards they told of, in the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from schemas import codec
from services.review.adapters.store_calls import LOW_RATING, hundredths, listed
from services.review.adapters.tables import calls, cards, drafts
from services.review.adapters.trust import untrusted
from services.review.domain.drafting import RISKS, draft_of, item_from_json, item_to_json
from services.review.domain.evaluation import Card, Draft
from services.runtime.database import database_now


def card_json(card: Card) -> str:
    """A card's items as text."""
    return json.dumps([item_to_json(item) for item in card.items], ensure_ascii=False)


def card_of(card_id: str, version: str, items: str) -> Card:
    """The card again."""
    return Card(card_id, version, tuple(item_from_json(row) for row in json.loads(items)))


class DraftStore:
    """The port `Drafts` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        self._distrusted: frozenset[str] | None = None

    def add(self, draft: Draft, data: Mapping[str, Any], risk: int, now: datetime) -> bool:
        """Keeps a draft once; the one with the highest revision is the call's."""
        stored = self._connection.execute(
            self._dialect.insert(drafts)
            .values(
                draft_id=draft.draft_id,
                call_id=draft.call_id,
                revision=draft.revision,
                data=codec.to_json(data),
                received_at=now,
            )
            .on_conflict_do_nothing(index_elements=["draft_id"])
        )
        if stored.rowcount != 1:
            return False
        row = self._connection.execute(select(calls).where(calls.c.call_id == draft.call_id)).one()
        if draft.card.items:
            self._keep_card(draft.card, row.department_kind or "", now)
        if draft.revision <= row.draft_revision:
            return True
        if row.rating is not None and row.rating <= LOW_RATING:
            risk += RISKS["low_rating"]
        cqr = hundredths(draft.cqr)
        decided = row.evaluation_id is not None
        self._connection.execute(
            update(calls)
            .where(calls.c.call_id == draft.call_id)
            .values(
                draft_id=draft.draft_id,
                draft_revision=draft.revision,
                draft_type=draft.call_type.value,
                list_type=row.list_type if decided else draft.call_type.value,
                draft_cqr_hundredths=cqr,
                list_cqr_hundredths=row.list_cqr_hundredths if decided else cqr,
                scorecard_version=draft.card.version,
                remarkable=listed(draft.remarkable),
                red_flags=listed(draft.red_flags),
                risk=risk,
            )
        )
        return True

    def _keep_card(self, card: Card, kind: str, now: datetime) -> None:
        values = {"items": card_json(card), "seen_at": now}
        self._connection.execute(
            self._dialect.insert(cards)
            .values(card_id=card.card_id, version=card.version, department_kind=kind, **values)
            .on_conflict_do_update(index_elements=["card_id", "version", "department_kind"], set_=values)
        )

    def get(self, draft_id: str) -> Draft | None:
        """A draft by its id."""
        text = self._connection.execute(select(drafts.c.data).where(drafts.c.draft_id == draft_id)).scalar()
        return None if text is None else draft_of(codec.from_json(text))

    def latest_card(self, department_kind: str | None) -> Card | None:
        """The version seen last for this kind of department, else for any."""
        same = cards.c.department_kind == (department_kind or "")
        row = self._connection.execute(select(cards).order_by(same.desc(), cards.c.seen_at.desc()).limit(1)).first()
        return None if row is None else card_of(row.card_id, row.version, row._mapping["items"])

    def distrusted(self) -> frozenset[str]:
        """Criteria whose draft is not shown."""
        if self._distrusted is None:
            self._distrusted = untrusted(self._connection, database_now(self._connection))
        return self._distrusted
