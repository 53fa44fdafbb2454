"""How alike machine and people, and people among themselves, score."""

from __future__ import annotations

from fastapi import Request, Response

from services.review.web.pages.routing import HouseDep, pages_router
from services.review.web.pages.tables import csv_response
from services.review.web.pages.team import in_card_order
from services.review.web.security import ViewerDep

router = pages_router()
PAIRINGS = (("machine", "machine_person_blind"), ("seen", "machine_person_seen"), ("people", "person_person"))


@router.get("/agreement")
def show(request: Request, house: HouseDep, viewer: ViewerDep, download: str | None = None) -> Response:
    """The last computed report."""
    words = house.words(request, viewer)
    with house.reads.queries() as queries:
        report = queries.agreement(viewer)
    order = in_card_order({row.criterion for row in report.rows}, words)
    rows_in_order = sorted(report.rows, key=lambda row: order.index(row.criterion))
    groups = [(name, [row for row in rows_in_order if row.pairing == pairing]) for name, pairing in PAIRINGS]
    if download == "agreement":
        header = [words("agreement.criterion"), "", words("agreement.kappa"), "", "", words("agreement.pairs")]
        rows = ((row.criterion, row.pairing, row.kappa, row.low, row.high, row.pairs) for row in report.rows)
        return csv_response("agreement", header, rows)
    return house.page(
        request, viewer, "agreement.html", report=report, groups=[(name, rows) for name, rows in groups if rows]
    )
