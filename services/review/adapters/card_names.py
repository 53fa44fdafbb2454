"""How the firm's own scorecards word their items, for pages that gather calls of many cards."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from services.review.adapters.store_drafts import card_of
from services.review.adapters.tables import cards
from services.runtime.database import Database


class CardNames:
    """Names of items and blocks by key of the catalogue (`criterion.hook`); read anew when a card is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: tuple[frozenset[tuple[str, str, str]], dict[str, dict[str, str]]] = (frozenset(), {})

    def __call__(self, language: str) -> Mapping[str, str]:
        """In `ru` or `en`; the wording of the newest card counts."""
        kinds = (cards.c.card_id, cards.c.version, cards.c.department_kind)
        with self._database.read() as connection:
            known = frozenset((row[0], row[1], row[2]) for row in connection.execute(select(*kinds)))
            if known != self._read[0]:
                rows = connection.execute(select(cards).order_by(cards.c.seen_at)).all()
                self._read = (known, _names([(row.card_id, row.version, row._mapping["items"]) for row in rows]))
        return self._read[1].get(language, {})


def _names(read: list[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = {}
    for card_id, version, items in read:
        for item in card_of(card_id, version, items).items:
            for language, label in item.wording.label.items():
                names.setdefault(language, {})[f"criterion.{item.criterion}"] = label
            for language, label in item.wording.block.items():
                names.setdefault(language, {})[f"block.{item.block}"] = label
    return names
