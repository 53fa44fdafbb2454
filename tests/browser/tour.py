"""Every page of the product, by who looks at it: for checks that hold everywhere and for pictures."""

from __future__ import annotations

from tests.browser.asking import calls_in
from tests.browser.serving import Place


def stops(place: Place) -> dict[str | None, list[tuple[str, str]]]:
    """(name, address) of each page by person; None is somebody who is not logged in."""
    listening = calls_in(place, "listening_counted", assignee_id="olga")
    done = calls_in(place, "approved_evaluated", evaluator_id="olga")
    appealed = calls_in(place, "evaluated_appealed", department_id="contact-centre")
    own = calls_in(place, "evaluated_pending", department_id="contact-centre")[0]
    seller = seller_of(place, own)
    return {
        None: [("login", "/login"), ("login-wrong", "/login?error=wrong_log_in")],
        "olga": [
            ("work", "/work"),
            ("call-to-take", f"/calls/{listening[-1]}"),
            ("call-done", f"/calls/{done[-1]}"),
            ("credit-controller", "/credit"),
        ],
        "svetlana": [
            ("calls", "/calls"),
            ("calls-found", "/calls?q=окно"),
            ("calls-filtered", "/calls?status=approved_evaluated&flag=1"),
            ("calls-none", "/calls?number=999999"),
            ("team", "/team"),
            ("agreement", "/agreement"),
            ("samples", "/samples"),
            ("leads", "/leads"),
            ("files", "/files"),
            ("appeal-to-decide", f"/calls/{appealed[0]}#tab-appeal"),
        ],
        seller: [
            ("credit-seller", "/credit"),
            ("call-seller", f"/calls/{own}"),
            ("profile", "/profile"),
        ],
        "anna": [
            ("admin-people", "/admin"),
            ("admin-person", "/admin/people/olga"),
            ("admin-new", "/admin/people/new"),
            ("admin-sources", "/admin/sources"),
            ("admin-letters", "/admin/letters"),
            ("admin-audit", "/admin/audit"),
            ("admin-access", "/admin/access"),
            ("admin-calendars", "/admin/calendars"),
            ("admin-settings", "/admin/settings"),
            ("not-there", "/nowhere"),
        ],
    }


def seller_of(place: Place, call_id: str) -> str:
    """Who spoke."""
    for seller in ("marina", "ilya", "alina"):
        if any(call_id in calls_in(place, status, seller_id=seller) for status in ("evaluated_pending",)):
            return seller
    raise AssertionError("nobody of the contact centre")
