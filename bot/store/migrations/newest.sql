CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE accounts (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	surface TEXT NOT NULL, 
	community TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	posted BIGINT DEFAULT '0' NOT NULL, 
	held BIGINT DEFAULT '0' NOT NULL, 
	given BIGINT DEFAULT '0' NOT NULL, 
	opened_at BIGINT NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id), 
	CONSTRAINT ck_accounts_held_not_negative CHECK (held >= 0), 
	CONSTRAINT ck_accounts_never_overdrawn CHECK (posted - held >= 0)
);
CREATE INDEX ix_accounts_person ON accounts (surface, community, user_id);
CREATE TABLE audit (
	id TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	action TEXT NOT NULL, 
	surface TEXT NOT NULL, 
	community TEXT NOT NULL, 
	user_id TEXT DEFAULT '' NOT NULL, 
	channel TEXT DEFAULT '' NOT NULL, 
	job TEXT, 
	severity TEXT DEFAULT '' NOT NULL, 
	category TEXT DEFAULT '' NOT NULL, 
	layer TEXT DEFAULT '' NOT NULL, 
	rule TEXT DEFAULT '' NOT NULL, 
	strike INTEGER DEFAULT '0' NOT NULL, 
	actor TEXT DEFAULT '' NOT NULL, 
	memo TEXT DEFAULT '' NOT NULL, 
	prompt TEXT, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_person ON audit (surface, community, user_id, at);
CREATE TABLE blocks (
	surface TEXT NOT NULL, 
	community TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	actor TEXT DEFAULT '' NOT NULL, 
	blocked_at BIGINT NOT NULL, 
	until BIGINT, 
	CONSTRAINT pk_blocks PRIMARY KEY (surface, community, user_id)
);
CREATE TABLE jobs (
	id TEXT NOT NULL, 
	request_key TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	open INTEGER NOT NULL, 
	surface TEXT NOT NULL, 
	community TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	user_name TEXT DEFAULT '' NOT NULL, 
	language TEXT DEFAULT '' NOT NULL, 
	channel TEXT DEFAULT '' NOT NULL, 
	age_restricted INTEGER DEFAULT '0' NOT NULL, 
	provider TEXT NOT NULL, 
	model TEXT NOT NULL, 
	order_json TEXT NOT NULL, 
	credits BIGINT NOT NULL, 
	captured_credits BIGINT, 
	spent_credits BIGINT DEFAULT '0' NOT NULL, 
	cost_usd_micros BIGINT DEFAULT '0' NOT NULL, 
	pictures INTEGER DEFAULT '0' NOT NULL, 
	meters_json TEXT DEFAULT '[]' NOT NULL, 
	parent TEXT, 
	attempt INTEGER DEFAULT '1' NOT NULL, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	operation TEXT, 
	reason TEXT DEFAULT '' NOT NULL, 
	detail TEXT DEFAULT '' NOT NULL, 
	doubtful INTEGER DEFAULT '0' NOT NULL, 
	spoiler INTEGER DEFAULT '0' NOT NULL, 
	deleted INTEGER DEFAULT '0' NOT NULL, 
	favourite INTEGER DEFAULT '0' NOT NULL, 
	lease_owner TEXT DEFAULT '' NOT NULL, 
	lease_until BIGINT DEFAULT '0' NOT NULL, 
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
CREATE INDEX ix_jobs_under_way ON jobs (surface, community, user_id, state) WHERE open = 1;
CREATE TABLE meters (
	id TEXT NOT NULL, 
	used BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_meters PRIMARY KEY (id), 
	CONSTRAINT ck_meters_used_not_negative CHECK (used >= 0)
);
CREATE TABLE pace (
	model TEXT NOT NULL, 
	memory_json TEXT NOT NULL, 
	CONSTRAINT pk_pace PRIMARY KEY (model)
);
CREATE TABLE secrets (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	CONSTRAINT pk_secrets PRIMARY KEY (name)
);
CREATE TABLE seen (
	"key" TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_seen PRIMARY KEY ("key")
);
CREATE INDEX ix_seen_at ON seen (at);
CREATE TABLE settings (
	scope TEXT NOT NULL, 
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
CREATE TABLE transfers (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	debit TEXT NOT NULL, 
	credit TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	job TEXT, 
	actor TEXT DEFAULT '' NOT NULL, 
	memo TEXT DEFAULT '' NOT NULL, 
	resolves TEXT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_transfers PRIMARY KEY (id), 
	CONSTRAINT ck_transfers_amount_not_negative CHECK (amount >= 0), 
	CONSTRAINT uq_transfers_resolves UNIQUE (resolves)
);
CREATE INDEX ix_transfers_credit ON transfers (credit, at);
CREATE INDEX ix_transfers_debit ON transfers (debit, at);
CREATE INDEX ix_transfers_job ON transfers (job);
CREATE TABLE assets (
	"key" TEXT NOT NULL, 
	job TEXT NOT NULL, 
	role TEXT NOT NULL, 
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
CREATE TABLE messages (
	id TEXT NOT NULL, 
	job TEXT NOT NULL, 
	role TEXT NOT NULL, 
	surface TEXT NOT NULL, 
	address_json TEXT NOT NULL, 
	"key" TEXT, 
	data_json TEXT DEFAULT '{}' NOT NULL, 
	shown INTEGER DEFAULT '0' NOT NULL, 
	gone INTEGER DEFAULT '0' NOT NULL, 
	digest TEXT DEFAULT '' NOT NULL, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	due_at BIGINT NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT fk_messages_job FOREIGN KEY(job) REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE INDEX ix_messages_job ON messages (job);
CREATE INDEX ix_messages_key ON messages (surface, "key")
