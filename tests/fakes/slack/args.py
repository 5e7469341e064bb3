"""Arguments of a call as Slack takes them: query, form or JSON, with JSON inside of forms."""

import json
from typing import Any

from aiohttp import web

from .errors import ApiError, invalid_arguments

__all__ = ["Args", "read_args"]


class Args:
    """One call's arguments, read by the type that a method wants."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    def has(self, name: str) -> bool:
        return self.raw.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        value = self.raw.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        if not self.text(name):
            raise invalid_arguments(f"missing required field: {name}")
        return self.text(name)

    def flag(self, name: str) -> bool:
        return str(self.raw.get(name, "")).lower() in ("1", "true")

    def integer(self, name: str, default: int) -> int:
        try:
            return int(self.raw.get(name, default))
        except (TypeError, ValueError):
            raise invalid_arguments(f"{name} must be an integer") from None

    def json(self, name: str, *, error: str) -> Any:
        """A list or an object, which forms and queries carry as a JSON string."""
        value = self.raw.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(error) from None


async def read_args(request: web.Request) -> dict[str, Any]:
    """Query first, then the body over it; a JSON body must be an object."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise ApiError("invalid_json") from None
        if not isinstance(body, dict):
            raise ApiError("json_not_object")
        return args | body
    form = await request.post()
    return args | {k: v for k, v in form.items() if isinstance(v, str)}
