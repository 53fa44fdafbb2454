"""Who sat at an extension when a call came: statements about people, answered for any moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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


def same_content(one: PersonFact, other: PersonFact) -> bool:
    """Whether two statements differ in nothing but their time."""
    return replace(one, since=other.since) == other


def superfluous(statements: Iterable[PersonFact], latest: PersonFact) -> list[PersonFact]:
    """Statements that a newer `latest` makes needless: inner ones of a run of the same content.

    A company that sends all its people every night leaves two rows a person, not a row a night.
    """
    ordered = sorted(statements, key=_order)
    if len(ordered) < 2 or ordered[-1].since >= latest.since:
        return []
    run = same_content(ordered[-2], latest) and same_content(ordered[-1], latest)
    return [ordered[-1]] if run else []


def _held_since(statements: Iterable[PersonFact], extension: str, at: datetime) -> datetime | None:
    """Since when a person has had an extension without a break, seen from `at`; None when he has it not."""
    ordered = sorted(statements, key=_order)
    known = [statement for statement in ordered if statement.since <= at] or ordered[:1]
    since = None
    for statement in reversed(known):
        if not statement.active or extension not in statement.extensions:
            break
        since = statement.since
    return since


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
        since = _held_since(said, extension, at)
        if since is not None:
            from_then = since <= at
            holders.append((from_then, since.timestamp() if from_then else -since.timestamp(), person_id))
    return seat_of(people[max(holders)[2]], max(holders)[2], at) if holders else None
