"""A delivery at the door: believed or refused, read, handed to the keeper; nothing else decides the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from services.ingest.domain.facts import Problem, Raw
from services.ingest.domain.refusals import NotAdmitted, Refused
from services.ingest.ports import Answer, Keeper, Provider, RawRow, Receipt, Request

KEPT_HEADERS = ("content-type", "user-agent", "x-otzvuk-timestamp", "x-request-id")
LONGEST_HEADER = 200
MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery on its way into the store."""

    rows: tuple[RawRow, ...]
    stored: Future[Receipt]


def receive(request: Request, providers: Mapping[str, Provider], keeper: Keeper) -> Delivery | Answer:
    """Admits a request and begins to store it. Raises NotAdmitted."""
    provider = providers.get(request.source)
    if provider is None:
        raise NotAdmitted(Refused.UNKNOWN_SOURCE)
    answer = provider.admit(request)
    if answer is not None:
        return answer
    rows = rows_of(request, provider)
    return Delivery(rows, keeper.keep(rows))


def rows_of(request: Request, provider: Provider) -> tuple[RawRow, ...]:
    """The raw events of an admitted request."""
    raw = Raw(request.source, request.path, request.body, request.received_at)
    headers = {name: request.headers[name][:LONGEST_HEADER] for name in KEPT_HEADERS if name in request.headers}
    return tuple(
        RawRow(request.source, request.path, position, reading, request.body, headers, request.received_at)
        for position, reading in enumerate(provider.read(raw))
    )


def summary(rows: Sequence[RawRow], receipt: Receipt) -> dict[str, object]:
    """The answer's body: how many were accepted, known, put aside, and why."""
    outcomes = receipt.outcomes
    problems = [_problem(row, outcome) for row, outcome in zip(rows, outcomes, strict=True) if outcome in ASIDE]
    said: dict[str, object] = {
        "accepted": outcomes.count("accepted"),
        "duplicates": outcomes.count("duplicate"),
        "quarantined": len(problems),
    }
    return said | ({"problems": problems[:MOST_PROBLEMS]} if problems else {})


ASIDE = ("quarantined", "conflict")
CONFLICT = Problem("conflict", "event_id", "This id was used before for another content; what was first stays.")


def _problem(row: RawRow, outcome: str) -> dict[str, object]:
    problem = row.reading.problem if outcome == "quarantined" and row.reading.problem else CONFLICT
    return {"index": row.position, "code": problem.code, "where": problem.where, "detail": problem.detail}
