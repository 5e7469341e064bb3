-- What a person has until a day, without a look at the account of each day's allowance: every order asks for it.
CREATE INDEX ix_accounts_lapsing ON accounts (surface, community, user_id, lapses_at) WHERE lapses_at IS NOT NULL;
