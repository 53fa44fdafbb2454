"""The table of statuses against domain.md §2, written here a second time, by hand."""

from __future__ import annotations

import pytest

from services.review.domain.people import Role
from services.review.domain.statuses import (
    PERMISSION,
    TRANSITIONS,
    Condition,
    Move,
    Refused,
    Status,
    Verdict,
    moves_from,
    next_status,
)

PRELIMINARY = ("unclassified", "auto_classified", "manually_classified")

# from, to, who: as the page of the business says, "any preliminary" written out
SPEC = {
    (None, "unclassified", "system"),
    (None, "auto_classified", "system"),
    ("unclassified", "manually_classified", "head"),
    ("unclassified", "manually_classified", "controller"),
    ("auto_classified", "manually_classified", "head"),
    ("auto_classified", "manually_classified", "controller"),
    *((origin, "listening_for_advice", "seller") for origin in PRELIMINARY),
    *((origin, "listening_counted", who) for origin in PRELIMINARY for who in ("system", "head")),
    *((origin, "listening_uncounted", who) for origin in PRELIMINARY for who in ("head", "mentor")),
    ("listening_counted", "evaluated_pending", "controller"),
    ("listening_for_advice", "approved_training", "head"),
    ("listening_uncounted", "approved_training", "head"),
    ("listening_uncounted", "approved_training", "mentor"),
    ("evaluated_pending", "evaluated_appealed", "seller"),
    ("evaluated_pending", "approved_evaluated", "system"),
    ("evaluated_appealed", "approved_evaluated", "head"),
    ("evaluated_appealed", "approved_overturned", "head"),
}
EVERYTHING = frozenset(Condition)


def test_every_status_move_and_role_leads_where_the_business_says() -> None:
    found = set()
    for origin in (None, *Status):
        for move in Move:
            for role in Role:
                verdict = next_status(origin, move, role, EVERYTHING)
                if isinstance(verdict, Status):
                    found.add((None if origin is None else origin.value, verdict.value, role.value))
    assert found == SPEC


def test_one_row_for_each_origin_and_move() -> None:
    keys = [(row.origin, row.move) for row in TRANSITIONS]
    assert len(keys) == len(set(keys))


def test_every_move_needs_a_permission() -> None:
    assert set(PERMISSION) == set(Move)


@pytest.mark.parametrize(
    ("origin", "move", "role", "met", "expected"),
    [
        (Status.APPROVED_EVALUATED, Move.APPEAL, Role.SELLER, EVERYTHING, Refused(Verdict.ILLEGAL_MOVE)),
        (Status.LISTENING_COUNTED, Move.EVALUATE_COUNTED, Role.HEAD, EVERYTHING, Refused(Verdict.NOT_PERMITTED)),
        (
            Status.EVALUATED_PENDING,
            Move.APPEAL,
            Role.SELLER,
            frozenset({Condition.OWN_CALL}),
            Refused(Verdict.CONDITION, (Condition.REASON, Condition.WITHIN_APPEAL_TIME)),
        ),
        (
            Status.EVALUATED_APPEALED,
            Move.UPHOLD_APPEAL,
            Role.HEAD,
            EVERYTHING - {Condition.NOT_HIMSELF},
            Refused(Verdict.CONDITION, (Condition.NOT_HIMSELF,)),
        ),
        (
            Status.LISTENING_FOR_ADVICE,
            Move.EVALUATE_ADVICE,
            Role.HEAD,
            EVERYTHING - {Condition.RECOMMENDATION},
            Refused(Verdict.CONDITION, (Condition.RECOMMENDATION,)),
        ),
    ],
)
def test_refusals_name_what_is_missing(
    origin: Status, move: Move, role: Role, met: frozenset[Condition], expected: Refused
) -> None:
    assert next_status(origin, move, role, met) == expected


def test_final_statuses_have_no_way_out() -> None:
    finals = (Status.APPROVED_TRAINING, Status.APPROVED_EVALUATED, Status.APPROVED_OVERTURNED)
    assert [moves_from(status, role) for status in finals for role in Role] == [()] * (3 * len(Role))
