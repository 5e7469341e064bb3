"""What a message may say: text, blocks, attachments and metadata judged, pings and raw signs noted."""

import copy
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from PIL import Image

from .args import Args
from .blocks import check_blocks
from .errors import ApiError, invalid_arguments
from .escaping import mrkdwn_texts, pings_in, possible_pings_in, rich_text_pings, unescaped_in
from .records import Ping, elements
from .shapes import Report
from .view_rules import check_view, too_large

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["Content", "judge_message", "judge_metadata", "judge_view", "watch"]

POST_TEXT, UPDATE_TEXT = 40_000, 4_000
# "metadata_too_large": 16 KB, https://docs.slack.dev/messaging/message-metadata
METADATA_BYTES = 16_000
MAX_ATTACHMENTS = 100


@dataclass(frozen=True, kw_only=True)
class Content:
    """A judged message; None means "was not given"."""

    text: str | None
    blocks: list[dict[str, Any]] | None
    attachments: list[dict[str, Any]] | None
    metadata: dict[str, Any] | None


async def judge_message(slack: "SlackServer", args: Args, *, where: str, most: int = POST_TEXT) -> Content:
    """Refuses what Slack refuses; what it merely allows is noted in violations, pings and unescaped."""
    blocks = args.json("blocks", error="invalid_blocks_format")
    attachments = args.json("attachments", error="invalid_attachments")
    text = args.text("text") if args.has("text") else None
    if not text and not blocks and not attachments and not args.has("file_ids"):
        raise ApiError("no_text")
    if text is not None and len(text) > most:
        raise ApiError("msg_too_long")
    if blocks:
        await _judge_blocks(slack, blocks, where)
        if not (text or "").strip():
            slack.violate("no_fallback_text", "a message with blocks wants text for notifications", where)
    if attachments is not None and (not isinstance(attachments, list) or len(attachments) > MAX_ATTACHMENTS):
        raise ApiError("too_many_attachments" if isinstance(attachments, list) else "invalid_attachments")
    plain = args.flag("link_names") or args.text("parse") == "full"
    if args.text("mrkdwn", "true").lower() != "false":
        watch_text(slack, text or "", f"{where} text", plain=plain)
    watch(slack, blocks or [], where, plain=plain)
    _watch_attachments(slack, attachments or [], where)
    metadata = judge_metadata(args)
    return Content(
        text=text, blocks=copy.deepcopy(blocks), attachments=copy.deepcopy(attachments), metadata=metadata
    )


def judge_metadata(args: Args) -> dict[str, Any] | None:
    metadata = args.json("metadata", error="invalid_metadata_format")
    if metadata is None or metadata == {}:
        return metadata
    fits = isinstance(metadata, dict) and isinstance(metadata.get("event_payload"), dict)
    if not fits or not re.fullmatch(r"[A-Za-z0-9_.]+", str(metadata.get("event_type", ""))):
        raise ApiError("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return copy.deepcopy(metadata)


def judge_view(slack: "SlackServer", view: Any, where: str) -> dict[str, Any]:
    """A view's payload, copied; `invalid_arguments` lists the breaches."""
    report = check_view(view, file_problem=slack.files.problem)
    if report.errors:
        raise invalid_arguments(*report.errors)
    if too_large(view):
        raise ApiError("view_too_large")
    if any(element.get("type") == "file_input" for _, element in elements(view["blocks"])):
        slack.tokens.need("files:read")
    watch(slack, view["blocks"], where)
    return copy.deepcopy(view)


def watch(slack: "SlackServer", blocks: Any, where: str, *, plain: bool = False) -> None:
    """Notes pings and unescaped signs in every mrkdwn text of some blocks."""
    for at, text, verbatim in mrkdwn_texts(blocks):
        watch_text(slack, text, f"{where} {at}", plain=plain)
        if not verbatim:
            slack.possible_pings += [Ping(token=t, text=text, where=where) for t in possible_pings_in(text)]
    slack.pings += [Ping(token=t, text="rich_text", where=where) for t in rich_text_pings(blocks)]


def watch_text(slack: "SlackServer", text: str, where: str, *, plain: bool = False) -> None:
    slack.pings += [Ping(token=t, text=text, where=where) for t in pings_in(text, plain=plain)]
    if raw := unescaped_in(text):
        slack.violate("unescaped", f"{' '.join(raw)} in {text[:200]!r}", where)


def _watch_attachments(slack: "SlackServer", attachments: list[Any], where: str) -> None:
    for attachment in attachments:
        if not isinstance(attachment, dict):
            raise ApiError("invalid_attachments")
        watch(slack, attachment.get("blocks", []), where)
        for name in ("text", "pretext", "fallback"):
            watch_text(slack, str(attachment.get(name, "")), f"{where} attachment {name}")


async def _judge_blocks(slack: "SlackServer", blocks: Any, where: str) -> None:
    report = check_blocks(blocks, surface="message", at="/blocks", file_problem=slack.files.problem)
    if slack.fetch_images and not report.errors:
        for url, at in report.image_urls:
            await _fetch(url, at, report)
    if report.errors:
        raise ApiError(
            "invalid_blocks",
            errors=report.errors,
            response_metadata={"messages": [f"[ERROR] {e}" for e in report.errors]},
        )


async def _fetch(url: str, at: str, report: Report) -> None:
    """Slack downloads an image_url when the message is posted, and refuses what it can't show."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(url) as response,
        ):
            data = await response.read() if response.status == 200 else b""
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF")) as image:
            image.load()
    except Exception:
        report.error("downloading image failed", at)
