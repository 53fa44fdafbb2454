"""A made-up season of work as an export: six sellers, twelve weeks, drafts that people change now and then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from services.review.adapters.export_files import write
from services.review.domain.datasets import DATASETS, Format, What

FIRST_MONDAY = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
SELLERS = ("marina", "ilya", "alina", "denis", "ksenia", "artyom")
CRITERIA = {"greeting": 1, "problem_definition": 3, "objection_handling": 2, "closing_push": 2, "next_step": 2}
OBJECTIONS = ("price", "think", "competitor", "no_time")
STAGES = ("new", "talking", "meeting", "won", "refused")
MARKS = (Decimal(0), Decimal("0.5"), Decimal(1))


def make_export(folder: Path, calls: int = 300) -> Path:
    """Writes every table as Parquet."""
    rows = _rows(Random(7), calls)
    for what, table in rows.items():
        columns = DATASETS[what].visible(drafts=True, personal=False)
        with (folder / f"{what.value}.parquet").open("wb") as file:
            write(file, Format.PARQUET, what.value, columns, table)
    return folder


def _rows(rng: Random, calls: int) -> dict[What, list[dict[str, Any]]]:
    rows: dict[What, list[dict[str, Any]]] = {what: [] for what in What}
    for number in range(1, calls + 1):
        seller = rng.choice(SELLERS)
        at = FIRST_MONDAY + timedelta(days=rng.randrange(84), minutes=rng.randrange(540))
        call = {"call_id": f"c{number}", "seller_id": seller, "department_id": "cc" if seller < "d" else "sales"}
        marks = {code: (rng.choice(MARKS), rng.choice(MARKS)) for code in CRITERIA}
        marks = {code: (mark, mark if rng.random() < 0.8 else other) for code, (mark, other) in marks.items()}
        cqr, draft = (_cqr({code: pair[side] for code, pair in marks.items()}) for side in (1, 0))
        rows[What.CALLS].append(
            {
                **call,
                "number": number,
                "started_at": at,
                "direction": "in",
                "outcome": "answered",
                "talk_ms": rng.randrange(20_000, 400_000),
                "status": "approved_evaluated",
                "call_type": "qualification",
                "cqr": cqr,
                "draft_cqr": draft,
                "lead_id": f"lead-{number % 90}",
                "appealed": False,
            }
        )
        evaluation = {
            **call,
            "evaluation_id": f"e{number}",
            "kind": "counted",
            "evaluator_id": "olga",
            "finished_at": at,
        }
        evaluation["blind"] = rng.random() < 0.2
        rows[What.EVALUATIONS].append({**evaluation, "cqr": cqr, "draft_cqr": draft, "delta": cqr - draft})
        for code, (proposed, decided) in marks.items():
            rows[What.CRITERIA].append(
                {
                    **evaluation,
                    "criterion": code,
                    "criterion_name": code,
                    "weight": Decimal(CRITERIA[code]),
                    "verdict": "scored",
                    "score": decided,
                    "draft_verdict": "scored",
                    "draft_score": proposed,
                    "delta": decided - proposed,
                    "call_type": "qualification",
                }
            )
        if rng.random() < 0.6:
            kind = rng.choice(OBJECTIONS)
            rows[What.OBJECTIONS].append(
                {
                    **call,
                    "ordinal": 1,
                    "kind": kind,
                    "score": rng.choice(MARKS),
                    "techniques": "argue",
                    "started_at": at,
                }
            )
    for number in range(90):
        stage = rng.choice(STAGES)
        rows[What.LEADS].append(
            {
                "lead_id": f"lead-{number}",
                "kind": "lead",
                "stage": stage,
                "stage_kind": stage,
                "created_at": FIRST_MONDAY,
            }
        )
    return rows


def _cqr(marks: dict[str, Decimal]) -> Decimal:
    earned = sum(Decimal(CRITERIA[code]) * mark for code, mark in marks.items())
    return (100 * earned / sum(CRITERIA.values())).quantize(Decimal("0.01"))
