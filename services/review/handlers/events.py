"""What arrives from the other services: in any order, any number of times, and older word never beats newer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.review.domain.calls import Call, Registration, Sound, first_move, is_newer
from services.review.domain.drafting import draft_of, risk_of
from services.review.domain.people import SYSTEM, DepartmentKind
from services.review.handlers.finalising import correct_credit
from services.review.handlers.moving import advance
from services.review.ports.stores import Work
from services.runtime.errors import PermanentError

Data = Mapping[str, Any]


class SellerIsEvaluator(PermanentError):
    """The exchange now names as the call's seller somebody who listens to it or has scored it."""

    code = "seller_is_evaluator"


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _registration(data: Data) -> Registration:
    source = data.get("source") or {}
    kind = data["department_kind"]
    return Registration(
        call_id=data["call_id"],
        revision=data["revision"],
        provider=data["provider"],
        provider_call_id=data["provider_call_id"],
        direction=data["direction"],
        outcome=data["outcome"],
        started_at=datetime.fromisoformat(data["started_at"]),
        ring_ms=data["ring_ms"],
        talk_ms=data["talk_ms"],
        duration_ms=data["duration_ms"],
        seller_id=data["seller_id"],
        department_id=data["department_id"],
        department_kind=DepartmentKind(kind) if kind else None,
        answered_at=_at(data.get("answered_at")),
        ended_at=_at(data.get("ended_at")),
        client_key=data["client_key"],
        client_label=data.get("client_label"),
        line=data.get("line"),
        lead_id=data.get("lead_id"),
        client_known=data.get("client_known", False),
        recording_expected=data.get("recording_expected", False) and not data.get("recording_lost"),
        source=source.get("source"),
        medium=source.get("medium"),
        campaign=source.get("campaign"),
        recording_lost=data.get("recording_lost"),
    )


def call_registered(work: Work, data: Data) -> None:
    """A call is known, or better known. Raises SellerIsEvaluator."""
    incoming = _registration(data)
    call = work.calls.ensure(incoming.call_id)
    if not is_newer(call.registration, incoming):
        return
    new_seller = call.status is not None and call.seller_id != incoming.seller_id
    if new_seller:
        _demand_other_seller(call, incoming.seller_id)
    work.calls.register(call, incoming, work.now)
    if call.status is None:
        fresh = work.calls.load(incoming.call_id) or call
        advance(work, SYSTEM, fresh, first_move(incoming))
    elif new_seller:
        work.audit(
            SYSTEM,
            "call.seller_changed",
            "call",
            call.call_id,
            before={"seller_id": call.seller_id},
            after={"seller_id": incoming.seller_id},
        )
        if incoming.seller_id is not None:
            correct_credit(work, call, incoming.seller_id)


def _demand_other_seller(call: Call, seller_id: str | None) -> None:
    if seller_id is not None and seller_id in (
        call.assignee_id,
        call.second_id,
        call.evaluator_id,
        call.taken_by_id,
    ):
        raise SellerIsEvaluator("The call's new seller is the person who listens to it.")


def recording_stored(work: Work, data: Data) -> None:
    """The sound lies in storage."""
    audio = data["audio"]
    work.calls.ensure(data["call_id"])
    if audio is not None:
        work.calls.sound(data["call_id"], Sound(audio_uri=audio["uri"]))


def transcript_completed(work: Work, data: Data) -> None:
    """The text lies in storage."""
    work.calls.ensure(data["call_id"])
    work.calls.sound(
        data["call_id"],
        Sound(
            audio_uri=data.get("audio_uri"),
            transcript_id=data["transcript_id"],
            transcript_uri=data["uri"],
            source=data["source"],
            quality=data["quality"],
        ),
    )


def transcript_failed(work: Work, data: Data) -> None:
    """There will be no text; the reason is kept (no speech leaves the call out of the sample)."""
    work.calls.ensure(data["call_id"])
    work.calls.sound(data["call_id"], Sound(audio_uri=data.get("audio_uri"), failed=data["reason"]))


def call_scored(work: Work, data: Data) -> None:
    """A draft. An evaluation in progress keeps the one it began with."""
    work.calls.ensure(data["call_id"])
    draft = draft_of(data)
    work.drafts.add(draft, data, risk_of(draft.remarkable), work.now)


def call_rated(work: Work, data: Data, event_id: str) -> None:
    """A client's rating; a 1 or 2 goes to the risk queue."""
    work.calls.ensure(data["call_id"])
    work.calls.rate(
        event_id, data["call_id"], data["rating"], data["channel"], datetime.fromisoformat(data["rated_at"])
    )


def lead_changed(work: Work, data: Data) -> None:
    """A lead as the CRM tells it."""
    work.leads.save(data, work.now)


def lead_contact_updated(work: Work, data: Data, occurred_at: datetime) -> None:
    """Where a lead stands against the contact rule."""
    work.leads.contact(data, occurred_at, work.now)


def contact_rule_violated(work: Work, data: Data) -> None:
    """A violation goes to the head at once, once; newer figures for it replace the older ones silently."""
    if work.leads.violate(data) and data["contacts"] < data["contacts_due"]:
        work.tell("contact_rule_violated", work.heads_of(data.get("department_id")), None)
