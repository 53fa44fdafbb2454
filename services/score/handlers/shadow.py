"""Shadow replay: stored calls are drafted anew with another card or other heads, and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from services.runtime.errors import PermanentError
from services.score.domain.known_call import with_facts
from services.score.domain.scorecard import Scorecard
from services.score.domain.scored_call import scores_of
from services.score.domain.shadow import Shift
from services.score.handlers.drafts import DraftingDesk, circumstances, score_dialogue
from services.score.ports import Store, StoredDraft

CENT = Decimal("0.01")


def replay(
    store: Store, desk: DraftingDesk, card: Scorecard | None, *, department: str | None = None, limit: int = 0
) -> Iterator[Shift]:
    """The shift of every drafted call, oldest first; `card` None takes each department's own. Reads only.

    A call whose transcript was removed or is broken is passed over. Raises TransientError.
    """
    drafts = list(store.last_drafts())
    for draft in drafts[-limit:] if limit else drafts:
        shift = _shift(store, desk, draft, card, department)
        if shift is not None:
            yield shift


def _shift(
    store: Store, desk: DraftingDesk, draft: StoredDraft, card: Scorecard | None, department: str | None
) -> Shift | None:
    known = circumstances(draft.call_id, store)
    if department is not None and known.call.department_id != department:
        return None
    try:
        transcript = desk.transcripts.load(draft.transcript_uri)
    except PermanentError:
        return None
    scorecard = card or desk.scorecards.of_department(known.call.department_id)
    dialogue = with_facts(transcript.dialogue, known.call, known.card, known.zones)
    scored = score_dialogue(dialogue, scorecard, transcript.quality, desk)
    before = _scores(draft.data)
    after = scores_of(scored.draft.criteria)
    return Shift(
        call_id=draft.call_id,
        seller_id=known.call.seller_id,
        before=None if draft.data["cqr"] is None else Decimal(draft.data["cqr"]).quantize(CENT),
        after=scored.cqr.percent,
        type_before=draft.data["call_type"],
        type_after=scored.draft.call_type.value,
        changed=tuple(code for code in {**before, **after} if before.get(code) != after.get(code)),
    )


def _scores(data: Mapping[str, Any]) -> dict[str, Decimal | None]:
    return {item["criterion"]: None if item["score"] is None else Decimal(item["score"]) for item in data["criteria"]}
