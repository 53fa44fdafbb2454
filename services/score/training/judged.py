"""A draft in the form of the labels, so that both can be compared and written alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.score.domain.draft import Draft, Verdict
from services.score.training.dataset import CRITERIA, NOT_APPLICABLE, Gold


@dataclass(frozen=True)
class Judged:
    """What was drafted of one dialogue; a score of −1 means "does not apply" (or cannot be told)."""

    id: str
    call_type: str
    scores: Mapping[str, float]
    confidence: Mapping[str, float]
    evidence: Mapping[str, tuple[int, ...]]
    objections: tuple[tuple[int, str, float], ...]
    red_flags: tuple[tuple[int, str], ...]
    answers: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # turns that answer an objection, by its turn

    def line(self) -> dict[str, Any]:
        """The JSON object of the dialogue, in the labels' own form, with confidence beside it."""
        return {
            "id": self.id,
            "call_type": self.call_type,
            "scores": {c: _label(s) for c, s in self.scores.items()},
            "evidence": {c: list(turns) for c, turns in self.evidence.items()},
            "objections": [
                {"turn": t, "kind": k, "score": _label(s), "answer_turns": list(self.answers.get(t, ()))}
                for t, k, s in self.objections
            ],
            "red_flags": [{"turn": t, "kind": k} for t, k in self.red_flags],
            "confidence": dict(self.confidence),
        }


def _label(score: float) -> float | int | str:
    if score == NOT_APPLICABLE:
        return "na"
    return int(score) if score == int(score) else score


def judged_of(identifier: str, draft: Draft) -> Judged:
    """A draft of the rubric's items as labels."""
    items = {c.criterion: c for c in draft.criteria if c.criterion in CRITERIA}
    scored = {c: i.score for c, i in items.items() if i.verdict is Verdict.SCORED and i.score is not None}
    return Judged(
        id=identifier,
        call_type=str(draft.call_type),
        scores={c: float(scored[c]) if c in scored else NOT_APPLICABLE for c in items},
        confidence={c: float(i.confidence) for c, i in items.items()},
        evidence={c: tuple(e.turn for e in i.evidence) for c, i in items.items()},
        objections=tuple((o.turn, str(o.kind), float(o.score)) for o in draft.objections),
        red_flags=tuple((f.turn, str(f.kind)) for f in draft.red_flags),
        answers={o.turn: o.answer_turns for o in draft.objections},
    )


def commonest(identifier: str, known: list[Gold]) -> Judged:
    """The baseline that always says the commonest label of the dialogues it knows."""

    def mode(values: list[Any]) -> Any:
        return max(sorted(set(values), key=str), key=values.count)

    scores = {c: mode([g.scores.get(c, NOT_APPLICABLE) for g in known if g.call_type != "spam"]) for c in CRITERIA}
    nothing = dict.fromkeys(CRITERIA, 0.0)
    return Judged(identifier, mode([g.call_type for g in known]), scores, nothing, {}, (), ())
