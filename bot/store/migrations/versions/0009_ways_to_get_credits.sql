-- What was given until a moment lies in an account of its own.
ALTER TABLE accounts ADD COLUMN lapses_at BIGINT;
CREATE INDEX ix_accounts_lapses ON accounts (lapses_at) WHERE lapses_at IS NOT NULL;

CREATE TABLE codes (
    id TEXT NOT NULL,  -- SHA-256 of the code, which nobody keeps
    batch TEXT NOT NULL,
    surface TEXT NOT NULL DEFAULT '',  -- empty: any
    community TEXT NOT NULL DEFAULT '',
    credits BIGINT NOT NULL,
    per_person INTEGER NOT NULL,  -- of the batch
    until BIGINT,  -- when it can't be redeemed any more
    lasts_s BIGINT,  -- how long its credits last
    made_at BIGINT NOT NULL,
    void_at BIGINT,
    used_at BIGINT,
    CONSTRAINT pk_codes PRIMARY KEY (id),
    CONSTRAINT ck_codes_credits CHECK (credits > 0)
);
CREATE INDEX ix_codes_batch ON codes (batch);
