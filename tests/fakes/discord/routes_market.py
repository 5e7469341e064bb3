"""The routes of what the application sells: SKUs and entitlements."""

from typing import Any

from .errors import ApiError, Problems
from .market import CONSUMABLE, Entitlement
from .rest import Call
from .routes import router

_ASKED = {"user_id", "sku_ids", "before", "after", "limit", "guild_id", "exclude_ended", "exclude_deleted"}
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_ONE = "/applications/{application}/entitlements/{entitlement}"


def _assert_ours(call: Call) -> None:
    if call.args["application"] != str(call.server.world.application_id):
        raise ApiError(10002)


@router.on("GET", "/applications/{application}/skus")
async def list_skus(call: Call) -> Any:
    _assert_ours(call)
    return [one.json(call.server.world.application_id) for one in call.server.skus.values()]


@router.on("GET", "/applications/{application}/entitlements")
async def list_entitlements(call: Call) -> Any:
    """Behind `after` the oldest first, before `before` the newest; deleted ones only where they are asked for."""
    _assert_ours(call)
    asked = _checked(call)
    now, found = call.server.clock.now(), list(call.server.entitlements.values())
    if "sku_ids" in asked:
        wanted = set(asked["sku_ids"].split(","))
        found = [one for one in found if str(one.sku.id) in wanted]
    if "user_id" in asked:
        found = [one for one in found if one.user is not None and str(one.user.id) == asked["user_id"]]
    if "guild_id" in asked:
        found = [one for one in found if one.guild is not None and str(one.guild.id) == asked["guild_id"]]
    if _BOOLEANS[asked.get("exclude_ended", "false")]:
        found = [one for one in found if one.ends_at is None or one.ends_at > now]
    if _BOOLEANS[asked.get("exclude_deleted", "true")]:
        found = [one for one in found if not one.deleted]
    return [one.json(call.server) for one in _page(found, asked)]


def _page(found: list[Entitlement], asked: dict[str, str]) -> list[Entitlement]:
    limit = int(asked.get("limit", "100"))
    if "after" in asked:
        newer = [one for one in found if one.id > int(asked["after"])]
        return sorted(newer, key=lambda one: one.id)[:limit]
    older = [one for one in found if one.id < int(asked.get("before") or 2**63)]
    return sorted(older, key=lambda one: -one.id)[:limit]


def _checked(call: Call) -> dict[str, str]:
    problems, asked = Problems(), dict(call.request.query)
    for name in asked.keys() - _ASKED:
        problems.add(name, "UNKNOWN_FIELD", "No such field.")
    for name in asked.keys() & {"user_id", "guild_id", "before", "after"}:
        if not asked[name].isdecimal():
            problems.add(name, "NUMBER_TYPE_COERCE", f'Value "{asked[name]}" is not snowflake.')
    if not all(one.isdecimal() for one in asked.get("sku_ids", "0").split(",")):
        problems.add("sku_ids", "NUMBER_TYPE_COERCE", "Not snowflakes with commas.")
    for name in asked.keys() & {"exclude_ended", "exclude_deleted"}:
        problems.choice(name, asked[name], _BOOLEANS)
    limit = asked.get("limit", "100")
    problems.whole("limit", int(limit) if limit.isdecimal() else limit, 1, 100)
    problems.check()
    return asked


def _found(call: Call) -> Entitlement:
    _assert_ours(call)
    found = call.server.entitlements.get(int(call.args["entitlement"]))
    if found is None:
        raise ApiError(10029)
    return found


@router.on("GET", _ONE)
async def get_entitlement(call: Call) -> Any:
    return _found(call).json(call.server)


@router.on("POST", _ONE + "/consume")
async def consume_entitlement(call: Call) -> None:
    """Only what can be consumed, and once: whoever asks twice has not kept that it was done."""
    one = _found(call)
    if one.deleted or one.consumed or one.sku.kind != CONSUMABLE:
        call.server.records.violate("consumed", f"{one.id} is deleted, consumed already, or no consumable")
        raise ApiError(10029)
    one.consumed = True
