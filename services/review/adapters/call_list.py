"""The list of calls: scope and filters as SQL, pages by keyset, rows cut to what the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, false, func, literal_column, or_, select

from services.review.adapters.call_order import column_of, stretches, walk
from services.review.adapters.reasons import HasReason
from services.review.adapters.store_calls import from_hundredths, hundredths, unlisted
from services.review.adapters.tables import calls, tasks
from services.review.adapters.tables_people import departments, people
from services.review.domain.calls import CallType
from services.review.domain.drafting import RISKS
from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import Action, Scope, scopes
from services.review.domain.statuses import LISTENING, Status
from services.review.domain.views import NEWEST, CallFilters, CallPage, CallRow, CallSort

MAX_PAGE = 200
WAITING = LISTENING | {Status.EVALUATED_PENDING, Status.EVALUATED_APPEALED}  # somebody is to do something: never many
NARROW_TALK_MS = 5_000
NARROW_RATE_HUNDREDTHS = 100


def in_scope(viewer: Viewer, action: Action = Action.CALL_READ) -> ColumnElement[bool]:
    """The calls to which the viewer's permission for the action reaches."""
    reach: list[ColumnElement[bool]] = []
    for scope in scopes(viewer, action):
        match scope:
            case Scope.ALL:
                reach.append(calls.c.status.is_not(None))
            case Scope.OWN:
                reach.append(calls.c.seller_id == viewer.person_id)
            case Scope.MENTEE:
                reach.append(calls.c.seller_id.in_(sorted(viewer.mentee_ids)))
            case Scope.ASSIGNED:
                columns = (calls.c.assignee_id, calls.c.second_id, calls.c.evaluator_id)
                reach += [column == viewer.person_id for column in columns]
            case Scope.TAKEN:
                reach.append(calls.c.taken_by_id == viewer.person_id)
            case Scope.DEPARTMENT:
                reach.append(_any_of(calls.c.department_id, sorted(viewer.department_ids)))
    return or_(*reach) if reach else false()


def _any_of(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    """Equality where one value is asked for: only that lets an index give the order too."""
    condition: ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return condition


def blind_for(viewer: Viewer) -> ColumnElement[bool]:
    """Calls that the viewer is to score without sight of the draft, or of the first controller's scores."""
    return exists().where(
        tasks.c.call_id == calls.c.call_id,
        tasks.c.assignee_id == viewer.person_id,
        tasks.c.state != "done",
        or_(tasks.c.blind.is_(True), tasks.c.kind == "second"),
    )


def conditions(
    viewer: Viewer, filters: CallFilters, now: datetime, sort: CallSort = NEWEST
) -> list[ColumnElement[bool]]:
    """The filters as SQL. What is hidden from the viewer cannot be found out by filtering for it."""
    sees_draft = _sees_draft(viewer)
    ordered_by = column_of(sort.order, sees_draft=sees_draft)
    found = [*_plain(filters), *_ranges(filters, ordered_by), *_work(filters, now, ordered_by)]
    drafted = _drafted(filters, ordered_by, sees_draft=sees_draft)
    if drafted and viewer.role is Role.CONTROLLER:
        drafted.append(~blind_for(viewer))
    return found + drafted


def _plain(filters: CallFilters) -> Iterable[ColumnElement[bool]]:
    if filters.statuses:
        yield _any_of(calls.c.status, [status.value for status in filters.statuses])
    for name in (
        "seller_id",
        "department_id",
        "direction",
        "outcome",
        "rating",
        "lead_id",
        "client_key",
        "source",
        "campaign",
        "scorecard_version",
        "number",
    ):
        value = getattr(filters, name)
        if value is not None:
            yield calls.c[name] == value
    if filters.appealed is not None:
        # the words of the partial index; `appealed IS 1` would not be answered by it
        yield literal_column("calls.appealed") if filters.appealed else calls.c.appealed.is_(False)
    if filters.has_recording is not None:
        yield calls.c.audio_uri.is_not(None) if filters.has_recording else calls.c.audio_uri.is_(None)


def _ranged(column: Any, low: int | None, high: int | None, narrow: int, ordered_by: Any) -> Any:
    """The column for a range: with its index when few rows can fit, else without, so that the order's index is walked.

    A wide range by its own index finds a large share of all calls and sorts them: fifteen seconds over a million.
    """
    few = low is not None and high is not None and high - low <= narrow
    return column if few or column is ordered_by else column + 0


def _ranges(filters: CallFilters, ordered_by: Any) -> Iterable[ColumnElement[bool]]:
    if filters.started_from is not None:
        yield calls.c.started_at >= filters.started_from
    if filters.started_to is not None:
        yield calls.c.started_at < filters.started_to
    talk = _ranged(calls.c.talk_ms, filters.talk_from_ms, filters.talk_to_ms, NARROW_TALK_MS, ordered_by)
    if filters.talk_from_ms is not None:
        yield talk >= filters.talk_from_ms
    if filters.talk_to_ms is not None:
        yield talk < filters.talk_to_ms


def _work(filters: CallFilters, now: datetime, ordered_by: Any) -> Iterable[ColumnElement[bool]]:
    if filters.controller_id is not None:
        yield or_(calls.c.assignee_id == filters.controller_id, calls.c.evaluator_id == filters.controller_id)
    if filters.overdue is True:
        # as with ranges: without the index of the time itself, so that the order's index is walked
        due = calls.c.due_at if ordered_by is calls.c.due_at else func.coalesce(calls.c.due_at, calls.c.due_at)
        yield and_(calls.c.due_at.is_not(None), due < now)
    if filters.overdue is False:
        yield or_(calls.c.due_at.is_(None), calls.c.due_at >= now)


def _drafted(filters: CallFilters, ordered_by: Any, *, sees_draft: bool) -> list[ColumnElement[bool]]:
    """Filters on what the machine proposes or, for those who may not see that, on what people decided."""
    found: list[ColumnElement[bool]] = []
    low, high = hundredths(filters.cqr_from), hundredths(filters.cqr_to)
    column = calls.c.list_cqr_hundredths if sees_draft else calls.c.cqr_hundredths
    rate = _ranged(column, low, high, NARROW_RATE_HUNDREDTHS, ordered_by)
    if low is not None:
        found.append(rate >= low)
    if high is not None:
        found.append(rate <= high)
    if filters.call_type is not None:
        kind = calls.c.list_type if sees_draft else calls.c.call_type
        found.append(kind == filters.call_type.value)
    if filters.remarkable is not None or filters.red_flag is not None:
        found += _remarkable(filters) if sees_draft else [false()]
    return found


def _remarkable(filters: CallFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.remarkable == "any":
        found.append(calls.c.remarkable != "")
    elif filters.remarkable is not None:
        found.append(HasReason(filters.remarkable) if filters.remarkable in RISKS else false())
    if filters.red_flag is not None:
        found.append(calls.c.red_flags != "" if filters.red_flag else calls.c.red_flags == "")
    return found


class Names:
    """Names of people and departments, read once for a page."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._people: dict[str, str | None] = {}
        self._departments: dict[str, str | None] | None = None

    def know(self, person_ids: Iterable[str | None]) -> None:
        """Reads the names of these people at once."""
        wanted = sorted({person for person in person_ids if person is not None} - self._people.keys())
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            self._people.update(dict.fromkeys(part))
            query = select(people.c.person_id, people.c.name).where(people.c.person_id.in_(part))
            self._people.update({row.person_id: row.name for row in self._connection.execute(query)})

    def person(self, person_id: str | None) -> str | None:
        """A person's name."""
        if person_id is None:
            return None
        self.know([person_id])
        return self._people[person_id]

    def department(self, department_id: str | None) -> str | None:
        """A department's name."""
        if self._departments is None:
            query = select(departments.c.department_id, departments.c.name)
            self._departments = {row.department_id: row.name for row in self._connection.execute(query)}
        return None if department_id is None else self._departments.get(department_id)


def call_list(
    connection: Connection,
    viewer: Viewer,
    filters: CallFilters,
    *,
    now: datetime,
    sort: CallSort = NEWEST,
    cursor: str | None = None,
    limit: int = 50,
    extra: Sequence[ColumnElement[bool]] = (),
) -> CallPage:
    """A page of the list, newest first unless another order is asked for. Raises BadCursor."""
    limit = max(1, min(limit, MAX_PAGE))
    query = select(calls).where(
        calls.c.status.is_not(None), in_scope(viewer), *conditions(viewer, filters, now, sort), *extra
    )
    blind = blind_for(viewer) if viewer.role is Role.CONTROLLER else None
    few = bool(extra) or narrow(filters)
    way = stretches(connection, sort, sees_draft=_sees_draft(viewer), blind=blind, few=few)
    rows, following = walk(connection, query, way, cursor, limit)
    return CallPage(tuple(call_rows(connection, viewer, rows, now)), following)


def narrow(filters: CallFilters) -> bool:
    """Whether an index of the filters finds few calls, whatever the order."""
    told = (filters.lead_id, filters.client_key, filters.number, filters.remarkable)
    waits = bool(filters.statuses) and all(status in WAITING for status in filters.statuses)
    marked = (filters.red_flag, filters.appealed, filters.overdue)
    return waits or True in marked or any(each is not None for each in told)


def _sees_draft(viewer: Viewer) -> bool:
    return bool(scopes(viewer, Action.DRAFT_READ))


def call_rows(
    connection: Connection, viewer: Viewer, rows: Sequence[Row[Any]], now: datetime, names: Names | None = None
) -> list[CallRow]:
    """Rows of `calls` as the viewer may see them."""
    names = names or Names(connection)
    names.know(person for row in rows for person in (row.seller_id, row.assignee_id))
    blind = _blind_kinds(connection, viewer, [row.call_id for row in rows])
    sees_draft = _sees_draft(viewer)
    return [call_row(row, names, now, hidden=blind.get(row.call_id), sees_draft=sees_draft) for row in rows]


def _blind_kinds(connection: Connection, viewer: Viewer, call_ids: Sequence[str]) -> Mapping[str, str]:
    """Of these calls: those the viewer scores blind, with `draft` or `all` (also the first one's scores) hidden."""
    if viewer.role is not Role.CONTROLLER or not call_ids:
        return {}
    query = select(tasks.c.call_id, tasks.c.kind, tasks.c.blind).where(
        tasks.c.call_id.in_(call_ids), tasks.c.assignee_id == viewer.person_id, tasks.c.state != "done"
    )
    found = {}
    for row in connection.execute(query):
        if row.kind == "second":
            found[row.call_id] = "all" if row.blind else "scores"
        elif row.blind:
            found[row.call_id] = "draft"
    return found


def call_row(row: Row[Any], names: Names, now: datetime, *, hidden: str | None, sees_draft: bool) -> CallRow:
    """One row; `hidden` is `draft`, `scores` (of the first controller) or `all`."""
    shows_draft = sees_draft and hidden not in ("draft", "all")
    shows_scores = hidden not in ("scores", "all")
    kind = row.call_type if shows_scores else None
    kind = kind or (row.draft_type if shows_draft else None)
    return CallRow(
        call_id=row.call_id,
        number=row.number,
        status=Status(row.status),
        version=row.version,
        started_at=row.started_at,
        direction=row.direction,
        outcome=row.outcome,
        talk_ms=row.talk_ms,
        duration_ms=row.duration_ms,
        seller_id=row.seller_id,
        seller_name=names.person(row.seller_id),
        department_id=row.department_id,
        department_name=names.department(row.department_id),
        client_label=row.client_label,
        client_key=row.client_key,
        lead_id=row.lead_id,
        call_type=CallType(kind) if kind else None,
        cqr=from_hundredths(row.cqr_hundredths) if shows_scores else None,
        draft_cqr=from_hundredths(row.draft_cqr_hundredths) if shows_draft else None,
        remarkable=unlisted(row.remarkable) if shows_draft else (),
        red_flags=unlisted(row.red_flags) if shows_draft else (),
        rating=row.rating,
        assignee_id=row.assignee_id,
        assignee_name=names.person(row.assignee_id),
        due_at=row.due_at,
        overdue=row.due_at is not None and row.due_at < now and row.status in {each.value for each in LISTENING},
        approve_at=row.approve_at if row.status == Status.EVALUATED_PENDING.value else None,
        has_audio=row.audio_uri is not None,
        has_transcript=row.transcript_uri is not None,
    )
