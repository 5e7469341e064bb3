-- What happened that moderators or the operator are told of, once for each thing. The words of a picture are not
-- copied here: they stand with the job, or with the line of the audit.
CREATE TABLE events (
    id TEXT NOT NULL,
    thing TEXT NOT NULL,
    kind TEXT NOT NULL,
    surface TEXT NOT NULL DEFAULT '',  -- none: the operator's alone
    community TEXT NOT NULL DEFAULT '',
    user_id TEXT NOT NULL DEFAULT '',  -- whom it is about
    user_name TEXT NOT NULL DEFAULT '',
    actor TEXT NOT NULL DEFAULT '',  -- who brought it up
    actor_name TEXT NOT NULL DEFAULT '',
    job TEXT,
    refusal TEXT NOT NULL DEFAULT '',  -- a line of the audit
    facts_json TEXT NOT NULL DEFAULT '{}',
    address_json TEXT,  -- where the person can be answered
    at BIGINT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    settled INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT pk_events PRIMARY KEY (id),
    CONSTRAINT uq_events_thing UNIQUE (thing)
);
CREATE INDEX ix_events_community ON events (surface, community, at);
CREATE INDEX ix_events_job ON events (job);
CREATE INDEX ix_events_at ON events (at);

-- What moderators did about them.
CREATE TABLE event_acts (
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    what TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL DEFAULT '',
    at BIGINT NOT NULL,
    CONSTRAINT pk_event_acts PRIMARY KEY (event, number),
    CONSTRAINT fk_event_acts_event FOREIGN KEY(event) REFERENCES events (id) ON DELETE CASCADE
);

-- How each is told: in the community's room, and to the operator's own address.
CREATE TABLE tellings (
    event TEXT NOT NULL,
    way TEXT NOT NULL,
    address_json TEXT,
    "key" TEXT,
    data_json TEXT NOT NULL DEFAULT '{}',
    shown INTEGER NOT NULL DEFAULT 0,  -- the event's version that it says
    tries INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    over INTEGER NOT NULL DEFAULT 0,  -- 1: nothing is left to tell
    CONSTRAINT pk_tellings PRIMARY KEY (event, way),
    CONSTRAINT fk_tellings_event FOREIGN KEY(event) REFERENCES events (id) ON DELETE CASCADE
);
CREATE INDEX ix_tellings_due ON tellings (due_at) WHERE over = 0;

-- What was asked for privately is its owner's alone, in the audit too.
ALTER TABLE audit ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ix_audit_job ON audit (job) WHERE job IS NOT NULL;
