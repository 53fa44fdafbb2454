"""People, sessions, audit, access log, notices, search and saved views."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from services.review.adapters import tables_people  # noqa: F401 - hangs its tables on the metadata
from services.review.adapters.append_only import make_append_only
from services.review.adapters.metadata import metadata
from services.runtime.queue_tables import create_queue_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "departments",
    "people",
    "person_departments",
    "mentees",
    "sessions",
    "access_tokens",
    "guess_buckets",
    "known_places",
    "oidc_states",
    "audit_log",
    "audit_head",
    "access_log",
    "notice_choices",
    "telegram_chats",
    "telegram_links",
    "telegram_offset",
    "notices",
    "saved_views",
    "search_texts",
    "legal_holds",
)


def upgrade() -> None:
    connection = op.get_bind()
    create_queue_tables(op)
    metadata.create_all(connection, tables=[metadata.tables[name] for name in TABLES], checkfirst=False)
    connection.execute(text("INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, :hash)"), {"hash": "0" * 64})
    for table in ("audit_log", "access_log"):
        make_append_only(connection, table)
    if connection.dialect.name == "sqlite":
        connection.execute(
            text("CREATE VIRTUAL TABLE search_index USING fts5(stems, tokenize='unicode61 remove_diacritics 0')")
        )
        return
    connection.execute(
        text(
            "CREATE TABLE search_index (call_id varchar(128) PRIMARY KEY "
            "REFERENCES search_texts (call_id) ON DELETE CASCADE, stems tsvector NOT NULL)"
        )
    )
    connection.execute(text("CREATE INDEX ix_search_index_stems ON search_index USING gin (stems)"))


def downgrade() -> None:
    raise RuntimeError("history is never taken back")
