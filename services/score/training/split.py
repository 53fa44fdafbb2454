"""Which dialogues are learnt from, which are tried on, and which are tests for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.score.training.dataset import Example

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Split:
    """`learnt` and `tried` share no dialogue, nor its heard twin; nothing of `tried` is older than what was decided
    and is learnt; `forever` are calls whose appeals were upheld."""

    learnt: tuple[Example, ...]
    tried: tuple[Example, ...]
    forever: tuple[Example, ...]


def has_read(card: Mapping[str, Any], example: Example) -> bool:
    """Whether heads with this card have learnt from the dialogue or its twin.

    Cards made before dialogues were named say only which authors were read.
    """
    data = card.get("data") or {}
    if "read" in data:
        return example.stem in data["read"]
    return example.author in data.get("authors", ())


def split(examples: Sequence[Example], card: Mapping[str, Any], newest: float) -> Split:
    """The newest share of the labelled dialogues that the heads with `card` have not read is kept for the trial.

    Time is when people decided, else the order given. An upheld appeal is never learnt from.
    """
    labelled = [e for e in examples if e.gold is not None]
    ordinary = sorted((e for e in labelled if not e.overturned), key=lambda e: e.decided_at or _BEFORE_ALL)
    unread = list(dict.fromkeys(e.stem for e in ordinary if not has_read(card, e)))
    count = round(len(unread) * newest)
    kept = set(unread[len(unread) - count :])
    return Split(
        learnt=tuple(e for e in ordinary if e.stem not in kept),
        tried=tuple(e for e in ordinary if e.stem in kept),
        forever=tuple(e for e in labelled if e.overturned),
    )
