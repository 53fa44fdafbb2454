"""The contact rule at work: after every event that touches a lead, and at the end of every day, it is counted anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.score.domain.contact_rule import ContactRule, next_close, standing
from services.score.domain.contact_violations import recount, violations
from services.score.domain.known_call import CallFacts
from services.score.handlers.messages import contact_rule_violated, lead_contact_updated
from services.score.ports import Calendars, Outgoing, Store

TOLD_WITHIN = timedelta(days=30)  # what was broken longer ago (a CRM's history that is read in) is no news to anybody


@dataclass(frozen=True)
class ContactDesk:
    """The rule and the calendars it is counted by."""

    rule: ContactRule
    calendars: Calendars


def hold(store: Store, client_keys: Iterable[str | None], lead_ids: Iterable[str | None]) -> None:
    """Until the transaction's end nobody else counts for these numbers and leads: each sees the other's calls."""
    numbers = [f"number:{key}" for key in client_keys if key]
    leads = [f"lead:{lead_id}" for lead_id in lead_ids if lead_id]
    store.hold_numbers(numbers + leads)


def count_lead(lead_id: str, store: Store, out: Outgoing, desk: ContactDesk) -> None:
    """Counts a lead anew; tells where it stands if that changed, and every breach that was not told yet."""
    known = store.lead(lead_id)
    if known is None or known.deal:
        return
    state = known.lead.latest
    calendar = desk.calendars.of_department(state.department_id)
    contacts = store.contacts_of(known)
    now = standing(known.lead, contacts, out.now, calendar, desk.rule)
    if store.put_standing(lead_id, now, next_close(known.lead, out.now, calendar, desk.rule)):
        data = lead_contact_updated(lead_id, state.seller_id, state.department_id, now)
        out.emit("lead-contact-updated", lead_id, data)
    told = store.known_violations(lead_id)
    breaches = [recount(breach, known.lead, contacts, calendar, desk.rule) for breach in told]
    ids = {breach.violation_id for breach in told}
    news = violations(known.lead, contacts, out.now, calendar, desk.rule)
    breaches += [item for item in news if item.violation_id not in ids and _is_news(item.violated_at, out.now)]
    for breach in breaches:
        if store.put_violation(breach):
            out.emit("contact-rule-violated", lead_id, contact_rule_violated(breach))


def count_call(call: CallFacts, store: Store, out: Outgoing, desk: ContactDesk) -> None:
    """Counts every lead that the call belongs to."""
    for lead_id in store.leads_of(call.client_key, call.lead_id):
        count_lead(lead_id, store, out, desk)


def _is_news(moment: datetime, now: datetime) -> bool:
    return now - moment <= TOLD_WITHIN
