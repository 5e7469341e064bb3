-- How each provider fares with each model: replicas share what they learn. An older replica beside us knows none
-- of it, and asks whom it was told to ask.
CREATE TABLE health (
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    outcomes TEXT NOT NULL DEFAULT '',
    failed_at BIGINT NOT NULL DEFAULT 0,
    opens INTEGER NOT NULL DEFAULT 0,
    probe_at BIGINT NOT NULL DEFAULT 0,
    probing INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT pk_health PRIMARY KEY (provider, model)
);

-- Which routes are known to have said no to a job: one a line, provider and model.
ALTER TABLE jobs ADD COLUMN passed TEXT NOT NULL DEFAULT '';

-- What services told by a webhook before the answer to the submit was read, by the submit's key.
CREATE TABLE heard (
    key TEXT NOT NULL,
    operation TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_heard PRIMARY KEY (key)
);
CREATE INDEX ix_heard_at ON heard (at);

-- What the price table says of the same pictures for which the operator paid: what services tell may differ.
ALTER TABLE jobs ADD COLUMN listed_usd_micros BIGINT NOT NULL DEFAULT 0;
