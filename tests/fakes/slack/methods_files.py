"""files.*: the three steps of an upload, a look at a file, its end."""

import secrets
from typing import TYPE_CHECKING, Any

from .args import Args
from .errors import ApiError, invalid_arguments
from .faces import file_face
from .files import StoredFile
from .methods_chat import target, thread_of

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["complete_upload", "delete", "get_upload_url", "info", "may_read"]

MAX_ALT_TEXT = 1000
MAX_FILE_BYTES = 1_000_000_000


async def get_upload_url(slack: "SlackServer", args: Args) -> dict[str, Any]:
    name, length = args.need("filename"), args.integer("length", 0)
    if slack.files.uploads_disabled:
        raise ApiError("file_uploads_disabled")
    if slack.files.storage_full:
        raise ApiError("storage_limit_reached")
    if length <= 0:
        raise ApiError("missing_argument")
    if length > MAX_FILE_BYTES:
        raise ApiError("file_upload_size_restricted")
    if len(args.text("alt_txt")) > MAX_ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    file = StoredFile(
        id=slack.world.number("F"),
        name=name,
        length=length,
        user=slack.world.bot_user,
        created_at=slack.clock.now(),
        ticket=secrets.token_urlsafe(24),
        alt_text=args.text("alt_txt"),
    )
    slack.files.stored[file.id] = file
    return {"upload_url": f"{slack.base}/upload/v1/{file.ticket}", "file_id": file.id}


async def complete_upload(slack: "SlackServer", args: Args) -> dict[str, Any]:
    wanted = args.json("files", error="invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise invalid_arguments("missing required field: files")
    if args.has("thread_ts") and not (args.has("channel_id") or args.has("channels")):
        raise ApiError("invalid_channel")
    files = [_uploaded(slack, item) for item in wanted]
    for file, item in zip(files, wanted, strict=True):
        file.completed_at = slack.clock.now()
        file.title = item.get("title") or file.name
        slack.files.settle(file)
    places = args.text("channels").split(",") if args.has("channels") else [args.text("channel_id")]
    for place in filter(None, places):
        _share(slack, args, files, place)
    # No more than the documentation promises: a file's type is known from files.info alone.
    return {"files": [{"id": f.id, "title": f.title} for f in files]}


def _uploaded(slack: "SlackServer", item: Any) -> StoredFile:
    file = slack.files.stored.get(item.get("id", "")) if isinstance(item, dict) else None
    if file is None or file.deleted:
        raise ApiError("file_not_found")
    if file.completed_at is not None:
        raise ApiError("file_update_failed")
    if file.data is None:
        slack.violate(
            "file_not_uploaded", f"{file.id} was completed without its bytes", "files.completeUploadExternal"
        )
        raise ApiError("file_not_found")
    return file


def _share(slack: "SlackServer", args: Args, files: list[StoredFile], place: str) -> None:
    try:
        channel = target(slack, place)
    except ApiError:
        raise ApiError("invalid_channel") from None
    if slack.world.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    thread_ts = thread_of(slack, channel, args.text("thread_ts"), "files.completeUploadExternal")
    slack.share_files(channel, [f.id for f in files], args.text("initial_comment"), thread_ts)
    for file in files:
        file.channels.append(channel.id)


def may_read(slack: "SlackServer", file: StoredFile) -> bool:
    """files:read shows the bot's own files, those of conversations that it is in, and what a form gave it."""
    inside = any(slack.world.bot_user in slack.world.channels[c].members for c in file.channels)
    return not file.hidden_by_limit and (inside or file.given or file.user == slack.world.bot_user)


async def info(slack: "SlackServer", args: Args) -> dict[str, Any]:
    file = slack.files.find(args.need("file"))
    if not may_read(slack, file):
        raise ApiError("file_not_found")
    slack.files.poll(file)
    return {"file": file_face(file, slack), "comments": [], "response_metadata": {"next_cursor": ""}}


async def delete(slack: "SlackServer", args: Args) -> dict[str, Any]:
    file = slack.files.stored.get(args.need("file"))
    if file is None:
        raise ApiError("file_not_found")
    if file.deleted:
        raise ApiError("file_deleted")
    file.deleted = True
    return {}
