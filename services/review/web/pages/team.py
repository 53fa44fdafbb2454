"""The head's overview: whom to help, what to hear, what to decide, who is overloaded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

from fastapi import Request, Response

from services.review.domain.permissions import Action, may_ever
from services.review.domain.reports import Heatmap
from services.review.domain.statuses import CREDITED, PRELIMINARY
from services.review.web.pages.months import first_day, month_asked, month_now, moved
from services.review.web.pages.routing import HouseDep, pages_router
from services.review.web.pages.tables import csv_response
from services.review.web.pages.wording import Wording
from services.review.web.pages.words import Words
from services.review.web.security import ViewerDep

router = pages_router()
TONES = ((Decimal(40), "h0"), (Decimal(60), "h1"), (Decimal(75), "h2"), (Decimal(90), "h3"))


def heat_tone(mean: Decimal) -> str:
    """The tone of a cell of the heat map: five steps from bad to good."""
    return next((tone for limit, tone in TONES if mean < limit), "h4")


@router.get("/team")
def show(
    request: Request, house: HouseDep, viewer: ViewerDep, month: str | None = None, download: str | None = None
) -> Response:
    """The team in a month."""
    words, now = house.words(request, viewer), house.now()
    asked = month_asked(month, now, viewer.zone)
    with house.reads.queries() as queries:
        heat = queries.team_heatmap(viewer, asked)
        risk = queries.risk_queue(viewer, limit=30)
        appeals = queries.appeals_to_decide(viewer) if may_ever(viewer, Action.DECIDE_APPEAL) else ()
        load = queries.controller_load(viewer)
        credits = queries.credits(viewer, asked)
    if download == "heat":
        return heat_file(heat, words)
    first = first_day(asked)
    span = {"from": first.isoformat(), "to": _last_day(asked), "status": sorted(CREDITED)}
    return house.page(
        request,
        viewer,
        "team.html",
        heat=heat,
        criteria=in_card_order(heat.criteria, words),
        cells={(cell.seller_id, cell.criterion): cell for cell in heat.cells},
        heat_tone=heat_tone,
        risk=risk,
        appeals=appeals,
        load=load,
        credits=credits,
        preliminary=PRELIMINARY,
        may_take=may_ever(viewer, Action.SEND_UNCOUNTED),
        seller_calls=lambda seller_id: "/calls?" + urlencode({"seller": seller_id, **span}, doseq=True),
        month_name=Wording(words, viewer.zone, now).month(first),
        previous_month=moved(asked, -1),
        next_month=moved(asked, 1) if asked < month_now(now, viewer.zone) else None,
    )


def _last_day(month: str) -> str:
    return (first_day(moved(month, 1)) - timedelta(days=1)).isoformat()


def in_card_order(criteria: Iterable[str], words: Words) -> list[str]:
    """The criteria as the default scorecard orders them, a company's own last."""
    known = [key.removeprefix("criterion.") for key in words.entries if key.startswith("criterion.")]
    return sorted(criteria, key=lambda code: (known.index(code) if code in known else len(known), code))


def heat_file(heat: Heatmap, words: Words) -> Response:
    """The heat map as a table: seller, criterion, mean, margin, calls."""
    header = [words("head.seller"), words("agreement.criterion"), "0…100", "±", words("head.calls_count")]
    rows = (
        (cell.seller_name, words.named("criterion", cell.criterion), cell.mean, cell.margin, cell.calls)
        for cell in heat.cells
    )
    return csv_response(f"team-{heat.month}", header, rows)
