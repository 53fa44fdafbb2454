"""The address bar holds the list's conditions: read, said in words, removed one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.review.domain.calls import CallType
from services.review.domain.statuses import Status
from services.review.domain.views import CallFilters
from services.review.web.pages.filters import READERS, SAID, Names, read
from services.review.web.pages.words import words_of

NAMES = Names({"marina": "Марина К."}, {"sales": "Отдел продаж"})
RU = words_of("ru")


@pytest.mark.parametrize(
    ("name", "value", "filters", "said"),
    [
        (
            "status",
            "evaluated_pending",
            CallFilters(statuses=(Status.EVALUATED_PENDING,)),
            "Оценён: в зачёт не утверждено",
        ),
        ("seller", "marina", CallFilters(seller_id="marina"), "Марина К."),
        ("seller", "gone", CallFilters(seller_id="gone"), "gone"),
        ("department", "sales", CallFilters(department_id="sales"), "Отдел продаж"),
        ("type", "objection", CallFilters(call_type=CallType.OBJECTION), "Звонок-возражение"),
        ("direction", "in", CallFilters(direction="in"), "входящий"),
        ("cqr_to", "60", CallFilters(cqr_to=Decimal(60)), "CQR до 60"),
        ("longer", "1.5", CallFilters(talk_from_ms=90_000), "длиннее 1.5"),
        ("flag", "1", CallFilters(red_flag=True), "с флагами"),
        ("number", "№104", CallFilters(number=104), "№104"),
        ("from", "2026-11-01", CallFilters(started_from=datetime(2026, 10, 31, 21, tzinfo=UTC)), "с 2026-11-01"),
        ("to", "2026-11-01", CallFilters(started_to=datetime(2026, 11, 1, 21, tzinfo=UTC)), "по 2026-11-01"),
    ],
)
def test_a_condition_narrows_the_list_and_is_said(name: str, value: str, filters: CallFilters, said: str) -> None:
    asked = read([(name, value)], RU, "Europe/Moscow", NAMES)
    assert asked.filters == filters
    assert [each.text for each in asked.conditions] == [said]


def test_each_condition_leads_to_the_list_without_it() -> None:
    asked = read([("q", "дорого"), ("status", "approved_evaluated"), ("flag", "1")], RU, "Europe/Moscow", NAMES)
    assert [each.without for each in asked.conditions] == [
        "/calls?status=approved_evaluated&flag=1",
        "/calls?q=%D0%B4%D0%BE%D1%80%D0%BE%D0%B3%D0%BE&flag=1",
        "/calls?q=%D0%B4%D0%BE%D1%80%D0%BE%D0%B3%D0%BE&status=approved_evaluated",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "no_such"),
        ("from", "yesterday"),
        ("cqr_from", "much"),
        ("flag", "maybe"),
        ("direction", "up"),
        ("number", "²"),
        ("longer", "NaN"),
    ],
)
def test_what_is_not_understood_is_said_and_not_applied(name: str, value: str) -> None:
    asked = read([(name, value)], RU, "Europe/Moscow", NAMES)
    assert (asked.filters, asked.conditions, asked.misread) == (CallFilters(), (), (name,))


def test_unknown_parameters_and_empty_fields_are_left_alone() -> None:
    asked = read([("cursor", "x"), ("seller", " "), ("utm", "1")], RU, "Europe/Moscow", NAMES)
    assert (asked.filters, asked.query, asked.misread) == (CallFilters(), "", ())


def test_every_condition_can_be_said() -> None:
    by_code = {"status", "type", "direction", "outcome", "seller", "controller", "department", "remarkable"}
    assert set(READERS) - by_code == set(SAID) - {"q"}
