"""A person's month: what counts for his pay, what it is made of, and how his rate moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from services.review.domain.people import Role, Viewer
from services.review.domain.reports import Credit, LedgerLine
from services.review.domain.views import CallFilters
from services.review.web.pages.figures import mean_and_margin
from services.review.web.pages.house import House
from services.review.web.pages.months import first_day, month_asked, month_now, moved
from services.review.web.pages.routing import HouseDep, pages_router
from services.review.web.pages.tables import Chart, ChartRow, csv_response
from services.review.web.pages.wording import Wording
from services.review.web.pages.words import Words
from services.review.web.security import ViewerDep

router = pages_router()
MONTHS_SHOWN = 3
ROWS = 20


@router.get("/credit")
def show_own(
    request: Request, house: HouseDep, viewer: ViewerDep, month: str | None = None, download: str | None = None
) -> Response:
    """One's own month."""
    return _show(request, house, viewer, viewer.person_id, month, download)


@router.get("/credit/{person_id}")
def show(
    person_id: str,
    request: Request,
    house: HouseDep,
    viewer: ViewerDep,
    month: str | None = None,
    download: str | None = None,
) -> Response:
    """The month of somebody of the viewer's department."""
    return _show(request, house, viewer, person_id, month, download)


def _show(
    request: Request, house: House, viewer: Viewer, person_id: str, month: str | None, download: str | None
) -> Response:
    words, now = house.words(request, viewer), house.now()
    asked = month_asked(month, now, viewer.zone)
    say = Wording(words, viewer.zone, now)
    own = person_id == viewer.person_id
    with house.reads.queries() as queries:
        credit = queries.credit(viewer, person_id, asked)
        earlier = [queries.credit(viewer, person_id, moved(asked, -by)) for by in range(1, MONTHS_SHOWN)]
        work = queries.my_work(viewer) if own and viewer.role is Role.SELLER else None
        seller = credit.role == Role.SELLER.value
        recent = queries.call_list(viewer, CallFilters(seller_id=person_id), limit=ROWS).rows if seller else ()
    if download == "ledger":
        return _ledger_file(credit, words, say)
    chart = rate_chart([*earlier, credit], viewer.zone, words, say, asked)
    if download == "cqr" and chart is not None:
        return csv_response("cqr", chart.columns, ((row.label, *row.values) for row in chart.rows))
    return house.page(
        request,
        viewer,
        "credit.html",
        heading=_heading(words, say, credit, own, asked),
        credit=credit,
        work=work,
        recent=recent,
        recent_query="" if own else f"?seller={person_id}",
        chart=chart,
        margin=_margin(credit),
        previous_month=moved(asked, -1),
        next_month=moved(asked, 1) if asked < month_now(now, viewer.zone) else None,
    )


def _margin(credit: Credit) -> Decimal | None:
    rates = [line.amount for line in credit.lines if line.unit == "cqr" and line.amount >= 0]
    return mean_and_margin(rates)[1] if rates else None


def _heading(words: Words, say: Wording, credit: Credit, own: bool, month: str) -> str:
    if own:
        return words("seller.credit", month=say.month(first_day(month)))
    return f"{credit.person_name or credit.person_id}, {say.month(first_day(month))}"


def _ledger_file(credit: Credit, words: Words, say: Wording) -> Response:
    header = [words(f"seller.{name}") for name in ("when", "entry", "call", "amount")]
    rows = ((say.stamp(line.at), words(f"unit.{line.unit}"), line.call_number, line.amount) for line in credit.lines)
    return csv_response(f"credit-{credit.person_id}-{credit.month}", header, rows)


def rate_chart(credits: Sequence[Credit], zone: str, words: Words, say: Wording, month: str) -> Chart | None:
    """The mean rate by week of the shown months, with how sure it is; None with fewer than two weeks."""
    weeks: dict[date, list[Decimal]] = {}
    for line in (line for credit in credits for line in credit.lines if line.unit == "cqr"):
        weeks.setdefault(_monday(line, zone), []).append(line.amount)
    if len(weeks) < 2:
        return None
    rows = []
    for monday in sorted(weeks):
        mean, margin = mean_and_margin(weeks[monday])
        start = datetime.combine(monday, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
        span = urlencode({"from": monday.isoformat(), "to": (monday + timedelta(days=6)).isoformat()})
        seller = urlencode({"seller": credits[-1].person_id})
        values = (mean, margin, Decimal(len(weeks[monday])))
        rows.append(ChartRow(int(start.timestamp()), say.day(monday), values, f"/calls?{seller}&{span}"))
    columns = (words("seller.week"), "CQR", "±", words("head.calls_count"))
    return Chart("cqr", words("seller.over_time"), columns, tuple(rows), f"?month={month}&download=cqr")


def _monday(line: LedgerLine, zone: str) -> date:
    day = line.at.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())
