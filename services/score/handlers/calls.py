"""What score learns of calls, leads and people: facts are kept, the contact rule is counted, drafts looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.runtime.errors import TransientError
from services.score.domain.contact_rule import Lead, LeadChange
from services.score.domain.dialogue import DepartmentKind, StageKind
from services.score.domain.known_call import CallFacts, LeadFacts
from services.score.domain.learning import Lesson
from services.score.handlers.contacts import ContactDesk, count_call, count_lead, hold
from services.score.handlers.drafts import ask_again
from services.score.ports import Outgoing, Store


def on_call_registered(data: Mapping[str, Any], store: Store, out: Outgoing, desk: ContactDesk) -> None:
    """Keeps a call's facts; an older revision changes nothing."""
    call = call_facts(data)
    before = store.call(call.call_id)
    if before is not None and before.revision >= call.revision:
        return
    hold(
        store,
        [call.client_key, before.client_key if before else None],
        [call.lead_id, before.lead_id if before else None],
    )
    store.put_call(call)
    count_call(call, store, out, desk)
    if before is not None:
        if (before.client_key, before.lead_id) != (call.client_key, call.lead_id):
            count_call(before, store, out, desk)
        if not call.drafted_alike(before):
            ask_again(call.call_id, f"call:{call.revision}", store, out)


def on_lead_changed(data: Mapping[str, Any], store: Store, out: Outgoing, desk: ContactDesk) -> None:
    """Keeps one more state of a lead or deal; a state that is known changes nothing."""
    change = lead_facts(data)
    known = store.lead(change.lead_id)
    hold(store, [*change.client_keys, *(known.client_keys if known else ())], [change.lead_id])
    if not store.put_lead_change(change):
        return
    count_lead(change.lead_id, store, out, desk)
    lead = store.lead(change.lead_id) or change
    for call in store.calls_of_lead(lead):
        if call.answered:
            ask_again(call.call_id, f"lead:{change.lead_id}:{change.lead.latest.revision}", store, out)


def on_transcript_failed(data: Mapping[str, Any], store: Store, out: Outgoing, desk: ContactDesk) -> None:
    """A long call in which nobody spoke was music or a machine. Raises TransientError before the call is known."""
    if data["reason"] == "no_speech":
        heard_machine(data["call_id"], True, store, out, desk)


def heard_machine(call_id: str, machine: bool, store: Store, out: Outgoing, desk: ContactDesk) -> None:
    """Keeps whether a machine was heard instead of a person. Raises TransientError before the call is known."""
    call = known_call(call_id, store)
    if call.machine == machine:
        return
    hold(store, [call.client_key], [call.lead_id])
    store.mark_machine(call_id, machine)
    count_call(call, store, out, desk)


def known_call(call_id: str, store: Store) -> CallFacts:
    """The call's facts. Raises TransientError before they are known: the event that brings them is on its way."""
    call = store.call(call_id)
    if call is None:
        raise TransientError(f"Call {call_id} is not registered yet.")
    return call


def on_evaluation_approved(data: Mapping[str, Any], store: Store) -> None:
    """Keeps what people decided, to learn from; the call is drafted no more."""
    draft = store.draft(data["call_id"])
    store.put_lesson(
        Lesson(
            call_id=data["call_id"],
            evaluation_id=data["evaluation_id"],
            transcript_uri=draft.transcript_uri if draft else None,
            scorecard_id=data["scorecard"]["id"],
            scorecard_version=data["scorecard"]["version"],
            call_type=data["call_type"],
            scores={item["criterion"]: _score(item["score"]) for item in data["criteria"]},
            draft_scores={item["criterion"]: _score(item.get("draft_score")) for item in data["criteria"]},
            blind=bool(data.get("blind")),
            overturned=data["status"] == "approved_overturned",
            evaluated_at=moment(data["evaluated_at"]),
            approved_at=moment(data["approved_at"]),
        )
    )


def on_growth_zones_chosen(data: Mapping[str, Any], store: Store) -> None:
    """Keeps the seller's growth zones; older ones change nothing."""
    until = moment(data["until"]) if data["until"] else None
    store.put_zones(data["seller_id"], data["zones"], moment(data["chosen_at"]), until)


def call_facts(data: Mapping[str, Any]) -> CallFacts:
    """The facts in `call-registered`."""
    kind = data["department_kind"]
    return CallFacts(
        call_id=data["call_id"],
        revision=data["revision"],
        direction=data["direction"],
        outcome=data["outcome"],
        started_at=moment(data["started_at"]),
        talk_ms=data["talk_ms"],
        duration_ms=data["duration_ms"],
        seller_id=data["seller_id"],
        department_id=data["department_id"],
        department_kind=DepartmentKind(kind) if kind else None,
        client_key=data["client_key"],
        lead_id=data.get("lead_id"),
    )


def lead_facts(data: Mapping[str, Any]) -> LeadFacts:
    """The one state of a lead in `lead-changed`."""
    before = data.get("previous_stage_kind")
    change = LeadChange(
        revision=data["revision"],
        changed_at=moment(data["changed_at"]),
        stage=data["stage"],
        stage_kind=StageKind(data["stage_kind"]),
        seller_id=data["seller_id"],
        department_id=data["department_id"],
        previous_kind=StageKind(before) if before else None,
        refusal_reason=data.get("refusal_reason"),
    )
    lead = Lead(data["lead_id"], moment(data["created_at"]), (change,))
    return LeadFacts(lead, data["kind"] == "deal", tuple(dict.fromkeys(data["client_keys"])))


def moment(text: str) -> datetime:
    """An instant from an event's text."""
    return datetime.fromisoformat(text)


def _score(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
