"""Who sat at an extension when a call came: statements about people, answered for any moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.ingest.domain.facts import PersonFact


@dataclass(frozen=True, slots=True)
class Seat:
    """A seller and where he belongs."""

    person_id: str
    department_id: str | None
    department_kind: str | None


def _order(statement: PersonFact) -> tuple[datetime, tuple[str, ...], str, str, bool]:
    return (
        statement.since,
        statement.extensions,
        statement.department_id or "",
        statement.department_kind or "",
        statement.active,
    )


def statement_at(statements: Iterable[PersonFact], at: datetime) -> PersonFact | None:
    """What held for one person at that moment: his latest statement by then, else the first one ever made."""
    ordered = sorted(statements, key=_order)
    earlier = [statement for statement in ordered if statement.since <= at]
    if earlier:
        return earlier[-1]
    return ordered[0] if ordered else None


def seat_of(statements: Iterable[PersonFact], person_id: str, at: datetime) -> Seat:
    """The seat of a person known by his id; without a department when nothing was said about him."""
    held = statement_at([statement for statement in statements if statement.person_id == person_id], at)
    if held is None:
        return Seat(person_id, None, None)
    return Seat(person_id, held.department_id, held.department_kind)


def seat_at(statements: Iterable[PersonFact], extension: str, at: datetime) -> Seat | None:
    """Who had the extension at that moment; of several who claim it, the one who got it last.

    A person whose first statement is later than the call is taken to have had it before as well: companies connect
    their list of people after their telephones.
    """
    people: dict[str, list[PersonFact]] = {}
    for statement in statements:
        people.setdefault(statement.person_id, []).append(statement)
    holders = []
    for person_id, said in people.items():
        held = statement_at(said, at)
        if held is not None and held.active and extension in held.extensions:
            from_then = held.since <= at
            nearness = held.since.timestamp() if from_then else -held.since.timestamp()
            holders.append((from_then, nearness, person_id, held))
    if not holders:
        return None
    held = max(holders, key=lambda holder: holder[:3])[3]
    return Seat(held.person_id, held.department_id, held.department_kind)
