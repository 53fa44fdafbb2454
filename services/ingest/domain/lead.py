"""A lead or deal, put together from the CRM's statements in any order, with the way it went through the stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.ingest.domain.claims import Claim, Claims, from_json, merged, to_json, value_of
from services.ingest.domain.facts import LeadFact, StageFact, StageKind
from services.ingest.domain.instants import from_micros, text_of, to_micros
from services.ingest.domain.people import Seat

# the PBX of many firms makes the lead of a first call moments after it began
LEAD_MAY_FOLLOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lead:
    """What the CRM said so far."""

    lead_id: str
    claims: Claims = field(default_factory=dict)
    stages: frozenset[StageFact] = frozenset()


def with_fact(lead: Lead, fact: LeadFact, client_keys: Sequence[str] | None) -> Lead:
    """The lead with one more statement. `client_keys` are the fact's numbers, hashed; None when it names none."""
    at = to_micros(fact.changed_at)
    created = to_micros(fact.created_at)
    more = {name: Claim(0, at, value) for name, value in fact.given}
    more["created_at"] = Claim(0, -created, created)
    if client_keys is not None:
        more["client_keys"] = Claim(0, at, sorted(set(client_keys)))
    return Lead(lead.lead_id, merged(lead.claims, more), _thinned(lead.stages | frozenset(fact.stages)))


def _thinned(stages: frozenset[StageFact]) -> frozenset[StageFact]:
    """Without the inner ones of a stage told again and again: a CRM may send everything every night."""
    ordered = sorted(stages)
    inner = {
        one
        for before, one, after in zip(ordered, ordered[1:], ordered[2:], strict=False)
        if (before.stage, before.kind) == (one.stage, one.kind) == (after.stage, after.kind)
    }
    return stages - inner


def way_of(lead: Lead) -> list[StageFact]:
    """The stages in order; a stage told again while the lead stood in it is not a step."""
    steps: list[StageFact] = []
    for stage in sorted(lead.stages):
        if not steps or (steps[-1].stage, steps[-1].kind) != (stage.stage, stage.kind):
            steps.append(stage)
    return steps


def created_at(lead: Lead) -> datetime:
    """When the CRM made it."""
    return from_micros(value_of(lead.claims, "created_at"))


def client_keys_of(lead: Lead) -> list[str]:
    """Hashes of its numbers."""
    return list(value_of(lead.claims, "client_keys") or [])


def ties_alike(one: Lead, other: Lead) -> bool:
    """Whether both tie the same calls to themselves: the same numbers, the same way, made at the same time."""
    if not one.stages or not other.stages:
        return False
    return (client_keys_of(one), way_of(one), created_at(one)) == (
        client_keys_of(other),
        way_of(other),
        created_at(other),
    )


def open_at(lead: Lead, at: datetime) -> bool:
    """Whether it was in work at that moment, or was made within the hour after."""
    if created_at(lead) > at + LEAD_MAY_FOLLOW:
        return False
    before = [step for step in way_of(lead) if step.at <= at]
    return not (before and StageKind(before[-1].kind).closed)


def lead_for_call(leads: Iterable[Lead], at: datetime) -> str | None:
    """Which of a client's leads a call belongs to: of those in work then, the youngest."""
    candidates = [lead for lead in leads if open_at(lead, at)]
    youngest = max(candidates, key=lambda lead: (created_at(lead), lead.lead_id), default=None)
    return youngest.lead_id if youngest else None


def responsible_of(lead: Lead) -> str | None:
    """The seller's id, as the CRM says."""
    responsible: str | None = value_of(lead.claims, "responsible")
    return responsible


def changed(lead: Lead, step: int, seat: Seat | None) -> dict[str, Any]:
    """The data of `lead-changed` at a step of its way, without the revision. Raises IndexError beyond the way."""
    way = way_of(lead)
    here, last = way[step], step == len(way) - 1
    before = way[step - 1] if step else None
    refused = here.kind == StageKind.REFUSED.value
    return {
        "lead_id": lead.lead_id,
        "kind": value_of(lead.claims, "kind") or "lead",
        "created_at": text_of(created_at(lead)),
        # of the step: a lead that is only told again has not changed, and an amount does not move a refusal in time
        "changed_at": text_of(here.at),
        "stage": here.stage,
        "stage_kind": here.kind,
        "previous_stage": before.stage if before else None,
        "previous_stage_kind": before.kind if before else None,
        "refusal_reason": value_of(lead.claims, "refusal_reason") if refused or last else None,
        "target": value_of(lead.claims, "target"),
        "non_target_reason": value_of(lead.claims, "non_target_reason"),
        "seller_id": seat.person_id if seat else None,
        "department_id": seat.department_id if seat else None,
        "department_kind": seat.department_kind if seat else None,
        "client_keys": client_keys_of(lead),
        "amount": value_of(lead.claims, "amount"),
        "currency": value_of(lead.claims, "currency"),
        "source": value_of(lead.claims, "source"),
        "deal_of_lead": value_of(lead.claims, "deal_of_lead"),
    }


def as_event(data: Mapping[str, Any], revision: int) -> dict[str, Any]:
    """Stored data of a change as it goes out: with its revision, and the amount as an exact number."""
    amount = data["amount"]
    return {**data, "revision": revision, "amount": None if amount is None else Decimal(amount)}


def state_of(lead: Lead) -> dict[str, Any]:
    """For storage."""
    stages = [[to_micros(stage.at), stage.stage, stage.kind] for stage in sorted(lead.stages)]
    return {"claims": to_json(lead.claims), "stages": stages}


def lead_from(lead_id: str, state: Mapping[str, Any]) -> Lead:
    """From storage."""
    stages = frozenset(StageFact(from_micros(at), stage, kind) for at, stage, kind in state["stages"])
    return Lead(lead_id, from_json(state["claims"]), stages)
