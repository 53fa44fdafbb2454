"""Calls, evaluations, tasks, appeals, samples and the ledger, with the triggers that guard them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.review.migrations.guards_0002 import add_guards
from services.review.migrations.tables_0002 import create_tables_beside
from services.runtime.columns import DecimalText, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(128)
# SQLite counts up by itself only in an INTEGER primary key.
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Every filter of the list goes with the order of the list.
FILTERED = (
    "status",
    "seller_id",
    "department_id",
    "assignee_id",
    "taken_by_id",
    "second_id",
    "evaluator_id",
    "list_type",
    "direction",
    "outcome",
    "lead_id",
    "client_key",
    "source",
    "campaign",
    "scorecard_version",
    "rating",
)
# One partial index a reason for which a call is remarkable.
REASONS = (
    "red_flag",
    "auto_fail",
    "low_rating",
    "contact_violation",
    "refusal_mismatch",
    "low_cqr",
    "unhandled_objection",
    "low_confidence",
    "long_consultation",
    "poor_transcript",
)


def upgrade() -> None:
    _calls()
    _drafts()
    _evaluations()
    _scores()
    _tasks()
    create_tables_beside(op)
    add_guards(op.get_bind())


def _calls() -> None:
    op.create_table(
        "calls",
        *_told_columns(),
        *_decided_columns(),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
        sa.CheckConstraint(
            "evaluator_id is null or seller_id is null or evaluator_id <> seller_id", name="ck_calls_not_himself"
        ),
        sa.CheckConstraint(
            "status <> 'approved_evaluated' or evaluator_id is not null", name="ck_calls_person_behind_evaluated"
        ),
        sa.CheckConstraint(
            "status <> 'approved_overturned' or evaluator_id is not null", name="ck_calls_person_behind_overturned"
        ),
        sa.CheckConstraint("rating is null or rating between 1 and 5", name="ck_calls_rating"),
        sa.CheckConstraint("version >= 0", name="ck_calls_version"),
        sa.UniqueConstraint("number", name="uq_calls_number"),
    )
    _call_indexes()
    _reason_indexes()


def _told_columns() -> list[sa.Column[Any]]:
    """What the telephone exchange told, sound and text."""
    return [
        sa.Column("call_id", ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(24)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("provider", ID),
        sa.Column("provider_call_id", sa.String(200)),
        sa.Column("direction", sa.String(10)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("started_at", UtcDateTime()),
        sa.Column("answered_at", UtcDateTime()),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("ring_ms", sa.BigInteger()),
        sa.Column("talk_ms", sa.BigInteger()),
        sa.Column("duration_ms", sa.BigInteger()),
        sa.Column("seller_id", ID),
        sa.Column("department_id", ID),
        sa.Column("department_kind", sa.String(20)),
        sa.Column("client_key", ID),
        sa.Column("client_label", sa.String(32)),
        sa.Column("line", sa.String(64)),
        sa.Column("lead_id", ID),
        sa.Column("client_known", sa.Boolean(), nullable=False),
        sa.Column("recording_expected", sa.Boolean(), nullable=False),
        sa.Column("recording_lost", sa.String(64)),
        sa.Column("source", sa.String(200)),
        sa.Column("medium", sa.String(200)),
        sa.Column("campaign", sa.String(200)),
        sa.Column("audio_uri", sa.String(500)),
        sa.Column("transcript_id", ID),
        sa.Column("transcript_uri", sa.String(500)),
        sa.Column("transcript_source", sa.String(20)),
        sa.Column("transcript_quality", sa.String(10)),
        sa.Column("transcript_failed", sa.String(40)),
    ]


def _decided_columns() -> list[sa.Column[Any]]:
    """The machine's draft, and what people decided."""
    return [
        sa.Column("draft_id", ID),
        sa.Column("draft_revision", sa.Integer(), nullable=False),
        sa.Column("draft_type", sa.String(20)),
        sa.Column("draft_cqr_hundredths", sa.Integer()),
        sa.Column("remarkable", sa.String(200), nullable=False),
        sa.Column("red_flags", sa.String(200), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer()),
        sa.Column("call_type", sa.String(20)),
        sa.Column("cqr_hundredths", sa.Integer()),
        sa.Column("list_type", sa.String(20)),
        sa.Column("list_cqr_hundredths", sa.Integer()),
        sa.Column("scorecard_version", ID),
        sa.Column("assignee_id", ID),
        sa.Column("taken_by_id", ID),
        sa.Column("second_id", ID),
        sa.Column("evaluator_id", ID),
        sa.Column("evaluation_id", ID),
        sa.Column("evaluated_at", UtcDateTime()),
        sa.Column("approve_at", UtcDateTime()),
        sa.Column("approved_at", UtcDateTime()),
        sa.Column("due_at", UtcDateTime()),
        sa.Column("appealed", sa.Boolean(), nullable=False),
        sa.Column("classified_as", ID),
        sa.Column("considered_on", sa.Date()),
        sa.Column("changed_by_id", ID),
        sa.Column("changed_at", UtcDateTime()),
        sa.Column("change", sa.String(40)),
        sa.Column("registered_at", UtcDateTime()),
    ]


def _call_indexes() -> None:
    for column in FILTERED:
        op.create_index(f"ix_calls_{column}_started_at", "calls", [column, "started_at", "call_id"])
    op.create_index(
        "ix_calls_appealed",
        "calls",
        ["started_at", "call_id"],
        postgresql_where=sa.text("appealed"),
        sqlite_where=sa.text("appealed"),
    )
    op.create_index(
        "ix_calls_approve_at",
        "calls",
        ["approve_at"],
        postgresql_where=sa.text("status = 'evaluated_pending'"),
        sqlite_where=sa.text("status = 'evaluated_pending'"),
    )
    op.create_index("ix_calls_considered_on", "calls", ["department_id", "considered_on"])
    op.create_index(
        "ix_calls_due_at",
        "calls",
        ["due_at"],
        postgresql_where=sa.text("due_at is not null"),
        sqlite_where=sa.text("due_at is not null"),
    )
    op.create_index("ix_calls_list_cqr", "calls", ["list_cqr_hundredths", "started_at", "call_id"])
    op.create_index(
        "ix_calls_not_considered",
        "calls",
        ["department_id", "started_at"],
        postgresql_where=sa.text("considered_on is null"),
        sqlite_where=sa.text("considered_on is null"),
    )
    op.create_index(
        "ix_calls_red_flags_started_at",
        "calls",
        ["started_at", "call_id"],
        postgresql_where=sa.text("red_flags <> ''"),
        sqlite_where=sa.text("red_flags <> ''"),
    )
    op.create_index(
        "ix_calls_remarkable_started_at",
        "calls",
        ["started_at", "call_id"],
        postgresql_where=sa.text("remarkable <> ''"),
        sqlite_where=sa.text("remarkable <> ''"),
    )
    op.create_index(
        "ix_calls_risk",
        "calls",
        ["risk", "started_at"],
        postgresql_where=sa.text("risk > 0"),
        sqlite_where=sa.text("risk > 0"),
    )
    op.create_index("ix_calls_started_at", "calls", ["started_at", "call_id"])
    op.create_index("ix_calls_talk_ms", "calls", ["talk_ms", "started_at", "call_id"])


def _reason_indexes() -> None:
    for reason in REASONS:
        op.create_index(
            f"ix_calls_reason_{reason}",
            "calls",
            ["started_at", "call_id"],
            sqlite_where=sa.text(f"instr(remarkable, ',{reason},') > 0"),
            postgresql_where=sa.text(f"strpos(remarkable, ',{reason},') > 0"),
        )


def _drafts() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "drafts",
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_call_id_revision", "drafts", ["call_id", "revision"])
    op.create_table(
        "cards",
        sa.Column("card_id", ID, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("department_kind", sa.String(20), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("card_id", "version", "department_kind", name="pk_cards"),
    )


def _evaluations() -> None:
    op.create_table(
        "status_changes",
        sa.Column("seq", SEQUENCE, nullable=False, autoincrement=True),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("origin", sa.String(24)),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("move", sa.String(24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor_id", ID),
        sa.Column("actor_role", sa.String(20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_status_changes"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_status_changes_call_id_calls"),
        sa.UniqueConstraint("call_id", "version", name="uq_status_changes_call_id_version"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_status_changes_changed_at", "status_changes", ["changed_at"])
    op.create_table(
        "evaluations",
        sa.Column("evaluation_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("evaluator_id", ID, nullable=False),
        sa.Column("seller_id", ID),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("call_type", sa.String(20), nullable=False),
        sa.Column("card_id", ID, nullable=False),
        sa.Column("card_version", ID, nullable=False),
        sa.Column("draft_id", ID),
        sa.Column("draft_cqr", DecimalText()),
        sa.Column("card_items", sa.Text(), nullable=False),
        sa.Column("cqr", DecimalText()),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
        sa.Column("listening_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", name="pk_evaluations"),
        sa.CheckConstraint("kind in ('counted', 'advice', 'uncounted', 'second')", name="ck_evaluations_kind"),
        sa.CheckConstraint("seller_id is null or evaluator_id <> seller_id", name="ck_evaluations_not_himself"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_evaluations_call_id_calls"),
    )
    op.create_index("ix_evaluations_call_id", "evaluations", ["call_id", "kind"])
    op.create_index("ix_evaluations_evaluator_id", "evaluations", ["evaluator_id", "finished_at"])


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("evaluation_id", ID, nullable=False),
        sa.Column("criterion", ID, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("score", DecimalText()),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("seen_draft", sa.Boolean(), nullable=False),
        sa.Column("accepted_draft", sa.Boolean(), nullable=False),
        sa.Column("draft_verdict", sa.String(16)),
        sa.Column("draft_score", DecimalText()),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", "criterion", name="pk_scores"),
        sa.CheckConstraint("seen_draft or not accepted_draft", name="ck_scores_accepted_unseen"),
        sa.CheckConstraint("(verdict = 'scored') = (score is not null)", name="ck_scores_score"),
        sa.CheckConstraint("verdict in ('scored', 'not_applicable')", name="ck_scores_verdict"),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.evaluation_id"], name="fk_scores_evaluation_id_evaluations"
        ),
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("seller_id", ID),
        sa.Column("department_id", ID),
        sa.Column("assignee_id", ID),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("evaluation_id", ID),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("taken_at", UtcDateTime()),
        sa.Column("done_at", UtcDateTime()),
        sa.Column("lease_holder_id", ID),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("beat_at", UtcDateTime()),
        sa.Column("spent_ms", sa.BigInteger(), nullable=False),
        sa.Column("handed_over_by", ID),
        sa.Column("hand_over_comment", sa.Text(), nullable=False),
        sa.Column("overdue_told_at", UtcDateTime()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
        sa.CheckConstraint(
            "assignee_id is null or seller_id is null or assignee_id <> seller_id", name="ck_tasks_not_himself"
        ),
        sa.CheckConstraint("state in ('waiting', 'taken', 'done')", name="ck_tasks_state"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_tasks_call_id_calls"),
        sa.UniqueConstraint("call_id", "kind", name="uq_tasks_call_id_kind"),
    )
    op.create_index("ix_tasks_assignee_id_state", "tasks", ["assignee_id", "state", "due_at"])
    op.create_index("ix_tasks_state_due_at", "tasks", ["state", "due_at"])
