"""What a check of `easel check` answers: one row."""

from typing import Any

Result = dict[str, Any]


def outcome(name: str, *, ok: bool = True, detail: str = "", fix: str = "") -> Result:
    """One row: whether it is well, what was found, and what to do about it."""
    return {"name": name, "ok": ok, "detail": detail, "fix": fix}
