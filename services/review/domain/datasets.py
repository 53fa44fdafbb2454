"""What can be exported: a star of fact tables joined by stable ids; the one place where every column is described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """The fact tables."""

    CALLS = "calls"
    EVALUATIONS = "evaluations"
    CRITERIA = "criteria"
    OBJECTIONS = "objections"
    LEADS = "leads"
    ATTEMPTS = "attempts"
    CREDIT = "credit"


class Format(StrEnum):
    """File formats."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


class Kind(StrEnum):
    """Types of columns: decimals are exact, times are UTC."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TIME = "time"


class Shown(StrEnum):
    """To whom a column goes."""

    ALWAYS = "always"
    DRAFT = "draft"  # to roles that may see the machine's drafts
    PERSONAL = "personal"  # names, visible parts of numbers, free text: when asked for, and the role may


@dataclass(frozen=True)
class Column:
    """One column; `meaning` goes into the documentation."""

    name: str
    kind: Kind
    meaning: str
    shown: Shown = Shown.ALWAYS


@dataclass(frozen=True)
class Dataset:
    """A fact table: what one row is, and by which time `--from` and `--to` cut it."""

    what: What
    row: str
    cut_by: str
    columns: tuple[Column, ...]

    def visible(self, *, drafts: bool, personal: bool) -> tuple[Column, ...]:
        """The columns that go out."""
        shown = {Shown.ALWAYS: True, Shown.DRAFT: drafts, Shown.PERSONAL: personal}
        return tuple(column for column in self.columns if shown[column.shown])


def _text(name: str, meaning: str, shown: Shown = Shown.ALWAYS) -> Column:
    return Column(name, Kind.TEXT, meaning, shown)


def _int(name: str, meaning: str, shown: Shown = Shown.ALWAYS) -> Column:
    return Column(name, Kind.INTEGER, meaning, shown)


def _decimal(name: str, meaning: str, shown: Shown = Shown.ALWAYS) -> Column:
    return Column(name, Kind.DECIMAL, meaning, shown)


def _bool(name: str, meaning: str, shown: Shown = Shown.ALWAYS) -> Column:
    return Column(name, Kind.BOOLEAN, meaning, shown)


def _time(name: str, meaning: str) -> Column:
    return Column(name, Kind.TIME, meaning)


_CALL = _text("call_id", "The call; joins every table")
_SELLER = _text("seller_id", "The seller who spoke")
_SELLER_NAME = _text("seller_name", "His name", Shown.PERSONAL)
_DEPARTMENT = _text("department_id", "The department of the call")
_EVALUATOR = _text("evaluator_id", "Who scored")
_SOURCE = (
    _text("source", "Advertising source"),
    _text("medium", "Advertising medium"),
    _text("campaign", "Advertising campaign"),
)

_CALLS = Dataset(
    What.CALLS,
    "one call",
    "started_at",
    (
        _CALL,
        _int("number", "The number people know it by"),
        _time("started_at", "When it began to ring"),
        _time("answered_at", "When it was answered"),
        _text("direction", "`in` the client called, `out` the seller"),
        _text("outcome", "How it ended: `answered`, `missed`, `busy` …"),
        _int("ring_ms", "Ringing, ms"),
        _int("talk_ms", "Conversation, ms"),
        _int("duration_ms", "First ring to the end, ms"),
        _SELLER,
        _SELLER_NAME,
        _DEPARTMENT,
        _text("department_name", "Its name"),
        _text("department_kind", "`call_center` or `sales`"),
        _text("client_key", "Keyed hash of the client's number"),
        _text("client_label", "The number with all but four digits hidden", Shown.PERSONAL),
        _text("lead_id", "The lead or deal it belongs to"),
        *_SOURCE,
        _text("status", "Status in the review"),
        _text("call_type", "Type as a person decided it"),
        _decimal("cqr", "CQR as people decided it, 0…100"),
        _text("draft_type", "Type as the machine proposes it", Shown.DRAFT),
        _decimal("draft_cqr", "CQR of the machine's draft", Shown.DRAFT),
        _text("remarkable", "Why a head should hear it, codes between commas", Shown.DRAFT),
        _text("red_flags", "Red flags, codes between commas", Shown.DRAFT),
        _int("rating", "The client's rating, 1…5"),
        _EVALUATOR,
        _time("evaluated_at", "When it was scored"),
        _time("approved_at", "When that became final"),
        _bool("appealed", "Whether the seller appealed"),
        _text("scorecard_version", "Version of the scorecard it was scored with"),
        _text("transcript_quality", "How far the text can be trusted: `good`, `fair`, `poor`"),
    ),
)

_EVALUATIONS = Dataset(
    What.EVALUATIONS,
    "one finished evaluation by a person",
    "finished_at",
    (
        _text("evaluation_id", "The evaluation"),
        _CALL,
        _int("number", "The call's number"),
        _text("kind", "`counted`, `advice`, `uncounted`, or `second` (for agreement between people)"),
        _SELLER,
        _SELLER_NAME,
        _DEPARTMENT,
        _EVALUATOR,
        _text("evaluator_name", "His name", Shown.PERSONAL),
        _bool("blind", "Scored without sight of the draft"),
        _text("call_type", "Type as decided"),
        _text("card_id", "Scorecard"),
        _text("card_version", "Its version"),
        _decimal("cqr", "CQR as scored; corrections after an appeal stand in `calls`"),
        _decimal("draft_cqr", "CQR of the draft it began from", Shown.DRAFT),
        _decimal("delta", "cqr − draft_cqr", Shown.DRAFT),
        _text("status", "Status of the call now"),
        _time("started_at", "When scoring began"),
        _time("finished_at", "When it was finished"),
        _int("listening_ms", "Time spent on it, ms"),
        _text("recommendation", "What the seller was advised", Shown.PERSONAL),
    ),
)

_CRITERIA = Dataset(
    What.CRITERIA,
    "one criterion of one finished evaluation",
    "finished_at",
    (
        _text("evaluation_id", "The evaluation; joins `evaluations`"),
        _CALL,
        _text("criterion", "Code of the criterion"),
        _text("criterion_name", "Its Russian name"),
        _decimal("weight", "Its weight for the call's type"),
        _text("verdict", "`scored` or `not_applicable`"),
        _decimal("score", "0, 0.5 or 1 (other scales normalised)"),
        _text("draft_verdict", "What the machine proposed", Shown.DRAFT),
        _decimal("draft_score", "Its score", Shown.DRAFT),
        _decimal("delta", "score − draft_score", Shown.DRAFT),
        _bool("seen_draft", "Whether the person saw the draft's score before deciding", Shown.DRAFT),
        _text("corrected_verdict", "After an upheld appeal"),
        _decimal("corrected_score", "After an upheld appeal"),
        _bool("appealed", "Whether the seller appealed this criterion"),
        _text("kind", "Kind of the evaluation"),
        _bool("blind", "Scored without sight of the draft"),
        _text("call_type", "Type as decided"),
        _SELLER,
        _DEPARTMENT,
        _EVALUATOR,
        _time("finished_at", "When the evaluation was finished"),
        _text("comment", "The person's comment", Shown.PERSONAL),
    ),
)

_OBJECTIONS = Dataset(
    What.OBJECTIONS,
    "one objection in the present draft of a call",
    "started_at of the call",
    (
        _CALL,
        _int("ordinal", "Its place among the call's objections, from 1"),
        _text(
            "kind", "`price`, `think`, `competitor`, `no_need`, `no_time`, `no_trust`, `consult`, `send_info`, `other`"
        ),
        _decimal("score", "How it was handled, as drafted: 0, 0.5, 1"),
        _text("techniques", "What the seller did, codes between commas"),
        _decimal("confidence", "How sure the machine is, 0…1"),
        _int("turn", "Utterance in which it was raised"),
        _text("call_type", "Type as decided, else as drafted"),
        _SELLER,
        _DEPARTMENT,
        _time("started_at", "When the call began"),
    ),
)

_LEADS = Dataset(
    What.LEADS,
    "one lead or deal as it stands",
    "created_at",
    (
        _text("lead_id", "The lead or deal; joins `calls` and `attempts`"),
        _text("kind", "`lead` or `deal`"),
        _text("stage", "Stage, as the CRM names it"),
        _text("stage_kind", "What kind of stage that is"),
        _text("refusal_reason", "Why it was refused"),
        _bool("target", "Whether it is a target lead"),
        _text("non_target_reason", "Why not"),
        _SELLER,
        _DEPARTMENT,
        _time("created_at", "When it was created"),
        _time("changed_at", "When it last changed"),
        _decimal("amount", "Sum of the deal"),
        _text("currency", "Its currency"),
        *_SOURCE,
        _int("attempts_total", "Attempts to reach the client"),
        _int("days_with_attempts", "Days with attempts"),
        _int("touches", "Conversations longer than 30 s"),
        _int("due_total", "Attempts due so far"),
        _time("first_attempt_at", "First attempt"),
        _time("last_attempt_at", "Last attempt"),
        _int("pickup_ms", "Creation to the first attempt, ms"),
        _int("violations", "Violations of the contact rule"),
    ),
)

_ATTEMPTS = Dataset(
    What.ATTEMPTS,
    "one outgoing call to a lead",
    "started_at",
    (
        _CALL,
        _text("lead_id", "The lead"),
        _int("ordinal", "Its place among the lead's attempts, from 1"),
        _SELLER,
        _DEPARTMENT,
        _time("started_at", "When it began"),
        _text("outcome", "How it ended"),
        _int("talk_ms", "Conversation, ms"),
        _bool("touch", "A conversation longer than 30 s"),
    ),
)

_CREDIT = Dataset(
    What.CREDIT,
    "one entry of the credit ledger; the amounts of a transaction and unit add up to zero",
    "written_at",
    (
        _int("seq", "Number of the entry"),
        _text("transaction_id", "What belongs together"),
        _text("account", "`seller:<id>`, `controller:<id>` or a counter-account"),
        _text("person_id", "The person, if it is a person's account"),
        _text("unit", "`call`, `cqr`, `check`, `appeal`, `upheld` or `money`"),
        _decimal("amount", "Amount in the unit"),
        _text("month", "Open month it is written in, YYYY-MM"),
        _text("for_month", "Month it is about"),
        _text("kind", "What it was written for"),
        _CALL,
        _time("written_at", "When it was written"),
    ),
)

DATASETS: Mapping[What, Dataset] = {
    each.what: each for each in (_CALLS, _EVALUATIONS, _CRITERIA, _OBJECTIONS, _LEADS, _ATTEMPTS, _CREDIT)
}


def documentation() -> str:
    """The star schema in Markdown: `docs/star-schema.md` is exactly this."""
    lines = [
        "# The star schema of exports",
        "",
        "Every export is one of these fact tables; they join by `call_id`, `evaluation_id`, `lead_id`, `seller_id` and",
        "`department_id`. Columns are only ever added. Times are UTC, durations milliseconds, decimals exact. This",
        "page is written by `services/review/domain/datasets.py`; a test compares.",
        "",
        "`draft` columns go to roles that may see the machine's drafts; `personal` ones only with `--personal` (in the",
        "browser: «с именами»), to heads for their own departments. A role gets the rows that it may see: a seller his",
        "own, a controller what he scored, a head his departments, an analyst everything.",
    ]
    for dataset in DATASETS.values():
        lines += ["", f"## {dataset.what.value}", "", f"One row: {dataset.row}. Cut by `{dataset.cut_by}`.", ""]
        lines += ["| column | type | shown | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{column.name}` | {column.kind.value} | {column.shown.value} | {column.meaning} |"
            for column in dataset.columns
        ]
    return "\n".join(lines) + "\n"
