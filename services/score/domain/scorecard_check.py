"""Looks a scorecard over before it is used and warns of what makes people score unlike each other (domain.md §3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.score.domain.draft import CallType
from services.score.domain.scorecard import SCORED_TYPES, JudgedBy, Scorecard
from services.score.domain.scorecard_document import Path

MOST_ITEMS = 20
FEWEST_PHRASES = 6
PARTICLE = re.compile(r"(?<![\w-])не(?![\w-])", re.IGNORECASE)


@dataclass(frozen=True)
class Warning:
    """One thing to mend: a code, the item it is about (if one), its place in the document, and the sentence."""

    code: str
    criterion: str | None
    path: Path
    message: str


def check_scorecard(scorecard: Scorecard) -> tuple[Warning, ...]:
    """Every warning, in the order of the card."""
    return (*_items(scorecard), *_size(scorecard), *_weights(scorecard))


def _items(scorecard: Scorecard) -> Iterator[Warning]:
    for i, block in enumerate(scorecard.blocks):
        for j, criterion in enumerate(block.criteria):
            path: Path = ("blocks", i, "criteria", j)
            if PARTICLE.search(criterion.label.ru):
                yield Warning(
                    "negative_wording",
                    criterion.code,
                    (*path, "label"),
                    f"{criterion.code}: worded with the particle «не»; say what should be done: «{criterion.label.ru}»",
                )
            if criterion.scale.has_half() and criterion.rules.half is None:
                yield Warning(
                    "no_half_rule",
                    criterion.code,
                    (*path, "rules") if criterion.rules.full or criterion.rules.none else path,
                    f"{criterion.code}: no rule says when it earns 0.5",
                )
            if criterion.judged_by is JudgedBy.PHRASES and len(criterion.phrases.examples) < FEWEST_PHRASES:
                yield Warning(
                    "few_phrases",
                    criterion.code,
                    path,
                    f"{criterion.code}: judged by its phrases, and has {len(criterion.phrases.examples)}; "
                    f"{FEWEST_PHRASES} make it work",
                )


def _size(scorecard: Scorecard) -> Iterator[Warning]:
    count = len(scorecard.criteria)
    if count > MOST_ITEMS:
        i, j = [(i, j) for i, block in enumerate(scorecard.blocks) for j in range(len(block.criteria))][MOST_ITEMS]
        extra = scorecard.criteria[MOST_ITEMS].code
        yield Warning(
            "too_many_items",
            extra,
            ("blocks", i, "criteria", j),
            f"{count} items; over {MOST_ITEMS} nobody scores with care; {extra} is the first too many",
        )


def _weights(scorecard: Scorecard) -> Iterator[Warning]:
    for call_type in SCORED_TYPES:
        weights = _weights_of(scorecard, call_type)
        if len(weights) > 1 and len(set(weights)) == 1:
            yield Warning(
                "equal_weights",
                None,
                ("blocks",),
                f"{call_type.value}: every weight is {weights[0]}; say what matters more",
            )
        if all(weight == "0" for weight in weights):
            yield Warning("no_weight", None, ("blocks",), f"{call_type.value}: nothing on this card counts")


def _weights_of(scorecard: Scorecard, call_type: CallType) -> list[str]:
    return [
        format(criterion.weight(call_type).normalize(), "f")
        for criterion in scorecard.criteria
        if criterion.applies(call_type)
    ]
