"""The routes of the application: its facts, its gateway, and the registration of its commands."""

from typing import Any

from . import gateway
from .errors import ApiError
from .rest import Call
from .routes import guild_of, router

COMMANDS = ("/applications/{application}/commands", "/applications/{application}/guilds/{guild}/commands")


@router.on("GET", "/gateway", keyless=True)
async def gateway_url(call: Call) -> Any:
    return {"url": call.server.gateway_url}


@router.on("GET", "/gateway/bot")
async def gateway_bot(call: Call) -> Any:
    left = 1000 - len(call.server.gateway.identifies)
    limit = {"total": 1000, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
    return {
        "url": call.server.gateway_url,
        "shards": call.server.recommended_shards,
        "session_start_limit": limit,
    }


async def application(call: Call) -> Any:
    world, server = call.server.world, call.server
    flags = (1 << 15 if server.gateway.privileged & gateway.MEMBERS else 0) | (
        1 << 19 if server.gateway.privileged & gateway.CONTENT else 0
    )
    return {
        "id": str(world.application_id), "name": world.bot.name, "icon": None, "description": "", "summary": "",
        "bot_public": server.bot_public, "bot_require_code_grant": False, "verify_key": "0" * 64, "team": None,
        "owner": server.application_owner.json(), "flags": flags | 1 << 23, "bot": world.bot.json(), "tags": [],
        "approximate_guild_count": sum(one.bot_in for one in world.guilds.values()), "redirect_uris": [],
        "interactions_endpoint_url": None, "integration_types_config": {"0": {}, "1": {}},
    }  # fmt: skip


for path in ("/applications/@me", "/oauth2/applications/@me"):
    router.on("GET", path)(application)


def _scope(call: Call) -> int | None:
    if call.args["application"] != str(call.server.world.application_id):
        raise ApiError(10002)
    return guild_of(call).id if "guild" in call.args else None


async def list_commands(call: Call) -> Any:
    return call.server.commands.listed(_scope(call), localised=call.flag("with_localizations"))


async def replace_commands(call: Call) -> Any:
    if not isinstance(call.body, list):
        raise ApiError(
            50035, errors={"_errors": [{"code": "BASE_TYPE_BAD_TYPE", "message": "A list of commands."}]}
        )
    return call.server.commands.replace(_scope(call), call.body)


async def upsert_command(call: Call) -> Any:
    return call.server.commands.upsert(_scope(call), call.body)


async def get_command(call: Call) -> Any:
    return call.server.commands.get(_scope(call), str(call.args["command"]))


async def edit_command(call: Call) -> Any:
    return call.server.commands.edit(_scope(call), str(call.args["command"]), call.body)


async def delete_command(call: Call) -> None:
    call.server.commands.delete(_scope(call), str(call.args["command"]))


for path in COMMANDS:
    router.on("GET", path)(list_commands)
    router.on("PUT", path)(replace_commands)
    router.on("POST", path)(upsert_command)
    router.on("GET", path + "/{command}")(get_command)
    router.on("PATCH", path + "/{command}")(edit_command)
    router.on("DELETE", path + "/{command}")(delete_command)
