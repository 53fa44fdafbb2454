"""Facts about people: who has which extension since when; calls and leads that waited for them are completed."""

from __future__ import annotations

from services.ingest.domain.facts import PersonFact
from services.ingest.domain.people import same_content, statement_at, superfluous
from services.ingest.handlers.calls import settle
from services.ingest.handlers.leads import publish
from services.ingest.ports import Desk


def person_told(fact: PersonFact, desk: Desk) -> None:
    """A person's extensions and department from `since` on. Told again without a change, it moves nothing."""
    before = desk.store.statements_of(fact.person_id)
    if not desk.store.add_statement(fact):
        return
    for needless in superfluous(before, fact):
        desk.store.forget_statement(needless)
    held = statement_at(before, fact.since)
    if held is not None and held.since <= fact.since and same_content(held, fact):
        return
    extensions = {extension for said in before for extension in said.extensions} | set(fact.extensions)
    for call in desk.store.calls_of_person(fact.person_id, extensions):
        settle(call, desk)
    for lead in desk.store.leads_of_person(fact.person_id):
        publish(lead, desk)
