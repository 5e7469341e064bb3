"""The rules of a view's payload: https://docs.slack.dev/reference/views."""

import json
from collections.abc import Callable
from typing import Any

from .blocks import check_blocks
from .shapes import Report, Shape, anything, boolean, one_of, plain, string

__all__ = ["check_view"]

# "The view's payload is greater than 250kb": view_too_large.
MAX_VIEW_BYTES = 250_000
_COMMON = {
    "type": one_of("modal", "home"),
    "blocks": anything,
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_MODAL = Shape(
    required=("type", "title", "blocks"),
    fields=_COMMON
    | {
        "title": plain(24),
        "close": plain(24),
        "submit": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = Shape(required=("type", "blocks"), fields=_COMMON)


def check_view(view: Any, *, file_problem: Callable[[dict[str, Any]], str | None]) -> Report:
    """Every breach in a view's payload."""
    kind = view.get("type") if isinstance(view, dict) else None
    surface = kind if kind in ("modal", "home") else "modal"
    blocks = view.get("blocks") if isinstance(view, dict) else None
    report = check_blocks(blocks, surface=surface, at="/view/blocks", file_problem=file_problem)
    (_HOME if kind == "home" else _MODAL)(report, view, "/view")
    has_input = isinstance(blocks, list) and any(
        isinstance(b, dict) and b.get("type") == "input" for b in blocks
    )
    if kind == "modal" and has_input and "submit" not in view:
        report.error("missing required field: submit (the view has input blocks)", "/view")
    return report


def too_large(view: Any) -> bool:
    return len(json.dumps(view)) > MAX_VIEW_BYTES
