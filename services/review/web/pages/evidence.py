"""What can be proved later: who changed what, who saw or heard which data, and why a call was or was not drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response

from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, Scope, may_ever, scopes
from services.review.domain.reports import SampleLine, SampleView
from services.review.domain.sampling import Why
from services.review.handlers.refusals import NotFound
from services.review.ports.books import Books, Look
from services.review.web.pages.filters import Names
from services.review.web.pages.months import end_of_day
from services.review.web.pages.routing import HouseDep, pages_router
from services.review.web.pages.tables import csv_response
from services.review.web.pages.words import Words
from services.review.web.security import require

router = pages_router()
ENTRIES = 100
MOST = 10_000  # rows of a file
DAYS = 62  # days of samples to choose from
REASONS = tuple(why.value for why in Why)
KINDS = ("view", "play", "download", "export", "search", "denied")
Auditor = Annotated[Viewer, Depends(require(Action.AUDIT_READ))]
AccessReader = Annotated[Viewer, Depends(require(Action.ACCESS_LOG_READ))]
Explained = Annotated[Viewer, Depends(require(Action.SAMPLE_EXPLAIN))]


def books_of(request: Request) -> Books:
    """Dependency: the logs of the house."""
    books: Books = request.app.state.books
    return books


BooksDep = Annotated[Books, Depends(books_of)]


@router.get("/admin/audit")
def audit(
    request: Request,
    house: HouseDep,
    books: BooksDep,
    viewer: Auditor,
    who: str | None = None,
    what: str | None = None,
    before: int | None = None,
    verify: bool = False,
) -> Response:
    """Who changed what, of one person or one object if asked; on request the whole chain is checked."""
    found = books.audit(object_kind=None, object_id=what or None, actor_id=who or None, before=before, limit=ENTRIES)
    faults = books.verify()[1] if verify else ()
    entries = [each.entry for each in found]
    return house.page(
        request,
        viewer,
        "admin_audit.html",
        tab="audit",
        entries=entries,
        asked={"who": who or "", "what": what or ""},
        further=_further(entries[-1].seq if len(entries) == ENTRIES else None, who=who, what=what),
        verified=verify,
        broken=min((fault.seq for fault in faults), default=None),
        names=house.names().people,
        may_see_calls=may_ever(viewer, Action.CALL_READ),
    )


@router.get("/admin/access")
def access(
    request: Request,
    house: HouseDep,
    books: BooksDep,
    viewer: AccessReader,
    who: str | None = None,
    what: str | None = None,
    kind: str | None = None,
    since: str | None = None,
    until: str | None = None,
    before: int | None = None,
    download: str | None = None,
) -> Response:
    """Who saw, heard or took away what; days are the reader's own, both ends included."""
    words, names = house.words(request, viewer), house.names()
    asked = {"who": who, "what": what, "kind": kind if kind in KINDS else None, "since": since, "until": until}
    looks = books.looks(
        person_id=who or None,
        object_id=what or None,
        kind=asked["kind"],
        since=_begin_of_day(since, viewer.zone),
        until=_end_of_day(until, viewer.zone),
        before=before,
        limit=MOST if download else ENTRIES,
    )
    if download:
        return _access_file(looks, names, words)
    return house.page(
        request,
        viewer,
        "admin_access.html",
        tab="access",
        looks=looks,
        asked={name: value or "" for name, value in asked.items()},
        kinds=KINDS,
        people=sorted(names.people.items(), key=lambda each: each[1]),
        names=names.people,
        further=_further(looks[-1].seq if len(looks) == ENTRIES else None, **asked),
        file="?" + urlencode({**{name: value for name, value in asked.items() if value}, "download": "access"}),
    )


def _further(before: int | None, **asked: str | None) -> str | None:
    """The address of the next page with the same conditions."""
    if before is None:
        return None
    return "?" + urlencode({**{name: value for name, value in asked.items() if value}, "before": before})


def _begin_of_day(text: str | None, zone: str) -> datetime | None:
    return end_of_day(text, zone) - timedelta(days=1) + timedelta(seconds=1) if text else None


def _end_of_day(text: str | None, zone: str) -> datetime | None:
    return end_of_day(text, zone) + timedelta(seconds=1) if text else None


def _access_file(looks: Sequence[Look], names: Names, words: Words) -> Response:
    header = [words(f"admin.{name}") for name in ("when", "who", "look", "object", "shown", "why", "request")]
    rows = (
        (
            look.at.isoformat(),
            names.people.get(look.person_id, look.person_id),
            words.named("look", look.kind),
            f"{look.object_kind} {look.object_id}",
            look.fields,
            look.why,
            look.request_id,
        )
        for look in looks
    )
    return csv_response("access", header, rows)


@router.get("/samples")
def samples(
    request: Request,
    house: HouseDep,
    books: BooksDep,
    viewer: Explained,
    day: date | None = None,
    department: str | None = None,
    download: str | None = None,
) -> Response:
    """A day's sample: how it was drawn, how many of each seller, and why each call was or was not chosen."""
    words = house.words(request, viewer)
    everywhere = Scope.ALL in scopes(viewer, Action.SAMPLE_EXPLAIN)
    known = books.sampled(None if everywhere else sorted(viewer.department_ids), DAYS)
    departments = list(dict.fromkeys(each for each, _ in known))
    place = department if department in departments else next(iter(sorted(departments)), None)
    days = [each for department_id, each in known if department_id == place]
    chosen = day if day is not None else next(iter(days), None)
    sample = None
    if place is not None and chosen is not None:
        try:
            with house.reads.queries() as queries:
                sample = queries.sample(viewer, place, chosen)
        except NotFound:
            sample = None
    names = house.names()
    if download and sample is not None:
        return _sample_file(sample, names, words)
    return house.page(
        request,
        viewer,
        "samples.html",
        sample=sample,
        lines=sorted(sample.lines, key=_order) if sample is not None else (),
        counts=_counts(sample) if sample is not None else (),
        day=chosen,
        days=days,
        place=place,
        departments=[(each, names.departments.get(each, each)) for each in sorted(departments)],
        names=names.people,
        may_see_calls=may_ever(viewer, Action.CALL_READ),
    )


def _order(line: SampleLine) -> tuple[int, int]:
    """The chosen ones first, then those that took part, then the others by reason; each by number."""
    return REASONS.index(line.reason), line.number


def _counts(sample: SampleView) -> list[tuple[str, int]]:
    found = Counter(line.reason for line in sample.lines)
    return [(reason, found[reason]) for reason in REASONS if found[reason]]


def _sample_file(sample: SampleView, names: Names, words: Words) -> Response:
    header = [words("calls.number"), words("calls.seller"), words("sample.chosen"), words("sample.why")]
    rows = (
        (
            line.number,
            names.people.get(line.seller_id or "", line.seller_id),
            int(line.chosen),
            words.named("drawn", line.reason),
        )
        for line in sample.lines
    )
    return csv_response(f"sample-{sample.department_id}-{sample.local_date.isoformat()}", header, rows)
