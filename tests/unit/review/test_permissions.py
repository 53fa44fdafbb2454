"""The policy a second time, written from the business's side: who reaches which calls with which action."""

from __future__ import annotations

import pytest

from services.review.domain.people import SYSTEM, Role, Viewer
from services.review.domain.permissions import GRANTS, Action, CallFacts, may_ever, permits, scopes

VIEWERS = {
    "seller": Viewer("s1", Role.SELLER, frozenset({"A"})),
    "mentor": Viewer("m1", Role.MENTOR, frozenset({"A"}), frozenset({"s1", "s9"})),
    "controller": Viewer("c1", Role.CONTROLLER, frozenset({"A"})),
    "head": Viewer("h1", Role.HEAD, frozenset({"A", "B"})),
    "analyst": Viewer("a1", Role.ANALYST),
    "admin": Viewer("x1", Role.ADMIN),
    "system": SYSTEM,
}

# Calls as the roles may meet them; `s9` moved from A to C, his old calls stay with A.
CALLS = {
    "own": lambda v: CallFacts(seller_id=v.person_id, department_id="A"),
    "own, routed to himself": lambda v: CallFacts(v.person_id, "A", v.person_id, v.person_id, v.person_id),
    "s1 in A": lambda v: CallFacts("s1", "A"),
    "s2 in A": lambda v: CallFacts("s2", "A"),
    "s2 in A, routed to viewer": lambda v: CallFacts("s2", "A", assignee_id=v.person_id),
    "s2 in A, taken by viewer": lambda v: CallFacts("s2", "A", taken_by_id=v.person_id),
    "s2 in A, scored by viewer": lambda v: CallFacts("s2", "A", evaluator_id=v.person_id),
    "s3 in C": lambda v: CallFacts("s3", "C"),
    "s9, former department A": lambda v: CallFacts("s9", "A"),
    "s9, new department C": lambda v: CallFacts("s9", "C"),
    "nobody's": lambda v: CallFacts(None, None),
}

EVERY = tuple(CALLS)
IN_A = tuple(name for name in CALLS if "C" not in name and name != "nobody's")
OF_OTHERS_IN_A = tuple(name for name in IN_A if not name.startswith("own"))
OWN = ("own", "own, routed to himself")
MENTEES = ("s1 in A", "s9, former department A", "s9, new department C")
ROUTED = ("s2 in A, routed to viewer", "s2 in A, scored by viewer")
ROUTED_ANY = (*ROUTED, "own, routed to himself")
TAKEN = ("s2 in A, taken by viewer",)
NOBODY = ()

READS = {
    # the person `s1` is the seller of «s1 in A» too
    "seller": (*OWN, "s1 in A"),
    "mentor": MENTEES,
    "controller": ROUTED_ANY,
    "head": IN_A,
    "analyst": EVERY,
    "system": EVERY,
}

# action → role → the calls on which it is permitted; a role that is not named may on none.
EXPECTED: dict[str, dict[str, tuple[str, ...]]] = {
    "call.read": READS,
    "evaluation.read": READS,
    "call.play": {role: calls for role, calls in READS.items() if role != "system"},
    "draft.read": {role: calls for role, calls in READS.items() if role != "seller"},
    "call.classify": {"controller": OF_OTHERS_IN_A, "head": OF_OTHERS_IN_A},
    "call.register": {"system": EVERY},
    "call.send_for_advice": {"seller": (*OWN, "s1 in A")},
    "call.send_counted": {"head": OF_OTHERS_IN_A, "system": tuple(c for c in EVERY if c not in OWN)},
    "call.send_uncounted": {"head": OF_OTHERS_IN_A, "mentor": MENTEES},
    "evaluation.counted": {"controller": ROUTED},
    "evaluation.advice": {"head": OF_OTHERS_IN_A},
    "evaluation.uncounted": {"head": TAKEN, "mentor": TAKEN},
    "appeal.make": {"seller": (*OWN, "s1 in A")},
    "appeal.decide": {"head": tuple(c for c in OF_OTHERS_IN_A if c != "s2 in A, scored by viewer")},
    "evaluation.auto_approve": {"system": EVERY},
    "task.take": {"controller": OF_OTHERS_IN_A},
    "task.hand_over": {"controller": ROUTED, "head": OF_OTHERS_IN_A},
    "task.return": {"controller": ROUTED_ANY},
    "task.assign": {"head": OF_OTHERS_IN_A, "system": tuple(c for c in EVERY if c not in OWN)},
    "comment.public": {
        role: calls for role, calls in READS.items() if role in ("seller", "mentor", "controller", "head")
    },
    "comment.internal": {role: READS[role] for role in ("mentor", "controller", "head")},
    "follow_up.set": {
        role: calls for role, calls in READS.items() if role in ("seller", "mentor", "controller", "head")
    },
    "risk_queue.read": {"head": IN_A, "analyst": EVERY},
    "load.read": {"controller": OWN, "head": IN_A, "analyst": EVERY},
    "agreement.read": {"head": EVERY, "analyst": EVERY},
    "sample.explain": {"head": IN_A, "analyst": EVERY, "admin": EVERY},
    "credit.read": {"seller": (*OWN, "s1 in A"), "controller": OWN, "head": IN_A, "analyst": EVERY},
    "credit.close_month": {"admin": EVERY, "system": EVERY},
    "export.make": {"seller": (*OWN, "s1 in A"), "controller": OWN, "head": IN_A, "analyst": EVERY, "system": EVERY},
    "export.personal": {"head": IN_A, "system": EVERY},
    "people.read": {
        "seller": (*OWN, "s1 in A"),
        "mentor": (*OWN, *MENTEES),
        "controller": IN_A,
        "head": EVERY,
        "analyst": EVERY,
        "admin": EVERY,
    },
    "people.manage": {"admin": EVERY, "system": EVERY},
    "scorecards.manage": {"admin": EVERY},
    "settings.manage": {"admin": EVERY},
    "audit.read": {"admin": EVERY, "analyst": EVERY},
    "access_log.read": {"admin": EVERY},
    "dead_letters.manage": {"admin": EVERY},
    "retention.manage": {"admin": EVERY, "system": EVERY},
    "profile.manage": {role: (*OWN, "s1 in A") if role == "seller" else OWN for role in VIEWERS if role != "system"},
    "view.save": {role: (*OWN, "s1 in A") if role == "seller" else OWN for role in VIEWERS if role != "system"},
}


def test_the_table_here_has_every_action() -> None:
    assert sorted(EXPECTED) == sorted(action.value for action in Action)


@pytest.mark.parametrize("action", list(Action), ids=lambda action: action.value)
@pytest.mark.parametrize("role", list(VIEWERS))
def test_exactly_these_calls(action: Action, role: str) -> None:
    viewer = VIEWERS[role]
    permitted = {name for name, facts in CALLS.items() if permits(viewer, action, facts(viewer))}
    assert permitted == set(EXPECTED[action.value].get(role, NOBODY))


def test_an_action_without_a_row_is_for_nobody() -> None:
    assert set(GRANTS) == set(Action)
    assert all(GRANTS.values())


@pytest.mark.parametrize("role", list(VIEWERS))
def test_without_facts_only_what_reaches_everything(role: str) -> None:
    viewer = VIEWERS[role]
    wide = {action.value for action in Action if permits(viewer, action)}
    assert wide == {code for code, roles in EXPECTED.items() if "nobody's" in roles.get(role, NOBODY)}


def test_a_token_narrows_and_never_widens() -> None:
    narrow = Viewer("h1", Role.HEAD, frozenset({"A"}), narrowed_to=frozenset({"call.read", "people.manage"}))
    allowed = {action for action in Action if may_ever(narrow, action)}
    assert allowed == {Action.CALL_READ}
    assert scopes(narrow, Action.DECIDE_APPEAL) == frozenset()


def test_nobody_decides_an_appeal_about_himself() -> None:
    head = VIEWERS["head"]
    assert not permits(head, Action.DECIDE_APPEAL, CallFacts("h1", "A", evaluator_id="c1"))
    assert not permits(head, Action.DECIDE_APPEAL, CallFacts("s1", "A", evaluator_id="h1"))
    assert permits(head, Action.DECIDE_APPEAL, CallFacts("s1", "A", evaluator_id="c1"))
