"""The tables, described once for both databases: text and whole numbers only, times in unix milliseconds."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# ── Jobs, their messages and pictures ────────────────────────────────────────────────────────────────

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("request_key", Text, nullable=False, unique=True),  # the same request makes one job
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("open", Integer, nullable=False),  # 1: something is still to be done or shown
    Column("surface", Text, nullable=False),
    Column("community", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("user_name", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=""),
    Column("channel", Text, nullable=False, server_default=""),
    Column("age_restricted", Integer, nullable=False, server_default="0"),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("order_json", Text, nullable=False),
    Column("credits", BigInteger, nullable=False),  # held
    Column("captured_credits", BigInteger),
    Column("spent_credits", BigInteger, nullable=False, server_default="0"),  # against the community's budget
    Column("cost_usd_micros", BigInteger, nullable=False, server_default="0"),  # what the operator paid
    Column("pictures", Integer, nullable=False, server_default="0"),  # that came out; stays when they go
    Column("meters_json", Text, nullable=False, server_default="[]"),  # caps that reserved something
    Column("parent", Text),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("operation", Text),
    Column("reason", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("doubtful", Integer, nullable=False, server_default="0"),
    Column("spoiler", Integer, nullable=False, server_default="0"),
    Column("deleted", Integer, nullable=False, server_default="0"),
    Column("favourite", Integer, nullable=False, server_default="0"),
    Column("lease_owner", Text, nullable=False, server_default=""),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    Column("submitted_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("deadline_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Index("ix_jobs_open", "lease_until", sqlite_where=text("open = 1"), postgresql_where=text("open = 1")),
    Index(  # the limits count these at every accept: the history must not be in the way
        "ix_jobs_under_way",
        "surface",
        "community",
        "user_id",
        "state",
        sqlite_where=text("open = 1"),
        postgresql_where=text("open = 1"),
    ),
    Index("ix_jobs_person", "surface", "community", "user_id", "created_at"),
    Index("ix_jobs_community", "surface", "community", "created_at"),
    Index("ix_jobs_ended", "ended_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),  # job:role
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),  # main, pick:N
    Column("surface", Text, nullable=False),
    Column("address_json", Text, nullable=False),
    Column("key", Text),  # None until posted
    Column("data_json", Text, nullable=False, server_default="{}"),
    Column("shown", Integer, nullable=False, server_default="0"),  # the job's version that it says
    Column("gone", Integer, nullable=False, server_default="0"),  # 1: to be removed from the chat
    Column("digest", Text, nullable=False, server_default=""),  # of the card that it says
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", BigInteger, nullable=False),
    Index("ix_messages_job", "job"),
    Index("ix_messages_key", "surface", "key"),
)

assets = Table(
    "assets",
    metadata,
    Column("key", Text, primary_key=True),
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),  # image, sheet, quarantine
    Column("idx", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_assets_job", "job"),
    Index("ix_assets_created_at", "created_at"),
)

# ── The books ────────────────────────────────────────────────────────────────────────────────────────

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # allowance, granted
    Column("surface", Text, nullable=False),
    Column("community", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("posted", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("given", BigInteger, nullable=False, server_default="0"),  # all grants: what a top-up compares
    Column("opened_at", BigInteger, nullable=False),
    CheckConstraint("posted - held >= 0", name="never_overdrawn"),
    CheckConstraint("held >= 0", name="held_not_negative"),
    Index("ix_accounts_person", "surface", "community", "user_id"),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # grant, hold, capture, release, refund, revoke
    Column("debit", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("job", Text),
    Column("actor", Text, nullable=False, server_default=""),
    Column("memo", Text, nullable=False, server_default=""),
    Column("resolves", Text),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("amount >= 0", name="amount_not_negative"),
    UniqueConstraint("resolves"),
    Index("ix_transfers_job", "job"),
    Index("ix_transfers_debit", "debit", "at"),
    Index("ix_transfers_credit", "credit", "at"),
)

meters = Table(
    "meters",
    metadata,
    Column("id", Text, primary_key=True),  # budget:..., money:...
    Column("used", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("used >= 0", name="used_not_negative"),
)

# ── Communities and people ───────────────────────────────────────────────────────────────────────────

settings = Table(
    "settings",
    metadata,
    Column("scope", Text, primary_key=True),  # surface:community, or person:surface:community:user
    Column("version", Integer, nullable=False),
    Column("settings_json", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

settings_history = Table(
    "settings_history",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("settings_json", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

blocks = Table(
    "blocks",
    metadata,
    Column("surface", Text, primary_key=True),
    Column("community", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False, server_default=""),
    Column("blocked_at", BigInteger, nullable=False),
    Column("until", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("action", Text, nullable=False),  # verdict, grant, block, settings, report ...
    Column("surface", Text, nullable=False),
    Column("community", Text, nullable=False),
    Column("user_id", Text, nullable=False, server_default=""),
    Column("channel", Text, nullable=False, server_default=""),
    Column("job", Text),
    Column("severity", Text, nullable=False, server_default=""),
    Column("category", Text, nullable=False, server_default=""),
    Column("layer", Text, nullable=False, server_default=""),
    Column("rule", Text, nullable=False, server_default=""),
    Column("strike", Integer, nullable=False, server_default="0"),
    Column("actor", Text, nullable=False, server_default=""),
    Column("memo", Text, nullable=False, server_default=""),
    Column("prompt", Text),  # kept for a configured time only
    Index("ix_audit_at", "at"),
    Index("ix_audit_person", "surface", "community", "user_id", "at"),
)

# ── Small things that replicas share ─────────────────────────────────────────────────────────────────

pace = Table(
    "pace",
    metadata,
    Column("model", Text, primary_key=True),
    Column("memory_json", Text, nullable=False),  # four numbers, see bot/jobs/pacing.py
)

seen = Table(
    "seen",
    metadata,
    Column("key", Text, primary_key=True),  # a platform's event that was handled
    Column("at", BigInteger, nullable=False),
    Index("ix_seen_at", "at"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),  # link-key:1 ...
    Column("value", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)
