"""People, sessions, audit, access log, notices, search and saved views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.review.adapters.append_only import make_append_only
from services.runtime.columns import UtcDateTime
from services.runtime.queue_tables import create_queue_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(128)
# SQLite counts up by itself only in an INTEGER primary key.
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_queue_tables(op)
    _people()
    _doors()
    _logs()
    _notices()
    _search_and_views()


def _people() -> None:
    op.create_table(
        "departments",
        sa.Column("department_id", ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("department_id", name="pk_departments"),
        sa.CheckConstraint("kind in ('call_center', 'sales')", name="ck_departments_kind"),
    )
    op.create_table(
        "people",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("login", ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("hired_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("password_set_at", UtcDateTime()),
        sa.Column("password_must_change", sa.Boolean(), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column("totp_secret", sa.String(300)),
        sa.Column("totp_confirmed_at", UtcDateTime()),
        sa.Column("totp_last_step", sa.BigInteger()),
        sa.Column("oidc_subject", sa.String(255)),
        sa.PrimaryKeyConstraint("person_id", name="pk_people"),
        sa.CheckConstraint(
            "role in ('seller', 'mentor', 'controller', 'head', 'analyst', 'admin')", name="ck_people_role"
        ),
        sa.UniqueConstraint("email", name="uq_people_email"),
        sa.UniqueConstraint("login", name="uq_people_login"),
        sa.UniqueConstraint("oidc_subject", name="uq_people_oidc_subject"),
    )
    op.create_index("ix_people_role", "people", ["role"])
    op.create_table(
        "person_departments",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("department_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "department_id", name="pk_person_departments"),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.department_id"], name="fk_person_departments_department_id_departments"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_person_departments_person_id_people"),
    )
    op.create_index("ix_person_departments_department_id", "person_departments", ["department_id"])
    op.create_table(
        "mentees",
        sa.Column("mentor_id", ID, nullable=False),
        sa.Column("seller_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("mentor_id", "seller_id", name="pk_mentees"),
        sa.CheckConstraint("mentor_id <> seller_id", name="ck_mentees_not_himself"),
        sa.ForeignKeyConstraint(["mentor_id"], ["people.person_id"], name="fk_mentees_mentor_id_people"),
        sa.ForeignKeyConstraint(["seller_id"], ["people.person_id"], name="fk_mentees_seller_id_people"),
    )


def _doors() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_sessions_person_id_people"),
    )
    op.create_index("ix_sessions_ends_at", "sessions", ["ends_at"])
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_table(
        "access_tokens",
        sa.Column("token_id", sa.String(40), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("token_id", name="pk_access_tokens"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_access_tokens_person_id_people"),
        sa.UniqueConstraint("token_hash", name="uq_access_tokens_token_hash"),
    )
    op.create_index("ix_access_tokens_person_id", "access_tokens", ["person_id"])
    op.create_table(
        "guess_buckets",
        sa.Column("bucket", sa.String(80), nullable=False),
        sa.Column("spent_milli", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name="pk_guess_buckets"),
    )
    op.create_index("ix_guess_buckets_updated_at", "guess_buckets", ["updated_at"])
    op.create_table(
        "known_places",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "place", name="pk_known_places"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_known_places_person_id_people"),
    )
    op.create_table(
        "oidc_states",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("verifier", ID, nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("next_path", sa.String(500), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_oidc_states"),
    )


def _logs() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_role", sa.String(20), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("object_kind", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(200), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.Column("request_id", sa.String(64)),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_actor_id_seq", "audit_log", ["actor_id", "seq"])
    op.create_index("ix_audit_log_object_kind_object_id_seq", "audit_log", ["object_kind", "object_id", "seq"])
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_audit_head"),
        sa.CheckConstraint("one = 1", name="ck_audit_head_one"),
    )
    op.create_table(
        "access_log",
        sa.Column("seq", SEQUENCE, nullable=False, autoincrement=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("object_kind", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(200), nullable=False),
        sa.Column("client_key", ID),
        sa.Column("fields", sa.String(500), nullable=False),
        sa.Column("why", sa.String(200)),
        sa.Column("request_id", sa.String(64)),
        sa.PrimaryKeyConstraint("seq", name="pk_access_log"),
        sa.CheckConstraint(
            "kind in ('view', 'play', 'download', 'export', 'search', 'denied')", name="ck_access_log_kind"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_access_log_at", "access_log", ["at"])
    op.create_index("ix_access_log_object_id_at", "access_log", ["object_id", "at"])
    op.create_index("ix_access_log_person_id_at", "access_log", ["person_id", "at"])
    connection = op.get_bind()
    connection.execute(sa.text("INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, :hash)"), {"hash": "0" * 64})
    for table in ("audit_log", "access_log"):
        make_append_only(connection, table)


def _notices() -> None:
    op.create_table(
        "notice_choices",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("channel", sa.String(10)),
        sa.Column("muted_kinds", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_notice_choices"),
        sa.CheckConstraint("channel in ('telegram', 'email', 'none')", name="ck_notice_choices_channel"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_notice_choices_person_id_people"),
    )
    op.create_table(
        "telegram_chats",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("bound_at", UtcDateTime(), nullable=False),
        sa.Column("blocked_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("person_id", name="pk_telegram_chats"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_telegram_chats_person_id_people"),
        sa.UniqueConstraint("chat_id", name="uq_telegram_chats_chat_id"),
    )
    op.create_table(
        "telegram_links",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("token_hash", name="pk_telegram_links"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_telegram_links_person_id_people"),
    )
    op.create_table(
        "telegram_offset",
        sa.Column("one", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("next_update_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_telegram_offset"),
        sa.CheckConstraint("one = 1", name="ck_telegram_offset_one"),
    )
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(200), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("call_id", ID),
        sa.Column("call_number", sa.BigInteger()),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(10)),
        sa.Column("why", sa.String(200)),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("notice_id", name="pk_notices"),
        sa.CheckConstraint("state in ('waiting', 'sent', 'given_up')", name="ck_notices_state"),
    )
    op.create_index("ix_notices_person_id_written_at", "notices", ["person_id", "written_at"])


def _search_and_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("view_id", sa.String(40), nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("view_id", name="pk_saved_views"),
        sa.ForeignKeyConstraint(["owner_id"], ["people.person_id"], name="fk_saved_views_owner_id_people"),
        sa.UniqueConstraint("owner_id", "name", name="uq_saved_views_owner_id_name"),
    )
    op.create_table(
        "search_texts",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("rowid_key", SEQUENCE, nullable=False),
        sa.Column("utterances", sa.Text(), nullable=False),
        sa.Column("indexed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_search_texts"),
        sa.UniqueConstraint("rowid_key", name="uq_search_texts_rowid_key"),
    )
    op.create_table(
        "legal_holds",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("placed_by", ID, nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_legal_holds"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_index USING fts5(stems, tokenize='unicode61 remove_diacritics 0')")
        return
    op.execute(
        "CREATE TABLE search_index (call_id varchar(128) PRIMARY KEY "
        "REFERENCES search_texts (call_id) ON DELETE CASCADE, stems tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_search_index_stems ON search_index USING gin (stems)")


def downgrade() -> None:
    raise RuntimeError("history is never taken back")
