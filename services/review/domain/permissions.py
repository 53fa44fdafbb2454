"""Who may do what to which call: one table of role × action × scope, default deny."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.review.domain.people import HUMAN_ROLES, Role, Viewer

# One sentence for all: whether an object is not there or not yours, and what it would be, is not told.
NOTHING_HERE = "There is no such thing, or it is not yours to see."


class Action(StrEnum):
    """Everything that can be asked for. The code is what tokens and logs name."""

    # A call and what was said
    CALL_READ = "call.read"  # see the call, its transcript, history and public comments
    CALL_PLAY = "call.play"  # hear the recording
    DRAFT_READ = "draft.read"  # see what the machine proposes
    EVALUATION_READ = "evaluation.read"  # see the scores a person gave
    CALL_CLASSIFY = "call.classify"  # tie to a client or order by hand
    # On the way through the statuses
    SEND_FOR_ADVICE = "call.send_for_advice"
    SEND_COUNTED = "call.send_counted"
    SEND_UNCOUNTED = "call.send_uncounted"
    EVALUATE_COUNTED = "evaluation.counted"
    EVALUATE_ADVICE = "evaluation.advice"
    EVALUATE_UNCOUNTED = "evaluation.uncounted"
    APPEAL = "appeal.make"
    DECIDE_APPEAL = "appeal.decide"
    APPROVE_AUTOMATICALLY = "evaluation.auto_approve"
    REGISTER_CALL = "call.register"
    # Work on a listening task
    TASK_TAKE = "task.take"
    TASK_HAND_OVER = "task.hand_over"
    TASK_RETURN = "task.return"
    TASK_ASSIGN = "task.assign"  # give to a controller by hand
    COMMENT_PUBLIC = "comment.public"
    COMMENT_INTERNAL = "comment.internal"  # write and read what only staff sees
    FOLLOW_UP_SET = "follow_up.set"
    # Overviews
    RISK_QUEUE_READ = "risk_queue.read"
    LOAD_READ = "load.read"
    AGREEMENT_READ = "agreement.read"
    SAMPLE_EXPLAIN = "sample.explain"
    CREDIT_READ = "credit.read"
    MONTH_CLOSE = "credit.close_month"
    EXPORT = "export.make"
    EXPORT_PERSONAL = "export.personal"  # with names and the visible part of numbers
    # People and the house
    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"
    SCORECARDS_MANAGE = "scorecards.manage"
    SETTINGS_MANAGE = "settings.manage"
    AUDIT_READ = "audit.read"
    ACCESS_LOG_READ = "access_log.read"
    DEAD_LETTERS_MANAGE = "dead_letters.manage"
    RETENTION_MANAGE = "retention.manage"
    # Everybody's own affairs
    PROFILE_MANAGE = "profile.manage"  # password, second factor, tokens, notices
    VIEW_SAVE = "view.save"


class Scope(StrEnum):
    """How far a permission reaches."""

    OWN = "own"  # the call he spoke in himself; the record about himself
    MENTEE = "mentee"  # of a seller he mentors
    ASSIGNED = "assigned"  # routed to him, or evaluated by him
    TAKEN = "taken"  # he took it for himself
    DEPARTMENT = "department"  # of one of his departments
    ALL = "all"  # any, and things that belong to nobody


class Bar(StrEnum):
    """What forbids although the scope allows: nobody decides about himself."""

    HIMSELF = "himself"  # he is the seller of the call
    OWN_EVALUATION = "own_evaluation"  # he gave the scores in question


@dataclass(frozen=True)
class CallFacts:
    """What permissions need to know of a call (or, for records about a person, of that person)."""

    seller_id: str | None
    department_id: str | None = None
    assignee_id: str | None = None  # the controller it is routed to
    taken_by_id: str | None = None  # the head or mentor who took it uncounted
    evaluator_id: str | None = None  # whoever scored it

    @classmethod
    def about(cls, person_id: str, department_id: str | None = None) -> CallFacts:
        """The facts of a record about a person: his credit, his load, his profile."""
        return cls(seller_id=person_id, department_id=department_id)


_R = Role
_A = Action
_OWN = frozenset({Scope.OWN})
_MENTEE = frozenset({Scope.MENTEE})
_ASSIGNED = frozenset({Scope.ASSIGNED})
_TAKEN = frozenset({Scope.TAKEN})
_DEPT = frozenset({Scope.DEPARTMENT})
_ALL = frozenset({Scope.ALL})

_EVERYBODY: Mapping[Role, frozenset[Scope]] = dict.fromkeys(sorted(HUMAN_ROLES), _OWN)

# The whole policy. A role that is not in the row may not; an action without a row nobody may.
GRANTS: Mapping[Action, Mapping[Role, frozenset[Scope]]] = {
    _A.CALL_READ: {
        _R.SELLER: _OWN,
        _R.MENTOR: _MENTEE,
        _R.CONTROLLER: _ASSIGNED,
        _R.HEAD: _DEPT,
        _R.ANALYST: _ALL,
        _R.SYSTEM: _ALL,
    },
    _A.CALL_PLAY: {_R.SELLER: _OWN, _R.MENTOR: _MENTEE, _R.CONTROLLER: _ASSIGNED, _R.HEAD: _DEPT, _R.ANALYST: _ALL},
    _A.DRAFT_READ: {_R.MENTOR: _MENTEE, _R.CONTROLLER: _ASSIGNED, _R.HEAD: _DEPT, _R.ANALYST: _ALL, _R.SYSTEM: _ALL},
    _A.EVALUATION_READ: {
        _R.SELLER: _OWN,
        _R.MENTOR: _MENTEE,
        _R.CONTROLLER: _ASSIGNED,
        _R.HEAD: _DEPT,
        _R.ANALYST: _ALL,
        _R.SYSTEM: _ALL,
    },
    _A.CALL_CLASSIFY: {_R.CONTROLLER: _ASSIGNED | _DEPT, _R.HEAD: _DEPT},
    _A.REGISTER_CALL: {_R.SYSTEM: _ALL},
    _A.SEND_FOR_ADVICE: {_R.SELLER: _OWN},
    _A.SEND_COUNTED: {_R.HEAD: _DEPT, _R.SYSTEM: _ALL},
    _A.SEND_UNCOUNTED: {_R.HEAD: _DEPT, _R.MENTOR: _MENTEE},
    _A.EVALUATE_COUNTED: {_R.CONTROLLER: _ASSIGNED},
    _A.EVALUATE_ADVICE: {_R.HEAD: _DEPT},
    _A.EVALUATE_UNCOUNTED: {_R.HEAD: _TAKEN, _R.MENTOR: _TAKEN},
    _A.APPEAL: {_R.SELLER: _OWN},
    _A.DECIDE_APPEAL: {_R.HEAD: _DEPT},
    _A.APPROVE_AUTOMATICALLY: {_R.SYSTEM: _ALL},
    _A.TASK_TAKE: {_R.CONTROLLER: _ASSIGNED | _DEPT},
    _A.TASK_HAND_OVER: {_R.CONTROLLER: _ASSIGNED, _R.HEAD: _DEPT},
    _A.TASK_RETURN: {_R.CONTROLLER: _ASSIGNED},
    _A.TASK_ASSIGN: {_R.HEAD: _DEPT, _R.SYSTEM: _ALL},
    _A.COMMENT_PUBLIC: {_R.SELLER: _OWN, _R.MENTOR: _MENTEE, _R.CONTROLLER: _ASSIGNED, _R.HEAD: _DEPT},
    _A.COMMENT_INTERNAL: {_R.MENTOR: _MENTEE, _R.CONTROLLER: _ASSIGNED, _R.HEAD: _DEPT},
    _A.FOLLOW_UP_SET: {_R.SELLER: _OWN, _R.MENTOR: _MENTEE, _R.CONTROLLER: _ASSIGNED, _R.HEAD: _DEPT},
    _A.RISK_QUEUE_READ: {_R.HEAD: _DEPT, _R.ANALYST: _ALL},
    _A.LOAD_READ: {_R.CONTROLLER: _OWN, _R.HEAD: _DEPT, _R.ANALYST: _ALL},
    _A.AGREEMENT_READ: {_R.HEAD: _ALL, _R.ANALYST: _ALL},
    _A.SAMPLE_EXPLAIN: {_R.HEAD: _DEPT, _R.ANALYST: _ALL, _R.ADMIN: _ALL},
    _A.CREDIT_READ: {_R.SELLER: _OWN, _R.CONTROLLER: _OWN, _R.HEAD: _DEPT, _R.ANALYST: _ALL},
    _A.MONTH_CLOSE: {_R.ADMIN: _ALL, _R.SYSTEM: _ALL},
    _A.EXPORT: {_R.SELLER: _OWN, _R.CONTROLLER: _OWN, _R.HEAD: _DEPT, _R.ANALYST: _ALL, _R.SYSTEM: _ALL},
    _A.EXPORT_PERSONAL: {_R.HEAD: _DEPT, _R.SYSTEM: _ALL},
    _A.PEOPLE_READ: {
        _R.SELLER: _OWN,
        _R.MENTOR: _MENTEE | _OWN,
        _R.CONTROLLER: _DEPT | _OWN,
        _R.HEAD: _ALL,
        _R.ANALYST: _ALL,
        _R.ADMIN: _ALL,
    },
    _A.PEOPLE_MANAGE: {_R.ADMIN: _ALL, _R.SYSTEM: _ALL},  # the system: the command line of the house
    _A.SCORECARDS_MANAGE: {_R.ADMIN: _ALL},
    _A.SETTINGS_MANAGE: {_R.ADMIN: _ALL},
    _A.AUDIT_READ: {_R.ADMIN: _ALL, _R.ANALYST: _ALL},
    _A.ACCESS_LOG_READ: {_R.ADMIN: _ALL},
    _A.DEAD_LETTERS_MANAGE: {_R.ADMIN: _ALL},
    _A.RETENTION_MANAGE: {_R.ADMIN: _ALL, _R.SYSTEM: _ALL},
    _A.PROFILE_MANAGE: _EVERYBODY,
    _A.VIEW_SAVE: _EVERYBODY,
}

# What the scope allows and self-interest forbids.
BARS: Mapping[Action, frozenset[Bar]] = {
    _A.CALL_CLASSIFY: frozenset({Bar.HIMSELF}),
    _A.SEND_COUNTED: frozenset({Bar.HIMSELF}),
    _A.SEND_UNCOUNTED: frozenset({Bar.HIMSELF}),
    _A.EVALUATE_COUNTED: frozenset({Bar.HIMSELF}),
    _A.EVALUATE_ADVICE: frozenset({Bar.HIMSELF}),
    _A.EVALUATE_UNCOUNTED: frozenset({Bar.HIMSELF}),
    _A.TASK_TAKE: frozenset({Bar.HIMSELF}),
    _A.TASK_HAND_OVER: frozenset({Bar.HIMSELF}),
    _A.TASK_ASSIGN: frozenset({Bar.HIMSELF}),
    _A.DECIDE_APPEAL: frozenset({Bar.HIMSELF, Bar.OWN_EVALUATION}),
}


def scopes(viewer: Viewer, action: Action) -> frozenset[Scope]:
    """How far the viewer's permission for the action reaches; empty means never. Lists turn this into a filter."""
    if viewer.narrowed_to is not None and action.value not in viewer.narrowed_to:
        return frozenset()
    return GRANTS.get(action, {}).get(viewer.role, frozenset())


def may_ever(viewer: Viewer, action: Action) -> bool:
    """Whether there is any object on which the viewer may do this: for menus and empty pages, never for a decision."""
    return bool(scopes(viewer, action))


def permits(viewer: Viewer, action: Action, facts: CallFacts | None = None) -> bool:
    """Whether the viewer may do the action to the call (or record) with these facts.

    Without facts only a permission that reaches everything permits. Default deny.
    """
    granted = scopes(viewer, action)
    if facts is None:
        return Scope.ALL in granted
    if any(_barred(viewer, bar, facts) for bar in BARS.get(action, frozenset())):
        return False
    return any(_reaches(viewer, scope, facts) for scope in granted)


def _reaches(viewer: Viewer, scope: Scope, facts: CallFacts) -> bool:
    match scope:
        case Scope.ALL:
            return True
        case Scope.OWN:
            return facts.seller_id == viewer.person_id
        case Scope.MENTEE:
            return facts.seller_id is not None and facts.seller_id in viewer.mentee_ids
        case Scope.ASSIGNED:
            return viewer.person_id in (facts.assignee_id, facts.evaluator_id)
        case Scope.TAKEN:
            return facts.taken_by_id == viewer.person_id
        case Scope.DEPARTMENT:
            return facts.department_id is not None and facts.department_id in viewer.department_ids


def _barred(viewer: Viewer, bar: Bar, facts: CallFacts) -> bool:
    match bar:
        case Bar.HIMSELF:
            return facts.seller_id == viewer.person_id
        case Bar.OWN_EVALUATION:
            return facts.evaluator_id == viewer.person_id
