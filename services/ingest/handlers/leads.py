"""Facts about leads and deals: merged, published step by step, and tied to the calls of their numbers."""

from __future__ import annotations

from services.ingest.domain.claims import canonical
from services.ingest.domain.facts import LeadFact
from services.ingest.domain.lead import (
    as_event,
    changed,
    client_keys_of,
    responsible_of,
    ties_alike,
    way_of,
    with_fact,
)
from services.ingest.domain.people import Seat, seat_of
from services.ingest.domain.phone import client_of
from services.ingest.handlers.calls import settle
from services.ingest.ports import Desk, StoredLead


def lead_told(fact: LeadFact, desk: Desk) -> None:
    """A lead or deal after a change; its clients' calls are tied to it."""
    stored = desk.store.lead(fact.lead_id)
    keys_before = client_keys_of(stored.lead)
    clients = [client_of(number, region=desk.region, secret=desk.secret) for number in fact.numbers or ()]
    keys = None if fact.numbers is None else [client.key for client in clients if client is not None]
    lead = with_fact(stored.lead, fact, keys)
    publish(StoredLead(lead, stored.revision, stored.announced_at, stored.published), desk)
    if ties_alike(stored.lead, lead):
        return
    for client_key in sorted({*keys_before, *client_keys_of(lead)}):
        for call in desk.store.calls_of_client(client_key):
            settle(call, desk)


def publish(stored: StoredLead, desk: Desk) -> None:
    """Saves a lead; publishes every new step of its way, or the same step once more when something else changed.

    A step that is told late, before those that went out already, changes the past of the last step only.
    """
    lead, revision = stored.lead, stored.revision
    way = way_of(lead)
    fresh = [step for step, stage in enumerate(way) if stored.announced_at is None or stage.at > stored.announced_at]
    published = stored.published
    for step in fresh or [len(way) - 1]:
        content = changed(lead, step, _seat(stored, desk))
        if published is not None and canonical(content) == canonical(published):
            continue
        revision, published = revision + 1, content
        desk.out.emit("lead-changed", lead.lead_id, as_event(content, revision))
    desk.store.save_lead(StoredLead(lead, revision, way[-1].at, published))


def _seat(stored: StoredLead, desk: Desk) -> Seat | None:
    responsible = responsible_of(stored.lead)
    if responsible is None:
        return None
    return seat_of(desk.store.statements_of(responsible), responsible, way_of(stored.lead)[-1].at)
