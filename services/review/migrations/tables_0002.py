"""The second migration's tables beside calls and evaluations: appeals, comments, samples, pay, agreement, leads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from services.runtime.columns import DecimalText, UtcDateTime

ID = sa.String(128)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_tables_beside(op: Any) -> None:
    """`op` is Alembic's."""
    _appeals(op)
    _words(op)
    _samples(op)
    _pay(op)
    _leads(op)
    _agreement(op)


def _samples(op: Any) -> None:
    op.create_table(
        "samples",
        sa.Column("sample_id", ID, nullable=False),
        sa.Column("department_id", ID, nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("cutoff_at", UtcDateTime(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", name="pk_samples"),
        sa.UniqueConstraint("department_id", "local_date", name="uq_samples_department_id_local_date"),
    )
    op.create_table(
        "work_calendars",
        sa.Column("department_id", ID, nullable=False),
        sa.Column("week_days", sa.String(20), nullable=False),
        sa.Column("day_ends", sa.String(5), nullable=False),
        sa.Column("days_off", sa.Text(), nullable=False),
        sa.Column("days_on", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("department_id", name="pk_work_calendars"),
    )


def _pay(op: Any) -> None:
    op.create_table(
        "months",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("closed_by", ID, nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_months"),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", SEQUENCE, nullable=False, autoincrement=True),
        sa.Column("transaction_id", ID, nullable=False),
        sa.Column("account", sa.String(160), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("amount", DecimalText(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("for_month", sa.String(7), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("call_id", ID),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ledger"),
        sa.CheckConstraint("unit in ('call', 'cqr', 'check', 'appeal', 'upheld', 'money')", name="ck_ledger_unit"),
        sa.UniqueConstraint("transaction_id", "account", "unit", name="uq_ledger_transaction_id_account_unit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_account_month", "ledger", ["account", "month"])
    op.create_index("ix_ledger_call_id", "ledger", ["call_id"])
    op.create_index("ix_ledger_month", "ledger", ["month"])
    op.create_table(
        "idempotency",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("etag", sa.String(40)),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_stored_at", "idempotency", ["stored_at"])


def _leads(op: Any) -> None:
    op.create_table(
        "ratings",
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("rated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_ratings"),
    )
    op.create_index("ix_ratings_call_id_rated_at", "ratings", ["call_id", "rated_at"])
    op.create_table(
        "leads",
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(10)),
        sa.Column("stage", sa.String(200)),
        sa.Column("stage_kind", sa.String(20)),
        sa.Column("refusal_reason", sa.String(500)),
        sa.Column("seller_id", ID),
        sa.Column("department_id", ID),
        sa.Column("created_at", UtcDateTime()),
        sa.Column("changed_at", UtcDateTime()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text()),
        sa.Column("contact_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("lead_id", name="pk_leads"),
    )
    op.create_index("ix_leads_department_id", "leads", ["department_id", "changed_at"])
    op.create_table(
        "violations",
        sa.Column("violation_id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("seller_id", ID),
        sa.Column("department_id", ID),
        sa.Column("violated_at", UtcDateTime(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("violation_id", name="pk_violations"),
    )
    op.create_index("ix_violations_department_id", "violations", ["department_id", "violated_at"])
    op.create_index("ix_violations_lead_id", "violations", ["lead_id"])


def _agreement(op: Any) -> None:
    op.create_table(
        "agreement_reports",
        sa.Column("seq", SEQUENCE, nullable=False, autoincrement=True),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.Column("up_to_evaluations", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_agreement_reports"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "distrusted",
        sa.Column("criterion", ID, nullable=False),
        sa.Column("kappa", DecimalText(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("criterion", name="pk_distrusted"),
    )


def _appeals(op: Any) -> None:
    op.create_table(
        "appeals",
        sa.Column("appeal_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("evaluation_id", ID, nullable=False),
        sa.Column("seller_id", ID, nullable=False),
        sa.Column("evaluator_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decided_by", ID),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("cqr_before", DecimalText()),
        sa.Column("cqr_after", DecimalText()),
        sa.PrimaryKeyConstraint("appeal_id", name="pk_appeals"),
        sa.CheckConstraint("(state = 'open') = (decided_by is null)", name="ck_appeals_decided"),
        sa.CheckConstraint(
            "decided_by is null or (decided_by <> seller_id and decided_by <> evaluator_id)",
            name="ck_appeals_not_himself",
        ),
        sa.CheckConstraint("state in ('open', 'upheld', 'rejected')", name="ck_appeals_state"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_appeals_call_id_calls"),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.evaluation_id"], name="fk_appeals_evaluation_id_evaluations"
        ),
        sa.UniqueConstraint("call_id", name="uq_appeals_call_id"),
    )
    op.create_index("ix_appeals_evaluator_id", "appeals", ["evaluator_id", "decided_at"])
    op.create_index("ix_appeals_state_made_at", "appeals", ["state", "made_at"])
    op.create_table(
        "appeal_points",
        sa.Column("appeal_id", ID, nullable=False),
        sa.Column("criterion", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(16)),
        sa.Column("score", DecimalText()),
        sa.PrimaryKeyConstraint("appeal_id", "criterion", name="pk_appeal_points"),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.appeal_id"], name="fk_appeal_points_appeal_id_appeals"),
    )


def _words(op: Any) -> None:
    op.create_table(
        "comments",
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("criterion", ID),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name="pk_comments"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_comments_call_id_calls"),
    )
    op.create_index("ix_comments_call_id_made_at", "comments", ["call_id", "made_at"])
    op.create_table(
        "mentions",
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "person_id", name="pk_mentions"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.comment_id"], name="fk_mentions_comment_id_comments"),
    )
    op.create_index("ix_mentions_person_id_made_at", "mentions", ["person_id", "made_at"])
    op.create_table(
        "follow_ups",
        sa.Column("follow_up_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("assignee_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime()),
        sa.Column("overdue_told_at", UtcDateTime()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("follow_up_id", name="pk_follow_ups"),
        sa.CheckConstraint("state in ('open', 'done', 'cancelled')", name="ck_follow_ups_state"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_follow_ups_call_id_calls"),
    )
    op.create_index("ix_follow_ups_assignee_id_state", "follow_ups", ["assignee_id", "state", "due_at"])
    op.create_index("ix_follow_ups_call_id", "follow_ups", ["call_id"])
    op.create_index("ix_follow_ups_state_due_at", "follow_ups", ["state", "due_at"])
