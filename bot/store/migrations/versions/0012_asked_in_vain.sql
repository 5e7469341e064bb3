-- Whether a notice takes the place of an answer: told only if no job came of the request whose key it has. An older
-- replica beside us would tell it all the same, by a direct message; a minute passes before it is due.
ALTER TABLE notices ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
