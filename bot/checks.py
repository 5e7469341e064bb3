"""What a check of `easel check` answers: one row."""

from typing import Any

Checked = dict[str, Any]


def checked(name: str, *, ok: bool = True, detail: str = "", fix: str = "") -> Checked:
    """One row: whether it is well, what was found, and what to do about it."""
    return {"name": name, "ok": ok, "detail": detail, "fix": fix}
