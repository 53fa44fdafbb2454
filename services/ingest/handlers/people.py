"""Facts about people: who has which extension since when; calls and leads that waited for them are completed."""

from __future__ import annotations

from services.ingest.domain.facts import PersonFact
from services.ingest.handlers.calls import settle
from services.ingest.handlers.leads import publish
from services.ingest.ports import Desk


def person_told(fact: PersonFact, desk: Desk) -> None:
    """A person's extensions and department from `since` on."""
    before = {extension for said in desk.store.statements_of(fact.person_id) for extension in said.extensions}
    if not desk.store.add_statement(fact):
        return
    for call in desk.store.calls_of_person(fact.person_id, before | set(fact.extensions)):
        settle(call, desk)
    for lead in desk.store.leads_of_person(fact.person_id):
        publish(lead, desk)
