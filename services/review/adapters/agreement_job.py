"""Computes the agreement report from finished evaluations, and hides drafts that people disagree with too often."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from services.review.adapters import audit
from services.review.adapters.store_calls import from_hundredths
from services.review.adapters.tables import appeals, calls, evaluations, scores
from services.review.adapters.tables_credit import agreement_reports, distrusted
from services.review.domain.agreement import (
    Kappa,
    Pair,
    Pairing,
    Scored,
    Strictness,
    kappa_with_interval,
    loses_draft,
    strictness,
)
from services.review.domain.lots import Lots
from services.review.domain.people import SYSTEM
from services.review.domain.rules import Rules
from services.runtime.database import Database, database_now

REACH = timedelta(days=180)
MOST_PAIRS = 2000

Pairs = Mapping[tuple[str, Pairing], list[Pair]]


class AgreementJob:
    """A step of the worker: a new report when evaluations were finished since the last one."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules

    def step(self) -> bool:
        """Whether a new report was written."""
        with self._database.read() as connection:
            finished = _finished(connection)
            if finished == _reported(connection):
                return False
            since = database_now(connection) - REACH
            pairs = pairs_of(connection, since)
            strict = strictness(_scored(connection, since))
            overturned = _overturned(connection, since)
        kappas = {
            key: kappa_with_interval(found[-MOST_PAIRS:], Lots(f"{key[0]}/{key[1]}/{finished}"))
            for key, found in sorted(pairs.items())
        }
        data = {"kappas": _kappa_rows(kappas), "strictness": _strictness_rows(strict, overturned)}
        with self._database.begin() as connection:
            now = database_now(connection)
            connection.execute(
                insert(agreement_reports).values(
                    computed_at=now, up_to_evaluations=finished, data=json.dumps(data, ensure_ascii=False)
                )
            )
            for criterion, hidden, kappa in self._trust(connection, kappas, now):
                audit.record(
                    connection,
                    actor=SYSTEM,
                    action="draft.hidden" if hidden else "draft.shown",
                    object_kind="criterion",
                    object_id=criterion,
                    after={"kappa": kappa},
                )
        return True

    def _trust(
        self, connection: Connection, kappas: Mapping[tuple[str, Pairing], Kappa], now: datetime
    ) -> list[tuple[str, bool, Decimal]]:
        """Only blind pairs decide: agreement of those who saw the draft is partly an echo."""
        known = set(connection.execute(select(distrusted.c.criterion)).scalars())
        changed = []
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        for (criterion, pairing), kappa in kappas.items():
            if pairing is not Pairing.MACHINE_PERSON_BLIND or kappa.value is None:
                continue
            loses = loses_draft(kappa, self._rules.kappa_floor)
            if loses and criterion not in known:
                connection.execute(
                    dialect.insert(distrusted)
                    .values(criterion=criterion, kappa=kappa.value, since=now)
                    .on_conflict_do_nothing(index_elements=["criterion"])
                )
                changed.append((criterion, True, kappa.value))
            elif not loses and criterion in known:
                connection.execute(distrusted.delete().where(distrusted.c.criterion == criterion))
                changed.append((criterion, False, kappa.value))
        return changed


def _finished(connection: Connection) -> int:
    query = select(func.count()).select_from(evaluations).where(evaluations.c.finished_at.is_not(None))
    return int(connection.execute(query).scalar_one())


def _reported(connection: Connection) -> int | None:
    query = select(agreement_reports.c.up_to_evaluations).order_by(agreement_reports.c.seq.desc()).limit(1)
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found


def pairs_of(connection: Connection, since: datetime) -> Pairs:
    """Pairs of scores by criterion and pairing, oldest first; person–person is from double-scored calls."""
    query = (
        select(
            evaluations.c.call_id,
            evaluations.c.kind,
            evaluations.c.blind,
            scores.c.criterion,
            scores.c.score,
            scores.c.draft_score,
        )
        .join(scores, scores.c.evaluation_id == evaluations.c.evaluation_id)
        .where(evaluations.c.finished_at >= since, scores.c.verdict == "scored")
        .order_by(evaluations.c.finished_at, scores.c.criterion)
    )
    pairs: dict[tuple[str, Pairing], list[Pair]] = defaultdict(list)
    people: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for row in connection.execute(query):
        if row.draft_score is not None:
            pairing = Pairing.MACHINE_PERSON_BLIND if row.blind else Pairing.MACHINE_PERSON_SEEN
            pairs[row.criterion, pairing].append((row.draft_score, row.score))
        if row.kind in ("counted", "second"):
            people[row.call_id, row.criterion][row.kind] = row.score
    for (_, criterion), both in people.items():
        if len(both) == 2:
            pairs[criterion, Pairing.PERSON_PERSON].append((both["counted"], both["second"]))
    return pairs


def _scored(connection: Connection, since: datetime) -> list[Scored]:
    query = select(evaluations.c.evaluator_id, evaluations.c.call_type, evaluations.c.cqr, calls.c.department_id).join(
        calls, calls.c.call_id == evaluations.c.call_id
    )
    rows = connection.execute(
        query.where(
            evaluations.c.finished_at >= since,
            evaluations.c.kind.in_(("counted", "second")),
            evaluations.c.cqr.is_not(None),
        )
    )
    return [Scored(row.evaluator_id, f"{row.department_id}/{row.call_type}", row.cqr) for row in rows]


def _overturned(connection: Connection, since: datetime) -> dict[str, tuple[int, int, int]]:
    """(counted evaluations, appeals, upheld) by controller."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    query = (
        select(evaluations.c.evaluator_id, appeals.c.state)
        .select_from(evaluations.outerjoin(appeals, appeals.c.evaluation_id == evaluations.c.evaluation_id))
        .where(evaluations.c.kind == "counted", evaluations.c.finished_at >= since)
    )
    for row in connection.execute(query):
        counts = found[row.evaluator_id]
        counts[0] += 1
        counts[1] += row.state is not None
        counts[2] += row.state == "upheld"
    return {controller: (one, two, three) for controller, (one, two, three) in found.items()}


def _text(figure: Decimal | None) -> str | None:
    return None if figure is None else str(figure)


def _kappa_rows(kappas: Mapping[tuple[str, Pairing], Kappa]) -> list[dict[str, Any]]:
    return [
        {
            "criterion": criterion,
            "pairing": pairing.value,
            "kappa": _text(kappa.value),
            "low": _text(kappa.low),
            "high": _text(kappa.high),
            "pairs": kappa.pairs,
        }
        for (criterion, pairing), kappa in kappas.items()
    ]


def _strictness_rows(
    strict: Mapping[str, Strictness], overturned: Mapping[str, tuple[int, int, int]]
) -> list[dict[str, Any]]:
    rows = []
    for controller in sorted({*strict, *overturned}):
        figure = strict.get(controller, Strictness(None, None, None, 0))
        evaluated, appealed, upheld = overturned.get(controller, (0, 0, 0))
        rate = from_hundredths(round(10_000 * upheld / evaluated)) if evaluated else None
        rows.append(
            {
                "controller_id": controller,
                "shift": _text(figure.shift),
                "low": _text(figure.low),
                "high": _text(figure.high),
                "calls": evaluated,
                "appeals": appealed,
                "upheld": upheld,
                "overturn_rate": _text(rate),
            }
        )
    return rows
