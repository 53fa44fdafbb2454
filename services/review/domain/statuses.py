"""The way of a call as one table: (from, action, to, who, condition), and nothing else (domain.md §2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.review.domain.people import Language, Role
from services.review.domain.permissions import Action


class Status(StrEnum):
    """Where a call stands."""

    UNCLASSIFIED = "unclassified"
    AUTO_CLASSIFIED = "auto_classified"
    MANUALLY_CLASSIFIED = "manually_classified"
    LISTENING_FOR_ADVICE = "listening_for_advice"
    LISTENING_COUNTED = "listening_counted"
    LISTENING_UNCOUNTED = "listening_uncounted"
    EVALUATED_PENDING = "evaluated_pending"
    EVALUATED_APPEALED = "evaluated_appealed"
    APPROVED_TRAINING = "approved_training"
    APPROVED_EVALUATED = "approved_evaluated"
    APPROVED_OVERTURNED = "approved_overturned"


class Move(StrEnum):
    """What moves a call from one status to another. The code stands in the history and in events."""

    REGISTER = "register"
    RECOGNISE = "recognise"  # registered with a client or an order in work
    CLASSIFY = "classify"
    SEND_FOR_ADVICE = "send_for_advice"
    SEND_COUNTED = "send_counted"
    SEND_UNCOUNTED = "send_uncounted"
    EVALUATE_COUNTED = "evaluate_counted"
    EVALUATE_ADVICE = "evaluate_advice"
    EVALUATE_UNCOUNTED = "evaluate_uncounted"
    APPEAL = "appeal"
    APPROVE = "approve"  # two days without an appeal
    REJECT_APPEAL = "reject_appeal"
    UPHOLD_APPEAL = "uphold_appeal"


class Condition(StrEnum):
    """What must hold beside the role; the code is the refusal's reason."""

    OWN_CALL = "own_call"
    IN_DEPARTMENT = "in_department"
    MENTEE = "mentee"
    ROUTED = "routed"  # it is this controller's task
    TAKEN_BY_HIM = "taken_by_him"
    NOT_HIMSELF = "not_himself"  # nobody decides about himself
    ALL_SCORED = "all_scored"  # every criterion that can apply is decided
    RECOMMENDATION = "recommendation"
    REASON = "reason"
    WITHIN_APPEAL_TIME = "within_appeal_time"  # database clock < approve_at
    APPEAL_TIME_OVER = "appeal_time_over"  # database clock >= approve_at
    CORRECTED = "corrected"  # corrected scores are given


@dataclass(frozen=True)
class Transition:
    """One row: `who` maps each role that may to what must hold for it. `origin` None is before registration."""

    origin: Status | None
    move: Move
    to: Status
    who: Mapping[Role, frozenset[Condition]]


PRELIMINARY = frozenset({Status.UNCLASSIFIED, Status.AUTO_CLASSIFIED, Status.MANUALLY_CLASSIFIED})
LISTENING = frozenset({Status.LISTENING_FOR_ADVICE, Status.LISTENING_COUNTED, Status.LISTENING_UNCOUNTED})
FINAL = frozenset({Status.APPROVED_TRAINING, Status.APPROVED_EVALUATED, Status.APPROVED_OVERTURNED})
CREDITED = frozenset({Status.APPROVED_EVALUATED, Status.APPROVED_OVERTURNED})

_S, _M, _C, _R = Status, Move, Condition, Role


def _if(*conditions: Condition) -> frozenset[Condition]:
    return frozenset(conditions)


def _from_each(move: Move, to: Status, who: Mapping[Role, frozenset[Condition]]) -> tuple[Transition, ...]:
    return tuple(Transition(origin, move, to, who) for origin in Status if origin in PRELIMINARY)


_CLASSIFIERS = {_R.HEAD: _if(_C.IN_DEPARTMENT, _C.NOT_HIMSELF), _R.CONTROLLER: _if(_C.NOT_HIMSELF)}
_DECIDING_HEAD = _if(_C.IN_DEPARTMENT, _C.NOT_HIMSELF, _C.REASON)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, _M.REGISTER, _S.UNCLASSIFIED, {_R.SYSTEM: _if()}),
    Transition(None, _M.RECOGNISE, _S.AUTO_CLASSIFIED, {_R.SYSTEM: _if()}),
    Transition(_S.UNCLASSIFIED, _M.CLASSIFY, _S.MANUALLY_CLASSIFIED, _CLASSIFIERS),
    Transition(_S.AUTO_CLASSIFIED, _M.CLASSIFY, _S.MANUALLY_CLASSIFIED, _CLASSIFIERS),
    *_from_each(_M.SEND_FOR_ADVICE, _S.LISTENING_FOR_ADVICE, {_R.SELLER: _if(_C.OWN_CALL)}),
    *_from_each(
        _M.SEND_COUNTED,
        _S.LISTENING_COUNTED,
        {_R.SYSTEM: _if(), _R.HEAD: _if(_C.IN_DEPARTMENT, _C.NOT_HIMSELF)},
    ),
    *_from_each(
        _M.SEND_UNCOUNTED,
        _S.LISTENING_UNCOUNTED,
        {_R.HEAD: _if(_C.IN_DEPARTMENT, _C.NOT_HIMSELF), _R.MENTOR: _if(_C.MENTEE)},
    ),
    Transition(
        _S.LISTENING_COUNTED,
        _M.EVALUATE_COUNTED,
        _S.EVALUATED_PENDING,
        {_R.CONTROLLER: _if(_C.ROUTED, _C.NOT_HIMSELF, _C.ALL_SCORED)},
    ),
    Transition(
        _S.LISTENING_FOR_ADVICE,
        _M.EVALUATE_ADVICE,
        _S.APPROVED_TRAINING,
        {_R.HEAD: _if(_C.IN_DEPARTMENT, _C.NOT_HIMSELF, _C.ALL_SCORED, _C.RECOMMENDATION)},
    ),
    Transition(
        _S.LISTENING_UNCOUNTED,
        _M.EVALUATE_UNCOUNTED,
        _S.APPROVED_TRAINING,
        {role: _if(_C.TAKEN_BY_HIM, _C.NOT_HIMSELF, _C.ALL_SCORED) for role in (_R.HEAD, _R.MENTOR)},
    ),
    Transition(
        _S.EVALUATED_PENDING,
        _M.APPEAL,
        _S.EVALUATED_APPEALED,
        {_R.SELLER: _if(_C.OWN_CALL, _C.WITHIN_APPEAL_TIME, _C.REASON)},
    ),
    Transition(_S.EVALUATED_PENDING, _M.APPROVE, _S.APPROVED_EVALUATED, {_R.SYSTEM: _if(_C.APPEAL_TIME_OVER)}),
    Transition(_S.EVALUATED_APPEALED, _M.REJECT_APPEAL, _S.APPROVED_EVALUATED, {_R.HEAD: _DECIDING_HEAD}),
    Transition(
        _S.EVALUATED_APPEALED, _M.UPHOLD_APPEAL, _S.APPROVED_OVERTURNED, {_R.HEAD: _DECIDING_HEAD | _if(_C.CORRECTED)}
    ),
)

_BY_ORIGIN: Mapping[tuple[Status | None, Move], Transition] = {(row.origin, row.move): row for row in TRANSITIONS}

# Which permission each move needs: how far it reaches stands in permissions.py.
PERMISSION: Mapping[Move, Action] = {
    _M.REGISTER: Action.REGISTER_CALL,
    _M.RECOGNISE: Action.REGISTER_CALL,
    _M.CLASSIFY: Action.CALL_CLASSIFY,
    _M.SEND_FOR_ADVICE: Action.SEND_FOR_ADVICE,
    _M.SEND_COUNTED: Action.SEND_COUNTED,
    _M.SEND_UNCOUNTED: Action.SEND_UNCOUNTED,
    _M.EVALUATE_COUNTED: Action.EVALUATE_COUNTED,
    _M.EVALUATE_ADVICE: Action.EVALUATE_ADVICE,
    _M.EVALUATE_UNCOUNTED: Action.EVALUATE_UNCOUNTED,
    _M.APPEAL: Action.APPEAL,
    _M.APPROVE: Action.APPROVE_AUTOMATICALLY,
    _M.REJECT_APPEAL: Action.DECIDE_APPEAL,
    _M.UPHOLD_APPEAL: Action.DECIDE_APPEAL,
}

STATUS_NAMES: Mapping[Status, Mapping[Language, str]] = {
    _S.UNCLASSIFIED: {Language.RU: "Не классифицирован", Language.EN: "Not classified"},
    _S.AUTO_CLASSIFIED: {Language.RU: "Классифицирован автоматом", Language.EN: "Classified automatically"},
    _S.MANUALLY_CLASSIFIED: {Language.RU: "Классифицирован вручную", Language.EN: "Classified by hand"},
    _S.LISTENING_FOR_ADVICE: {Language.RU: "На прослушке: оператором", Language.EN: "Listening: for advice"},
    _S.LISTENING_COUNTED: {Language.RU: "На прослушке: в зачёт", Language.EN: "Listening: counted"},
    _S.LISTENING_UNCOUNTED: {Language.RU: "На прослушке: НЕ в зачёт", Language.EN: "Listening: not counted"},
    _S.EVALUATED_PENDING: {
        Language.RU: "Оценён: в зачёт не утверждено",
        Language.EN: "Evaluated: not yet approved",
    },
    _S.EVALUATED_APPEALED: {Language.RU: "Оценён: на обжаловании", Language.EN: "Evaluated: under appeal"},
    _S.APPROVED_TRAINING: {
        Language.RU: "Утверждено: не в зачёт (обучение)",
        Language.EN: "Approved: not counted (training)",
    },
    _S.APPROVED_EVALUATED: {Language.RU: "Утверждено: оценён", Language.EN: "Approved: evaluated"},
    _S.APPROVED_OVERTURNED: {Language.RU: "Утверждено: обжалован", Language.EN: "Approved: overturned"},
}


class Verdict(StrEnum):
    """Why a move is refused."""

    ILLEGAL_MOVE = "illegal_move"  # no such way from here
    NOT_PERMITTED = "not_permitted"  # there is, not for this role
    CONDITION = "condition"  # there is, for this role, when a condition holds that does not


@dataclass(frozen=True)
class Refused:
    """The answer to a move that may not happen; `missing` names the unmet conditions in a stable order."""

    verdict: Verdict
    missing: tuple[Condition, ...] = ()


def next_status(
    current: Status | None, move: Move, role: Role, met: frozenset[Condition] = frozenset()
) -> Status | Refused:
    """Where the move leads, or why it may not happen: the one decision about statuses (domain.md §2, fixed).

    `met` holds the conditions that were found to hold; only those that the row asks for matter.
    """
    row = _BY_ORIGIN.get((current, move))
    if row is None:
        return Refused(Verdict.ILLEGAL_MOVE)
    if role not in row.who:
        return Refused(Verdict.NOT_PERMITTED)
    missing = row.who[role] - met
    if missing:
        return Refused(Verdict.CONDITION, tuple(sorted(missing)))
    return row.to


def moves_from(current: Status | None, role: Role) -> tuple[Move, ...]:
    """The moves that the table knows from here for this role, whatever their conditions: for buttons."""
    return tuple(row.move for row in TRANSITIONS if row.origin == current and role in row.who)
