"""Tables of people and of what guards them: departments, people, sessions, tokens, guesses, audit, access, notices."""

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
)

from services.review.adapters.metadata import metadata
from services.runtime.columns import UtcDateTime

# SQLite counts up by itself only in an INTEGER primary key.
Sequence = BigInteger().with_variant(Integer(), "sqlite")
PERSON = String(128)

departments = Table(
    "departments",
    metadata,
    Column("department_id", String(128), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("kind in ('call_center', 'sales')", name="kind"),
)

people = Table(
    "people",
    metadata,
    Column("person_id", PERSON, primary_key=True),
    # The person_id in lower case: two people never differ by case alone, and log-in ignores case.
    Column("login", PERSON, nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("language", String(2), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("email", String(254), unique=True),
    Column("hired_on", Date),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("password_hash", String(200)),
    Column("password_set_at", UtcDateTime),
    Column("password_must_change", Boolean, nullable=False),
    # Grows when sessions and tokens of before must die: new password, role, second factor, deactivation.
    Column("stamp", Integer, nullable=False),
    Column("totp_secret", String(300)),
    Column("totp_confirmed_at", UtcDateTime),
    Column("totp_last_step", BigInteger),
    Column("oidc_subject", String(255), unique=True),
    CheckConstraint("role in ('seller', 'mentor', 'controller', 'head', 'analyst', 'admin')", name="role"),
)
Index("ix_people_role", people.c.role)

person_departments = Table(
    "person_departments",
    metadata,
    Column("person_id", PERSON, ForeignKey("people.person_id"), primary_key=True),
    Column("department_id", String(128), ForeignKey("departments.department_id"), primary_key=True),
)
Index("ix_person_departments_department_id", person_departments.c.department_id)

mentees = Table(
    "mentees",
    metadata,
    Column("mentor_id", PERSON, ForeignKey("people.person_id"), primary_key=True),
    Column("seller_id", PERSON, ForeignKey("people.person_id"), primary_key=True),
    CheckConstraint("mentor_id <> seller_id", name="not_himself"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", PERSON, ForeignKey("people.person_id"), nullable=False),
    Column("stamp", Integer, nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)
Index("ix_sessions_person_id", sessions.c.person_id)
Index("ix_sessions_ends_at", sessions.c.ends_at)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("token_id", String(40), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("person_id", PERSON, ForeignKey("people.person_id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("actions", Text, nullable=False),
    Column("stamp", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)
Index("ix_access_tokens_person_id", access_tokens.c.person_id)

guess_buckets = Table(
    "guess_buckets",
    metadata,
    Column("bucket", String(80), primary_key=True),
    Column("spent_milli", BigInteger, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
Index("ix_guess_buckets_updated_at", guess_buckets.c.updated_at)

known_places = Table(
    "known_places",
    metadata,
    Column("person_id", PERSON, ForeignKey("people.person_id"), primary_key=True),
    Column("place", String(80), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)

oidc_states = Table(
    "oidc_states",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("browser_hash", String(64), nullable=False),
    Column("verifier", String(128), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("next_path", String(500), nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_id", PERSON, nullable=False),
    Column("actor_role", String(20), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object_kind", String(40), nullable=False),
    Column("object_id", String(200), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("why", Text),
    Column("request_id", String(64)),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
Index("ix_audit_log_object_kind_object_id_seq", audit_log.c.object_kind, audit_log.c.object_id, audit_log.c.seq)
Index("ix_audit_log_actor_id_seq", audit_log.c.actor_id, audit_log.c.seq)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("one = 1", name="one"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("person_id", PERSON, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("object_kind", String(40), nullable=False),
    Column("object_id", String(200), nullable=False),
    Column("client_key", String(128)),
    Column("fields", String(500), nullable=False),
    Column("why", String(200)),
    Column("request_id", String(64)),
    CheckConstraint("kind in ('view', 'play', 'download', 'export', 'search', 'denied')", name="kind"),
    sqlite_autoincrement=True,
)
Index("ix_access_log_person_id_at", access_log.c.person_id, access_log.c.at)
Index("ix_access_log_object_id_at", access_log.c.object_id, access_log.c.at)
Index("ix_access_log_at", access_log.c.at)

notice_choices = Table(
    "notice_choices",
    metadata,
    Column("person_id", PERSON, ForeignKey("people.person_id"), primary_key=True),
    Column("channel", String(10)),  # null: we choose
    Column("muted_kinds", String(500), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("channel in ('telegram', 'email', 'none')", name="channel"),
)

telegram_chats = Table(
    "telegram_chats",
    metadata,
    Column("person_id", PERSON, ForeignKey("people.person_id"), primary_key=True),
    Column("chat_id", BigInteger, nullable=False, unique=True),
    Column("bound_at", UtcDateTime, nullable=False),
    Column("blocked_at", UtcDateTime),
)

telegram_links = Table(
    "telegram_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", PERSON, ForeignKey("people.person_id"), nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

telegram_offset = Table(
    "telegram_offset",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("next_update_id", BigInteger, nullable=False),
    CheckConstraint("one = 1", name="one"),
)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", String(200), primary_key=True),
    Column("person_id", PERSON, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("call_id", String(128)),
    Column("call_number", BigInteger),
    Column("state", String(20), nullable=False),
    Column("channel", String(10)),
    Column("why", String(200)),
    Column("written_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    CheckConstraint("state in ('waiting', 'sent', 'given_up')", name="state"),
)
Index("ix_notices_person_id_written_at", notices.c.person_id, notices.c.written_at)

preferences = Table(
    "preferences",
    metadata,
    Column("person_id", PERSON, ForeignKey("people.person_id"), primary_key=True),
    Column("language", String(2)),
    Column("theme", String(8)),
    Column("speed_hundredths", Integer),
    Column("skips_silence", Boolean),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("view_id", String(40), primary_key=True),
    Column("owner_id", PERSON, ForeignKey("people.person_id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("filters", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("owner_id", "name"),
)

search_texts = Table(
    "search_texts",
    metadata,
    Column("call_id", String(128), primary_key=True),
    Column("rowid_key", Sequence, nullable=False, unique=True),
    Column("utterances", Text, nullable=False),
    Column("indexed_at", UtcDateTime, nullable=False),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("call_id", String(128), primary_key=True),
    Column("placed_by", PERSON, nullable=False),
    Column("why", String(500), nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
)
