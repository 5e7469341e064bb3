"""How people, channels, messages, files and views look in Slack's JSON."""

import copy
from typing import Any

from .files import StoredFile
from .records import Message, View
from .workspace import Channel, Person, Workspace

__all__ = ["channel_face", "file_face", "message_face", "person_face", "view_face"]


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


def message_face(message: Message, world: Workspace, *, metadata: bool = False) -> dict[str, Any]:
    """A message as history, payloads and events carry it."""
    face: dict[str, Any] = {"type": "message", "ts": message.ts, "text": message.text, "user": message.user}
    face["team"] = world.people[message.user].team_id
    if face["team"] != world.team_id:  # A guest of a shared channel.
        face |= {"user_team": face["team"], "source_team": face["team"]}
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
        face["files"] = [{"id": f, "mode": "hosted"} for f in message.files]
    if metadata and message.metadata:
        face["metadata"] = copy.deepcopy(message.metadata)
    replies = [m for m in world.thread(message.channel, message.ts) if m is not message]
    if replies:
        face |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
    return face


def file_face(file: StoredFile, base: str) -> dict[str, Any]:
    """A file; until Slack has processed it, its type is empty."""
    return {
        "id": file.id,
        "created": int(file.created_at),
        "timestamp": int(file.created_at),
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "user": file.user,
        "size": file.length,
        "mode": "hosted",
        "is_external": False,
        "is_public": bool(file.channels),
        "alt_txt": file.alt_text,
        "url_private": f"{base}/files-pri/{file.id}/{file.name}",
        "url_private_download": f"{base}/files-pri/{file.id}/download/{file.name}",
        "permalink": f"{base}/files/{file.user}/{file.id}/{file.name}",
        "channels": list(file.channels),
        "file_access": "visible",
    }


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
