"""Doors: what is served, who may come in and how much is read, and the signed calls that go out."""
