"""How people, channels, messages, files and views look in Slack's JSON."""

import copy
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .files import StoredFile
from .records import Message, View
from .workspace import Channel, Person, Workspace

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["channel_face", "file_face", "message_face", "person_face", "shared_face", "view_face"]


def person_face(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "tz": "Etc/UTC",
        "locale": person.locale,
        "profile": {"real_name": person.real_name, "display_name": person.name},
        "is_admin": person.is_admin or person.is_owner,
        "is_owner": person.is_owner,
        "is_primary_owner": False,
        "is_restricted": person.is_guest,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
    }


def channel_face(channel: Channel, bot_user: str) -> dict[str, Any]:
    if channel.kind == "im":
        return {
            "id": channel.id,
            "is_im": True,
            "user": channel.user,
            "is_archived": False,
            "is_user_deleted": False,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": False,
        "is_private": channel.kind == "group",
        "is_archived": channel.archived,
        "is_member": bot_user in channel.members,
        "is_ext_shared": channel.shared,
        "num_members": len(channel.members),
    }


def message_face(message: Message, slack: "SlackServer", *, metadata: bool = False) -> dict[str, Any]:
    """A message as history, payloads and events carry it."""
    world = slack.world
    face: dict[str, Any] = {"type": "message", "ts": message.ts, "text": message.text, "user": message.user}
    team = world.people[message.user].team_id
    if not message.files or message.by_bot:  # With files there is no team (slack-api-specs#62).
        face["team"] = team
    if team != world.team_id:  # A guest of a shared channel.
        face |= {"user_team": team, "source_team": team}
    if message.bot_id is not None:
        face |= {"bot_id": message.bot_id, "app_id": message.app_id}
    optional = {"thread_ts": message.thread_ts, "blocks": message.blocks, "attachments": message.attachments}
    face |= {k: copy.deepcopy(v) for k, v in optional.items() if v}
    if message.edited_at is not None:
        face["edited"] = {"user": message.user, "ts": f"{message.edited_at:.6f}"}
    if message.reactions:
        face["reactions"] = [
            {"name": n, "users": u, "count": len(u)} for n, u in message.reactions.items() if u
        ]
    if message.files:
        files = [shared_face(slack.files.stored[f], slack) for f in message.files]
        face |= {"files": files, "upload": not message.by_bot, "display_as_bot": False}
    parent = world.messages.get((message.channel, message.thread_ts or ""))
    if parent is not None and parent is not message:
        face["parent_user_id"] = parent.user
    if metadata and message.metadata:
        face["metadata"] = copy.deepcopy(message.metadata)
    replies = [m for m in world.thread(message.channel, message.ts) if m is not message]
    if replies:
        face |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
    return face


def shared_face(file: StoredFile, slack: "SlackServer") -> dict[str, Any]:
    """A file as a message or a form carries it: at times a mere stub.

    Another organisation's needs files.info, a deleted one and one behind a free plan's limit are gone.
    """
    if file.deleted or file.hidden_by_limit:
        return {"id": file.id, "mode": "tombstone" if file.deleted else "hidden_by_limit"}
    allowed = file.user == slack.world.bot_user or "files:read" in slack.tokens.scopes
    if file.foreign or not allowed:
        access = "check_file_info" if allowed else "access_denied"
        stub = {"created": 0, "timestamp": 0, "user": ""}
        return {"id": file.id, "mode": "file_access", "file_access": access, **stub}
    return file_face(file, slack)


def file_face(file: StoredFile, slack: "SlackServer") -> dict[str, Any]:
    """A file; until Slack has processed it, its type is empty."""
    team, name = slack.world.team_id, quote(file.name.replace(" ", "_").lower())
    place = f"{slack.base}/files-pri/{team}-{file.id}"
    face: dict[str, Any] = {
        "id": file.id,
        "created": int(file.created_at),
        "timestamp": int(file.created_at),
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": file.filetype.upper(),
        "user": file.user,
        "user_team": slack.world.people[file.user].team_id,
        "editable": False,
        "size": file.length,
        "mode": "external" if file.external_url else "hosted",
        "is_external": bool(file.external_url),
        "external_type": "gdrive" if file.external_url else "",
        "is_public": bool(file.channels),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "alt_txt": file.alt_text,
        "url_private": file.external_url or f"{place}/{name}",
        "permalink": f"{slack.base}/files/{file.user}/{file.id}/{name}",
        "channels": list(file.channels),
        "file_access": "visible",
    }
    if not file.external_url:
        face["url_private_download"] = f"{place}/download/{name}"
    if file.processed and file.size_px is not None:
        face |= {
            "original_w": file.size_px[0],
            "original_h": file.size_px[1],
            "image_exif_rotation": file.orientation,
        }
    return face


def view_face(view: View, world: Workspace) -> dict[str, Any]:
    absent = {"title": None, "close": None, "submit": None, "clear_on_close": False, "notify_on_close": False}
    return {
        **absent,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        **copy.deepcopy(view.body),
        "id": view.id,
        "team_id": world.team_id,
        "app_id": world.app_id,
        "app_installed_team_id": world.team_id,
        "bot_id": world.bot_id,
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "state": {"values": copy.deepcopy(view.values)},
    }
