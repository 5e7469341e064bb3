-- The tables of SQLite and PostgreSQL alike: text and whole numbers only, times in unix milliseconds.
-- A statement ends with a semicolon at the end of its line, and nowhere else stands one there.

-- Alembic's own table, which it makes before it runs this; a new SQLite file is made without Alembic.
CREATE TABLE IF NOT EXISTS alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- ── Jobs, their messages and pictures ────────────────────────────────────────────────────────────

CREATE TABLE jobs (
    id TEXT NOT NULL,
    request_key TEXT NOT NULL,  -- the same request makes one job
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    open INTEGER NOT NULL,  -- 1: something is still to be done or shown
    surface TEXT NOT NULL,
    community TEXT NOT NULL,
    user_id TEXT NOT NULL,
    user_name TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    age_restricted INTEGER NOT NULL DEFAULT 0,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    order_json TEXT NOT NULL,
    credits BIGINT NOT NULL,  -- held
    captured_credits BIGINT,
    spent_credits BIGINT NOT NULL DEFAULT 0,  -- against the community's budget
    cost_usd_micros BIGINT NOT NULL DEFAULT 0,  -- what the operator paid
    pictures INTEGER NOT NULL DEFAULT 0,  -- that came out; stays when they go
    meters_json TEXT NOT NULL DEFAULT '[]',  -- caps that reserved something
    parent TEXT,
    attempt INTEGER NOT NULL DEFAULT 1,
    tries INTEGER NOT NULL DEFAULT 0,
    operation TEXT,
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    doubtful INTEGER NOT NULL DEFAULT 0,
    spoiler INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    favourite INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    submitted_at BIGINT,
    ended_at BIGINT,
    deadline_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    CONSTRAINT pk_jobs PRIMARY KEY (id),
    CONSTRAINT uq_jobs_request_key UNIQUE (request_key)
);
CREATE INDEX ix_jobs_community ON jobs (surface, community, created_at);
CREATE INDEX ix_jobs_ended ON jobs (ended_at);
CREATE INDEX ix_jobs_open ON jobs (lease_until) WHERE open = 1;
CREATE INDEX ix_jobs_person ON jobs (surface, community, user_id, created_at);
-- The limits count these at every accept: the history must not be in the way.
CREATE INDEX ix_jobs_under_way ON jobs (surface, community, user_id, state) WHERE open = 1;

CREATE TABLE messages (
    id TEXT NOT NULL,  -- job:role
    job TEXT NOT NULL,
    role TEXT NOT NULL,  -- main, pick:N
    surface TEXT NOT NULL,
    address_json TEXT NOT NULL,
    "key" TEXT,  -- None until posted
    data_json TEXT NOT NULL DEFAULT '{}',
    shown INTEGER NOT NULL DEFAULT 0,  -- the job's version that it says
    gone INTEGER NOT NULL DEFAULT 0,  -- 1: to be removed from the chat
    digest TEXT NOT NULL DEFAULT '',  -- of the card that it says
    tries INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT fk_messages_job FOREIGN KEY(job) REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE INDEX ix_messages_job ON messages (job);
CREATE INDEX ix_messages_key ON messages (surface, "key");

CREATE TABLE assets (
    "key" TEXT NOT NULL,
    job TEXT NOT NULL,
    role TEXT NOT NULL,  -- image, sheet, quarantine
    idx INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_assets PRIMARY KEY ("key"),
    CONSTRAINT fk_assets_job FOREIGN KEY(job) REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE INDEX ix_assets_created_at ON assets (created_at);
CREATE INDEX ix_assets_job ON assets (job);

-- ── The books ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE accounts (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,  -- allowance, granted
    surface TEXT NOT NULL,
    community TEXT NOT NULL,
    user_id TEXT NOT NULL,
    posted BIGINT NOT NULL DEFAULT 0,
    held BIGINT NOT NULL DEFAULT 0,
    given BIGINT NOT NULL DEFAULT 0,  -- all grants: what a top-up compares
    opened_at BIGINT NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT ck_accounts_held_not_negative CHECK (held >= 0),
    CONSTRAINT ck_accounts_never_overdrawn CHECK (posted - held >= 0)
);
CREATE INDEX ix_accounts_person ON accounts (surface, community, user_id);

CREATE TABLE transfers (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,  -- grant, hold, capture, release, refund, revoke
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount BIGINT NOT NULL,
    job TEXT,
    actor TEXT NOT NULL DEFAULT '',
    memo TEXT NOT NULL DEFAULT '',
    resolves TEXT,
    at BIGINT NOT NULL,
    CONSTRAINT pk_transfers PRIMARY KEY (id),
    CONSTRAINT ck_transfers_amount_not_negative CHECK (amount >= 0),
    CONSTRAINT uq_transfers_resolves UNIQUE (resolves)
);
CREATE INDEX ix_transfers_credit ON transfers (credit, at);
CREATE INDEX ix_transfers_debit ON transfers (debit, at);
CREATE INDEX ix_transfers_job ON transfers (job);

CREATE TABLE meters (
    id TEXT NOT NULL,  -- budget:..., money:...
    used BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT pk_meters PRIMARY KEY (id),
    CONSTRAINT ck_meters_used_not_negative CHECK (used >= 0)
);

-- ── Communities and people ───────────────────────────────────────────────────────────────────────

CREATE TABLE settings (
    scope TEXT NOT NULL,  -- community:surface:id, person:surface:community:user, life:...
    version INTEGER NOT NULL,
    settings_json TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_settings PRIMARY KEY (scope)
);

CREATE TABLE settings_history (
    scope TEXT NOT NULL,
    version INTEGER NOT NULL,
    settings_json TEXT NOT NULL,
    actor TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_settings_history PRIMARY KEY (scope, version)
);

CREATE TABLE blocks (
    surface TEXT NOT NULL,
    community TEXT NOT NULL,
    user_id TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    actor TEXT NOT NULL DEFAULT '',
    blocked_at BIGINT NOT NULL,
    until BIGINT,
    CONSTRAINT pk_blocks PRIMARY KEY (surface, community, user_id)
);

CREATE TABLE audit (
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,  -- verdict, grant, block, settings, report ...
    surface TEXT NOT NULL,
    community TEXT NOT NULL,
    user_id TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    job TEXT,
    severity TEXT NOT NULL DEFAULT '',
    category TEXT NOT NULL DEFAULT '',
    layer TEXT NOT NULL DEFAULT '',
    rule TEXT NOT NULL DEFAULT '',
    strike INTEGER NOT NULL DEFAULT 0,
    actor TEXT NOT NULL DEFAULT '',
    memo TEXT NOT NULL DEFAULT '',
    prompt TEXT,  -- kept for a configured time only
    CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_person ON audit (surface, community, user_id, at);

-- ── Small things that replicas share ─────────────────────────────────────────────────────────────

CREATE TABLE pace (
    model TEXT NOT NULL,
    memory_json TEXT NOT NULL,  -- four numbers, see bot/jobs/pacing.py
    CONSTRAINT pk_pace PRIMARY KEY (model)
);

CREATE TABLE seen (
    "key" TEXT NOT NULL,  -- a platform's event that was handled
    at BIGINT NOT NULL,
    CONSTRAINT pk_seen PRIMARY KEY ("key")
);
CREATE INDEX ix_seen_at ON seen (at);

CREATE TABLE secrets (
    name TEXT NOT NULL,  -- link-key:1 ...
    value TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    CONSTRAINT pk_secrets PRIMARY KEY (name)
);
