"""From a transcript to a published draft, and to a better one when more becomes known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas import codec
from services.runtime.errors import TransientError
from services.score.domain.contact_rule import LeadChange
from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import AskedItem, CallType, Draft
from services.score.domain.known_call import CallFacts, card_of_call, with_facts
from services.score.domain.scorecard import Scorecard
from services.score.domain.scored_call import ScoredCall, asked_items, scored_call
from services.score.domain.spoken_orders import with_places, without_orders
from services.score.handlers.messages import call_scored
from services.score.ports import Drafter, Judge, Outgoing, Scorecards, Store, StoredDraft, Transcript, Transcripts

AGAIN = "draft-again"
OF_ITS_OWN = ("draft_id", "revision", "scored_at")


@dataclass(frozen=True)
class DraftingDesk:
    """What a draft is made with."""

    drafter: Drafter
    transcripts: Transcripts
    scorecards: Scorecards
    judge: Judge | None = None


@dataclass(frozen=True)
class Circumstances:
    """What the company knows of a call when it is drafted; another one means another draft."""

    call: CallFacts
    card: LeadChange | None
    zones: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """A draft that was made outside the transaction, with what it was made from."""

    uri: str
    circumstances: Circumstances
    transcript: Transcript
    scorecard: Scorecard
    scored: ScoredCall


def circumstances(call_id: str, store: Store) -> Circumstances:
    """Facts, card and growth zones as they are known now. Raises TransientError before the call is registered."""
    call = store.call(call_id)
    if call is None:
        raise TransientError(f"Call {call_id} is not registered yet.")
    leads = [lead for lead_id in _leads_of(call, store) if (lead := store.lead(lead_id))]
    cards = [card for lead in leads if (card := card_of_call(call, store.calls_of_lead(lead), lead.lead))]
    last = max(cards, key=lambda card: card.changed_at, default=None)
    return Circumstances(call, last, store.zones(call.seller_id, call.started_at))


def _leads_of(call: CallFacts, store: Store) -> tuple[str, ...]:
    """The lead that the call names, else those with its number; of several cards the one changed last counts."""
    leads = store.leads_of(call.client_key, call.lead_id)
    return (call.lead_id,) if call.lead_id in leads and call.lead_id else leads


def make_draft(uri: str, known: Circumstances, desk: DraftingDesk) -> Prepared:
    """The slow part: loads the transcript, drafts it, asks the judge if there is one."""
    transcript = desk.transcripts.load(uri)
    scorecard = desk.scorecards.of_department(known.call.department_id)
    dialogue = with_facts(transcript.dialogue, known.call, known.card, known.zones)
    scored = score_dialogue(dialogue, scorecard, transcript.quality, desk)
    return Prepared(uri, known, transcript, scorecard, scored)


def score_dialogue(dialogue: Dialogue, scorecard: Scorecard, quality: str, desk: DraftingDesk) -> ScoredCall:
    """A dialogue held against a card by the desk's drafter and judge; what speaks to the machine counts for nothing."""
    heard = without_orders(dialogue)
    draft = with_places(_drafted(heard, asked_items(scorecard), desk.drafter), dialogue)
    if desk.judge is not None:
        draft = desk.judge.judge(dialogue, draft, scorecard)
    return scored_call(draft, scorecard, heard, quality)


def _drafted(dialogue: Dialogue, items: Sequence[AskedItem], drafter: Drafter) -> Draft:
    """A draft of every item also of a call taken for spam: a person may say that it is none, and then they are there.

    Of spam nothing is counted, whatever its items say; they are drafted as of the type that is likeliest otherwise.
    """
    draft = drafter.draft(dialogue, items)
    if draft.call_type is not CallType.SPAM:
        return draft
    others = {kind: share for kind, share in draft.call_type_probabilities.items() if kind is not CallType.SPAM}
    otherwise = max(others, key=lambda kind: others[kind], default=CallType.QUALIFICATION)
    return replace(draft, criteria=drafter.draft(dialogue, items, otherwise).criteria)


def keep_draft(made: Prepared, store: Store, out: Outgoing) -> bool:
    """Stores and publishes a draft as a new revision, if it says anything new; False when it does not.

    What became known while it was made leads to another draft at once, so that nothing is lost between the two.
    """
    call_id = made.circumstances.call.call_id
    now_known = circumstances(call_id, store)
    if (now_known.card, now_known.zones) != (made.circumstances.card, made.circumstances.zones) or not (
        now_known.call.drafted_alike(made.circumstances.call)
    ):
        mark = hashlib.sha256(repr(now_known).encode()).hexdigest()[:16]
        out.later(AGAIN, call_id, {"call_id": call_id}, event_id=f"{AGAIN}:{call_id}:{mark}")
    last = store.draft(call_id)
    if last is not None and last.final:
        return False
    data = call_scored(
        made.scored,
        made.scorecard,
        call_id=call_id,
        transcript_id=made.transcript.transcript_id,
        department=made.circumstances.call.department_kind,
        now=out.now,
    )
    if last is not None and says_the_same(last.data, data):
        return False
    revision = last.revision + 1 if last else 1
    data |= {"revision": revision, "draft_id": draft_id(call_id, revision)}
    draft = StoredDraft(call_id, revision, data["draft_id"], made.transcript.transcript_id, made.uri, data)
    store.put_draft(draft, made.scorecard, out.now)
    out.emit("call-scored", call_id, data)
    return True


def says_the_same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether two drafts differ in nothing but their names and times."""
    return _said(before) == _said(after)


def _said(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return codec.plain({name: value for name, value in data.items() if name not in OF_ITS_OWN})


def draft_id(call_id: str, revision: int) -> str:
    """The same revision of a call's draft always has the same id."""
    return "d-" + hashlib.sha256(f"{call_id}\n{revision}".encode()).hexdigest()[:32]


def ask_again(call_id: str, cause: str, store: Store, out: Outgoing) -> bool:
    """Asks for another look at a drafted call that people have not decided on; False when there is nothing to do."""
    draft = store.draft(call_id)
    if draft is None or draft.final:
        return False
    digest = hashlib.sha256(f"{call_id}\n{cause}".encode()).hexdigest()[:32]
    return out.later(AGAIN, call_id, {"call_id": call_id}, event_id=f"{AGAIN}:{digest}")


def in_need(call_id: str, store: Store) -> str | None:
    """Where the transcript of a call lies that is to be drafted again; None when people have decided meanwhile."""
    draft = store.draft(call_id)
    return None if draft is None or draft.final else draft.transcript_uri
