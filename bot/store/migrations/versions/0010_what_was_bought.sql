-- What was paid in a shop, once for each payment.
CREATE TABLE purchases (
    id TEXT NOT NULL,  -- shop:origin, and #2 for the second period of a subscription
    shop TEXT NOT NULL,
    origin TEXT NOT NULL,  -- what the shop calls it
    number INTEGER NOT NULL DEFAULT 1,  -- of the period
    product TEXT NOT NULL,
    credits BIGINT NOT NULL,
    lasts_s BIGINT,  -- how long its credits last
    surface TEXT NOT NULL,
    community TEXT NOT NULL DEFAULT '',  -- empty: nobody knows yet where the buyer wants it
    user_id TEXT NOT NULL,
    paid BIGINT,  -- in the currency's smallest unit; none: the shop doesn't tell
    currency TEXT NOT NULL DEFAULT '',
    test INTEGER NOT NULL DEFAULT 0,  -- 1: no money was moved
    account TEXT,  -- which has its credits; none: they wait
    reversed BIGINT NOT NULL DEFAULT 0,  -- credits whose money went back
    taken BIGINT NOT NULL DEFAULT 0,  -- of these, what was still there
    moves INTEGER NOT NULL DEFAULT 0,  -- how often something was taken or given back
    at BIGINT NOT NULL,
    CONSTRAINT pk_purchases PRIMARY KEY (id),
    CONSTRAINT ck_purchases_credits CHECK (credits > 0),
    CONSTRAINT ck_purchases_taken CHECK (taken >= 0 AND taken <= credits)
);
CREATE INDEX ix_purchases_person ON purchases (surface, user_id, at);
CREATE INDEX ix_purchases_at ON purchases (at);
CREATE INDEX ix_purchases_origin ON purchases (shop, origin);

-- Which part of a payment went back, also where that is heard of before the payment itself.
CREATE TABLE reversals (
    shop TEXT NOT NULL,
    origin TEXT NOT NULL,
    id TEXT NOT NULL,  -- refund, or what the shop calls the dispute
    part BIGINT NOT NULL,
    whole BIGINT NOT NULL,
    over INTEGER NOT NULL DEFAULT 0,  -- 1: it was not right, and never counts again
    at BIGINT NOT NULL,
    CONSTRAINT pk_reversals PRIMARY KEY (shop, origin, id),
    CONSTRAINT ck_reversals_part CHECK (part >= 0 AND part <= whole)
);

-- Where somebody wants what they buy in a shop that knows no communities.
CREATE TABLE buyers (
    surface TEXT NOT NULL,
    user_id TEXT NOT NULL,
    community TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT '',
    CONSTRAINT pk_buyers PRIMARY KEY (surface, user_id)
);

-- How far the events of a shop were gone through.
CREATE TABLE looks (
    shop TEXT NOT NULL,
    until BIGINT NOT NULL,
    CONSTRAINT pk_looks PRIMARY KEY (shop)
);

-- What one person is to be told, written with what it tells of.
CREATE TABLE notices (
    id TEXT NOT NULL,
    surface TEXT NOT NULL,
    community TEXT NOT NULL,
    user_id TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT '',
    says TEXT NOT NULL,  -- the message's name
    facts_json TEXT NOT NULL DEFAULT '{}',
    address_json TEXT,  -- the room where it happened
    tries INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT pk_notices PRIMARY KEY (id)
);
CREATE INDEX ix_notices_due ON notices (due_at);

-- Where somebody was last, whatever community that is; and whom the operator looks for by an id alone.
CREATE INDEX ix_accounts_user ON accounts (user_id, surface, opened_at);
