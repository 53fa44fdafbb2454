"""Tables of calls and of what people decide about them: drafts, history, evaluations, tasks, appeals, comments."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.review.adapters.metadata import metadata
from services.review.adapters.reasons import add_reason_indexes
from services.runtime.columns import DecimalText, UtcDateTime

# SQLite counts up by itself only in an INTEGER primary key.
Sequence = BigInteger().with_variant(Integer(), "sqlite")
ID = String(128)

calls = Table(
    "calls",
    metadata,
    Column("call_id", ID, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("status", String(24)),  # null until `call-registered` arrives
    Column("version", Integer, nullable=False),
    # What the telephone exchange told
    Column("revision", Integer, nullable=False),
    Column("provider", ID),
    Column("provider_call_id", String(200)),
    Column("direction", String(10)),
    Column("outcome", String(20)),
    Column("started_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ring_ms", BigInteger),
    Column("talk_ms", BigInteger),
    Column("duration_ms", BigInteger),
    Column("seller_id", ID),
    Column("department_id", ID),
    Column("department_kind", String(20)),
    Column("client_key", ID),
    Column("client_label", String(32)),
    Column("line", String(64)),
    Column("lead_id", ID),
    Column("client_known", Boolean, nullable=False),
    Column("recording_expected", Boolean, nullable=False),
    Column("recording_lost", String(64)),
    Column("source", String(200)),
    Column("medium", String(200)),
    Column("campaign", String(200)),
    # Sound and text
    Column("audio_uri", String(500)),
    Column("transcript_id", ID),
    Column("transcript_uri", String(500)),
    Column("transcript_source", String(20)),
    Column("transcript_quality", String(10)),
    Column("transcript_failed", String(40)),
    # The machine's draft
    Column("draft_id", ID),
    Column("draft_revision", Integer, nullable=False),
    Column("draft_type", String(20)),
    Column("draft_cqr_hundredths", Integer),
    Column("remarkable", String(200), nullable=False),  # reasons between commas, with one at both ends; empty: none
    Column("red_flags", String(200), nullable=False),
    Column("risk", Integer, nullable=False),  # how much a head should hear it; 0: nothing stands out
    Column("rating", Integer),
    # What people decided
    Column("call_type", String(20)),
    Column("cqr_hundredths", Integer),
    Column("list_type", String(20)),  # decided, else drafted
    Column("list_cqr_hundredths", Integer),  # decided, else drafted: what lists filter by
    Column("scorecard_version", ID),
    Column("assignee_id", ID),
    Column("taken_by_id", ID),
    Column("second_id", ID),  # who scores it a second time
    Column("evaluator_id", ID),
    Column("evaluation_id", ID),
    Column("evaluated_at", UtcDateTime),
    Column("approve_at", UtcDateTime),  # 48 h after the evaluation: an appeal before, approval from then on
    Column("approved_at", UtcDateTime),
    Column("due_at", UtcDateTime),  # of the listening task
    Column("appealed", Boolean, nullable=False),
    Column("classified_as", ID),  # the client or order that a person tied it to
    Column("considered_on", Date),  # the local date whose sample took it into account
    # Who was faster
    Column("changed_by_id", ID),
    Column("changed_at", UtcDateTime),
    Column("change", String(40)),
    Column("registered_at", UtcDateTime),
    CheckConstraint("evaluator_id is null or seller_id is null or evaluator_id <> seller_id", name="not_himself"),
    CheckConstraint("status <> 'approved_evaluated' or evaluator_id is not null", name="person_behind_evaluated"),
    CheckConstraint("status <> 'approved_overturned' or evaluator_id is not null", name="person_behind_overturned"),
    CheckConstraint("rating is null or rating between 1 and 5", name="rating"),
    CheckConstraint("version >= 0", name="version"),
)
# Every filter of the list goes with the order of the list, newest first, and so ends in (started_at, call_id).
for _column in (
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
):
    Index(f"ix_calls_{_column}_started_at", calls.c[_column], calls.c.started_at, calls.c.call_id)
Index("ix_calls_started_at", calls.c.started_at, calls.c.call_id)
Index("ix_calls_list_cqr", calls.c.list_cqr_hundredths, calls.c.started_at, calls.c.call_id)
Index("ix_calls_talk_ms", calls.c.talk_ms, calls.c.started_at, calls.c.call_id)
Index("ix_calls_client_label", calls.c.client_label, calls.c.started_at, calls.c.call_id)
Index(
    "ix_calls_risk",
    calls.c.risk,
    calls.c.started_at,
    calls.c.call_id,
    postgresql_where=text("risk > 0"),
    sqlite_where=text("risk > 0"),
)
Index(
    "ix_calls_remarkable_started_at",
    calls.c.started_at,
    calls.c.call_id,
    postgresql_where=text("remarkable <> ''"),
    sqlite_where=text("remarkable <> ''"),
)
Index(
    "ix_calls_red_flags_started_at",
    calls.c.started_at,
    calls.c.call_id,
    postgresql_where=text("red_flags <> ''"),
    sqlite_where=text("red_flags <> ''"),
)
Index(
    "ix_calls_approve_at",
    calls.c.approve_at,
    postgresql_where=text("status = 'evaluated_pending'"),
    sqlite_where=text("status = 'evaluated_pending'"),
)
Index(
    "ix_calls_due_at",
    calls.c.due_at,
    calls.c.started_at,
    calls.c.call_id,
    postgresql_where=text("due_at is not null"),
    sqlite_where=text("due_at is not null"),
)
Index(
    "ix_calls_overdue",
    calls.c.started_at,
    calls.c.call_id,
    calls.c.due_at,
    postgresql_where=text("due_at is not null"),
    sqlite_where=text("due_at is not null"),
)
Index(
    "ix_calls_not_considered",
    calls.c.department_id,
    calls.c.started_at,
    postgresql_where=text("considered_on is null"),
    sqlite_where=text("considered_on is null"),
)
Index(
    "ix_calls_appealed",
    calls.c.started_at,
    calls.c.call_id,
    postgresql_where=text("appealed"),
    sqlite_where=text("appealed"),
)
Index("ix_calls_considered_on", calls.c.department_id, calls.c.considered_on)

add_reason_indexes(calls)

counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", ID, primary_key=True),
    Column("call_id", ID, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("data", Text, nullable=False),  # the whole event's data: evidence, reasons, objections
    Column("received_at", UtcDateTime, nullable=False),
)
Index("ix_drafts_call_id_revision", drafts.c.call_id, drafts.c.revision)

cards = Table(
    "cards",
    metadata,
    Column("card_id", ID, primary_key=True),
    Column("version", ID, primary_key=True),
    Column("department_kind", String(20), primary_key=True),  # empty: not known when the draft came
    Column("items", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

status_changes = Table(
    "status_changes",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("call_id", ID, ForeignKey("calls.call_id"), nullable=False),
    Column("origin", String(24)),
    Column("status", String(24), nullable=False),
    Column("move", String(24), nullable=False),
    Column("version", Integer, nullable=False),
    Column("actor_id", ID),
    Column("actor_role", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("call_id", "version"),
    sqlite_autoincrement=True,
)
Index("ix_status_changes_changed_at", status_changes.c.changed_at)

evaluations = Table(
    "evaluations",
    metadata,
    Column("evaluation_id", ID, primary_key=True),
    Column("call_id", ID, ForeignKey("calls.call_id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("evaluator_id", ID, nullable=False),
    Column("seller_id", ID),
    Column("blind", Boolean, nullable=False),
    Column("call_type", String(20), nullable=False),
    Column("card_id", ID, nullable=False),
    Column("card_version", ID, nullable=False),
    Column("draft_id", ID),
    Column("draft_cqr", DecimalText),
    Column("card_items", Text, nullable=False),  # the version it was made with, as it was
    Column("cqr", DecimalText),
    Column("recommendation", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("listening_ms", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("seller_id is null or evaluator_id <> seller_id", name="not_himself"),
    CheckConstraint("kind in ('counted', 'advice', 'uncounted', 'second')", name="kind"),
)
Index("ix_evaluations_call_id", evaluations.c.call_id, evaluations.c.kind)
Index("ix_evaluations_evaluator_id", evaluations.c.evaluator_id, evaluations.c.finished_at)

scores = Table(
    "scores",
    metadata,
    Column("evaluation_id", ID, ForeignKey("evaluations.evaluation_id"), primary_key=True),
    Column("criterion", ID, primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("score", DecimalText),
    Column("comment", Text, nullable=False),
    Column("seen_draft", Boolean, nullable=False),
    Column("accepted_draft", Boolean, nullable=False),
    Column("draft_verdict", String(16)),
    Column("draft_score", DecimalText),
    Column("decided_at", UtcDateTime, nullable=False),
    CheckConstraint("verdict in ('scored', 'not_applicable')", name="verdict"),
    CheckConstraint("(verdict = 'scored') = (score is not null)", name="score"),
    CheckConstraint("seen_draft or not accepted_draft", name="accepted_unseen"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", ID, primary_key=True),
    Column("call_id", ID, ForeignKey("calls.call_id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("seller_id", ID),
    Column("department_id", ID),
    Column("assignee_id", ID),
    Column("state", String(10), nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("evaluation_id", ID),
    Column("made_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime),
    Column("done_at", UtcDateTime),
    Column("lease_holder_id", ID),
    Column("lease_until", UtcDateTime),
    Column("beat_at", UtcDateTime),
    Column("spent_ms", BigInteger, nullable=False),
    Column("handed_over_by", ID),
    Column("hand_over_comment", Text, nullable=False),
    Column("overdue_told_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    CheckConstraint("state in ('waiting', 'taken', 'done')", name="state"),
    CheckConstraint("assignee_id is null or seller_id is null or assignee_id <> seller_id", name="not_himself"),
    UniqueConstraint("call_id", "kind"),
)
Index("ix_tasks_assignee_id_state", tasks.c.assignee_id, tasks.c.state, tasks.c.due_at)
Index("ix_tasks_state_due_at", tasks.c.state, tasks.c.due_at)

appeals = Table(
    "appeals",
    metadata,
    Column("appeal_id", ID, primary_key=True),
    Column("call_id", ID, ForeignKey("calls.call_id"), nullable=False, unique=True),
    Column("evaluation_id", ID, ForeignKey("evaluations.evaluation_id"), nullable=False),
    Column("seller_id", ID, nullable=False),
    Column("evaluator_id", ID, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("decided_by", ID),
    Column("decided_at", UtcDateTime),
    Column("decision_reason", Text, nullable=False),
    Column("cqr_before", DecimalText),
    Column("cqr_after", DecimalText),
    CheckConstraint("state in ('open', 'upheld', 'rejected')", name="state"),
    CheckConstraint("(state = 'open') = (decided_by is null)", name="decided"),
    CheckConstraint(
        "decided_by is null or (decided_by <> seller_id and decided_by <> evaluator_id)", name="not_himself"
    ),
)
Index("ix_appeals_state_made_at", appeals.c.state, appeals.c.made_at)
Index("ix_appeals_evaluator_id", appeals.c.evaluator_id, appeals.c.decided_at)

appeal_points = Table(
    "appeal_points",
    metadata,
    Column("appeal_id", ID, ForeignKey("appeals.appeal_id"), primary_key=True),
    Column("criterion", ID, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("verdict", String(16)),  # corrected; null: left as it was
    Column("score", DecimalText),
)

comments = Table(
    "comments",
    metadata,
    Column("comment_id", ID, primary_key=True),
    Column("call_id", ID, ForeignKey("calls.call_id"), nullable=False),
    Column("author_id", ID, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("criterion", ID),
    Column("text", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)
Index("ix_comments_call_id_made_at", comments.c.call_id, comments.c.made_at)

mentions = Table(
    "mentions",
    metadata,
    Column("comment_id", ID, ForeignKey("comments.comment_id"), primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
)
Index("ix_mentions_person_id_made_at", mentions.c.person_id, mentions.c.made_at)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("follow_up_id", ID, primary_key=True),
    Column("call_id", ID, ForeignKey("calls.call_id"), nullable=False),
    Column("author_id", ID, nullable=False),
    Column("assignee_id", ID, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("overdue_told_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    CheckConstraint("state in ('open', 'done', 'cancelled')", name="state"),
)
Index("ix_follow_ups_assignee_id_state", follow_ups.c.assignee_id, follow_ups.c.state, follow_ups.c.due_at)
Index("ix_follow_ups_call_id", follow_ups.c.call_id)
Index("ix_follow_ups_state_due_at", follow_ups.c.state, follow_ups.c.due_at)
