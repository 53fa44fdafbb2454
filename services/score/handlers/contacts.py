"""The contact rule at work: after every event that touches a lead, and at the end of every day, it is counted anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from services.score.domain.contact_rule import ContactRule, next_close, standing
from services.score.domain.contact_violations import Rule, recount, violations
from services.score.domain.known_call import CallFacts
from services.score.handlers.messages import contact_rule_violated, lead_contact_updated
from services.score.ports import Calendars, Outgoing, Store

TOLD_WITHIN = timedelta(days=30)  # what was broken longer ago (a CRM's history that is read in) is no news to anybody


@dataclass(frozen=True)
class ContactDesk:
    """The rule and the calendars it is counted by."""

    rule: ContactRule
    calendars: Calendars
    settle: timedelta = timedelta(minutes=2)  # so long late calls are waited for before an ended day is judged


def hold(store: Store, client_keys: Iterable[str | None], lead_ids: Iterable[str | None]) -> None:
    """Until the transaction's end nobody else counts for these numbers and leads: each sees the other's calls."""
    numbers = [f"number:{key}" for key in client_keys if key]
    leads = [f"lead:{lead_id}" for lead_id in lead_ids if lead_id]
    store.hold_numbers(numbers + leads)


def count_lead(lead_id: str, store: Store, out: Outgoing, desk: ContactDesk, *, closing: bool = False) -> None:
    """Counts a lead anew; tells where it stands if that changed, and every breach that was not told yet.

    An early refusal is told at once. Ended days are judged when `closing`, which happens a little after their end (or
    after they became known), so that calls which arrive late do not make a breach that never was.
    """
    known = store.lead(lead_id)
    if known is None or known.deal:
        return
    state = known.lead.latest
    calendar = desk.calendars.of_department(state.department_id)
    contacts = store.contacts_of(known)
    before = store.known_violations(lead_id)
    told = {breach.violation_id for breach in before}
    news = [
        breach
        for breach in violations(known.lead, contacts, out.now, calendar, desk.rule)
        if breach.violation_id not in told and out.now - breach.violated_at <= TOLD_WITHIN
    ]
    now_told = [breach for breach in news if closing or breach.rule is Rule.REFUSED_TOO_EARLY]
    moments = [next_close(known.lead, out.now, calendar, desk.rule), None if news == now_told else out.now]
    look_at = min((moment + desk.settle for moment in moments if moment), default=None)
    stands = standing(known.lead, contacts, out.now, calendar, desk.rule)
    if store.put_standing(lead_id, stands, look_at):
        data = lead_contact_updated(lead_id, state.seller_id, state.department_id, stands)
        out.emit("lead-contact-updated", lead_id, data)
    again = [recount(item, known.lead, contacts, calendar, desk.rule) for item in before]
    for breach in (*again, *now_told):
        if store.put_violation(breach):
            out.emit("contact-rule-violated", lead_id, contact_rule_violated(breach))


def count_call(call: CallFacts, store: Store, out: Outgoing, desk: ContactDesk) -> None:
    """Counts every lead that the call belongs to."""
    for lead_id in store.leads_of(call.client_key, call.lead_id):
        count_lead(lead_id, store, out, desk)
