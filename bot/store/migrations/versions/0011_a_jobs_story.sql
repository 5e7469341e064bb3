-- How a job went, a line of JSON each move, and what became of each edit of its messages, a line each (bot/story.py):
-- for the operator who asks why. An older replica beside us writes none of it, and such a story has a gap.
ALTER TABLE jobs ADD COLUMN story TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN story TEXT NOT NULL DEFAULT '';
