"""The stages of the script along the call, for the waveform: from the evidence of the criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.score.domain.draft import StageSpan
from services.score.domain.reading import Reading

STAGE_OF: dict[str, str] = {
    "greeting": "contact",
    "client_name": "contact",
    "problem_definition": "need",
    "product_story": "presentation",
    "objection_handling": "objections",
    "closing_push": "closing",
    "next_step": "closing",
    "farewell": "farewell",
}
_PRIORITY = ("objections", "farewell", "closing", "need", "presentation", "contact")


def stages(reading: Reading, evidence: Mapping[str, Sequence[int]]) -> tuple[StageSpan, ...]:
    """Stretches by stage: each seller's turn takes the stage it shows, neighbours of one stage are joined."""
    of_turn: dict[int, str] = {}
    for stage in reversed(_PRIORITY):
        for criterion, its_stage in STAGE_OF.items():
            if its_stage == stage:
                of_turn.update(dict.fromkeys(evidence.get(criterion, ()), stage))
    spans: list[StageSpan] = []
    for turn in reading.turns:
        shown = of_turn.get(turn.index)
        if shown is None:
            continue
        if spans and spans[-1].stage == shown:
            spans[-1] = StageSpan(shown, spans[-1].start_ms, max(spans[-1].end_ms, turn.end_ms))
        else:
            spans.append(StageSpan(shown, turn.start_ms, turn.end_ms))
    return tuple(spans)
