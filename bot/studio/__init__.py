"""The front door: everything a person can do, and the counter behind it."""
