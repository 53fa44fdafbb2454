"""The last line: triggers by which the database itself refuses what nobody may do, whoever writes the SQL."""

from __future__ import annotations

from sqlalchemy import Connection, text

from services.review.adapters.append_only import make_append_only

APPEND_ONLY = ("status_changes", "drafts", "comments", "mentions", "samples", "months", "ledger", "ratings")

_LISTENING = ("listening_counted", "listening_for_advice", "listening_uncounted")
# From which status to which, when the second migration was written; a test holds it against the table of the domain.
WAYS = {
    "auto_classified": (*_LISTENING, "manually_classified"),
    "unclassified": (*_LISTENING, "manually_classified"),
    "manually_classified": _LISTENING,
    "listening_counted": ("evaluated_pending",),
    "listening_for_advice": ("approved_training",),
    "listening_uncounted": ("approved_training",),
    "evaluated_pending": ("approved_evaluated", "evaluated_appealed"),
    "evaluated_appealed": ("approved_evaluated", "approved_overturned"),
}
_DECIDED = ("approved_evaluated", "approved_overturned")
_SQLITE_CLOCK = (
    "(CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4, 3) AS INTEGER) * 1000)"
)


def _pairs() -> str:
    pairs = ((origin, to) for origin, ends in WAYS.items() for to in ends)
    return ", ".join(f"('{origin}', '{to}')" for origin, to in pairs)


def _call_rules(clock: str) -> list[tuple[str, str]]:
    """(what is refused, when) for a change of a call's status; NEW and OLD as both databases name them."""
    by = "COALESCE(NEW.changed_by_id, '')"
    decided = "', '".join(_DECIDED)
    finished = (
        "SELECT 1 FROM evaluations e WHERE e.evaluation_id = NEW.evaluation_id AND e.evaluator_id = NEW.evaluator_id "
        "AND e.finished_at IS NOT NULL AND e.kind = 'counted'"
    )
    evaluated = "NEW.status = 'evaluated_pending' OR (NEW.status = 'approved_training')"
    return [
        (
            "no such transition",
            f"OLD.status IS NOT NULL AND (OLD.status, COALESCE(NEW.status, '')) NOT IN (VALUES {_pairs()})",
        ),
        ("versions only grow", "NEW.version <= OLD.version"),
        (
            "only the evaluator ends his evaluation, and never of his own call",
            f"({evaluated}) AND ({by} <> COALESCE(NEW.evaluator_id, '') OR {by} = '' "
            f"OR {by} = COALESCE(NEW.seller_id, ''))",
        ),
        (
            "only the seller appeals",
            f"NEW.status = 'evaluated_appealed' AND ({by} = '' OR {by} <> COALESCE(NEW.seller_id, ''))",
        ),
        (
            "nobody decides an appeal about himself",
            f"OLD.status = 'evaluated_appealed' AND ({by} = '' OR {by} = COALESCE(NEW.seller_id, '') "
            f"OR {by} = COALESCE(NEW.evaluator_id, ''))",
        ),
        (
            "approved before its time",
            f"OLD.status = 'evaluated_pending' AND NEW.status = 'approved_evaluated' "
            f"AND (NEW.approve_at IS NULL OR NEW.approve_at > {clock})",
        ),
        ("no finished evaluation of a person", f"NEW.status IN ('{decided}') AND NOT EXISTS ({finished})"),
    ]


# table, verb, (what is refused, when)
_OTHER_RULES: tuple[tuple[str, str, str, str], ...] = (
    (
        "evaluations",
        "INSERT",
        "nobody evaluates his own call",
        "NEW.evaluator_id = (SELECT c.seller_id FROM calls c WHERE c.call_id = NEW.call_id)",
    ),
    (
        "evaluations",
        "UPDATE",
        "a finished evaluation does not change",
        "OLD.finished_at IS NOT NULL OR NEW.evaluator_id <> OLD.evaluator_id OR NEW.call_id <> OLD.call_id",
    ),
    ("evaluations", "DELETE", "evaluations are kept", "1 = 1"),
    (
        "scores",
        "INSERT",
        "a finished evaluation does not change",
        "(SELECT e.finished_at FROM evaluations e WHERE e.evaluation_id = NEW.evaluation_id) IS NOT NULL",
    ),
    (
        "scores",
        "UPDATE",
        "a finished evaluation does not change",
        "(SELECT e.finished_at FROM evaluations e WHERE e.evaluation_id = OLD.evaluation_id) IS NOT NULL",
    ),
    (
        "scores",
        "DELETE",
        "a finished evaluation does not change",
        "(SELECT e.finished_at FROM evaluations e WHERE e.evaluation_id = OLD.evaluation_id) IS NOT NULL",
    ),
    (
        "appeals",
        "UPDATE",
        "a decided appeal does not change, and nobody decides about himself",
        "OLD.state <> 'open' OR NEW.seller_id <> OLD.seller_id OR NEW.evaluator_id <> OLD.evaluator_id "
        "OR NEW.decided_by = (SELECT c.seller_id FROM calls c WHERE c.call_id = NEW.call_id) "
        "OR NEW.decided_by = (SELECT c.evaluator_id FROM calls c WHERE c.call_id = NEW.call_id)",
    ),
    ("appeals", "DELETE", "appeals are kept", "1 = 1"),
    (
        "ledger",
        "INSERT",
        "the month is closed",
        "EXISTS (SELECT 1 FROM months m WHERE m.month = NEW.month)",
    ),
)


def add_guards(connection: Connection) -> None:
    """For the migration: append-only tables and the triggers."""
    for table in APPEND_ONLY:
        make_append_only(connection, table)
    if connection.dialect.name == "sqlite":
        _add_sqlite(connection)
    else:
        _add_postgresql(connection)


def _add_sqlite(connection: Connection) -> None:
    for number, (what, when) in enumerate(_call_rules(_SQLITE_CLOCK)):
        connection.execute(
            text(
                f"CREATE TRIGGER calls_guard_{number} BEFORE UPDATE OF status ON calls "
                f"WHEN NEW.status IS NOT OLD.status AND ({when}) BEGIN SELECT RAISE(ABORT, '{what}'); END"
            )
        )
    for number, (table, verb, what, when) in enumerate(_OTHER_RULES):
        connection.execute(
            text(
                f"CREATE TRIGGER {table}_guard_{number} BEFORE {verb} ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{what}'); END"
            )
        )


def _add_postgresql(connection: Connection) -> None:
    rules: dict[tuple[str, str], list[tuple[str, str]]] = {("calls", "UPDATE"): []}
    for what, when in _call_rules("clock_timestamp()"):
        rules["calls", "UPDATE"].append((what, f"NEW.status IS DISTINCT FROM OLD.status AND ({when})"))
    for table, verb, what, when in _OTHER_RULES:
        rules.setdefault((table, verb), []).append((what, when))
    for (table, verb), checks in rules.items():
        name = f"guard_{table}_{verb.lower()}"
        body = " ".join(
            f"IF {when} THEN RAISE EXCEPTION '{what}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            for what, when in checks
        )
        given = "OLD" if verb == "DELETE" else "NEW"
        connection.execute(
            text(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {given}; END $$")
        )
        connection.execute(
            text(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        )
