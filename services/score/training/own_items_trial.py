"""How well a firm's own items work from six phrases: against their own sentences, the others', and other talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from services.score.adapters.embeddings import Encoder
from services.score.adapters.own_items import OwnItems
from services.score.domain.dialogue import dialogue_of
from services.score.domain.lexicon import Morphology
from services.score.domain.reading import read

SET = Path(__file__).parent / "own_items" / "items.yaml"


@dataclass(frozen=True)
class OwnItemFigures:
    """Recall over sentences that say the item, precision against other items' sentences, false finds in other turns."""

    recall: float
    precision: float
    false_share: float


def try_own_items(
    morphology: Morphology, ordinary: Sequence[str], unseen: Sequence[str], encoder: Encoder | None = None
) -> OwnItemFigures:
    """Tries every item of the set; `ordinary` sets the limits, `unseen` are other turns that should stay unfound."""
    items = yaml.safe_load(SET.read_text("utf-8"))
    own = OwnItems(morphology, ordinary, encoder)

    def found(examples: Sequence[str], text: str) -> bool:
        measured = own.measure(examples, read(dialogue_of([("seller", text)]), morphology))
        return measured.turn is not None and measured.likeness >= measured.limit

    true = [found(i["examples"], s) for i in items for s in i["said"]]
    wrong = [found(i["examples"], s) for i in items for other in items if other is not i for s in other["said"]]
    stray = [found(i["examples"], text) for i in items for text in unseen]
    drafted = sum(true) + sum(wrong)
    return OwnItemFigures(sum(true) / len(true), sum(true) / max(1, drafted), sum(stray) / max(1, len(stray)))
