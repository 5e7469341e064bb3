"""The one way in which a method refuses: an error word and what Slack says beside it."""

from typing import Any

__all__ = ["ApiError", "invalid_arguments"]


class ApiError(Exception):
    """Becomes `{"ok": false, "error": WORD, ...}` with status 200, as in Slack."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.extra}


def invalid_arguments(*messages: str) -> ApiError:
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {m}" for m in messages]})
