"""Rows <-> values: how jobs, messages and pictures look in the tables."""

import json
from dataclasses import fields
from typing import Any

from bot.job import Asset, Job, Message, State
from bot.ports import Address, Handle, Order, Requester, role_of
from bot.store.database import Row


def millis(seconds: float) -> int:
    """Unix seconds as the database keeps them."""
    return int(seconds * 1000)


def seconds(value: int | None) -> float | None:
    """The database's milliseconds as unix seconds."""
    return None if value is None else value / 1000


# Made once: json.dumps would make an encoder for each call.
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def order_to_json(order: Order) -> str:
    """An order, whole: a repeat after a crash must ask byte for byte the same."""
    values = {f.name: getattr(order, f.name) for f in fields(order)}
    values["parameters"] = dict(order.parameters)
    return to_json(values)


def order_from_json(text: str) -> Order:
    """The order again."""
    return Order(**json.loads(text))


def asset_of(row: Row) -> Asset:
    """A picture's row."""
    return Asset(
        key=row["key"],
        role=row["role"],
        index=row["idx"],
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
        size_bytes=row["size_bytes"],
        sha256=row["sha256"],
    )


def requester_of(row: Row) -> Requester:
    """Who asked, without roles and rights: those are facts of the moment of asking."""
    return Requester(
        surface=row["surface"],
        community=row["community"],
        user=row["user_id"],
        name=row["user_name"],
        language=row["language"],
    )


def job_of(row: Row, assets: tuple[Asset, ...] = ()) -> Job:
    """A job's row with its pictures."""
    times: dict[str, Any] = {
        name: seconds(row[name])
        for name in ("created_at", "submitted_at", "ended_at", "deadline_at", "due_at")
    }
    return Job(
        id=row["id"],
        version=row["version"],
        state=State(row["state"]),
        requester=requester_of(row),
        channel=row["channel"],
        age_restricted=bool(row["age_restricted"]),
        order=order_from_json(row["order_json"]),
        parent=row["parent"],
        attempt=row["attempt"],
        tries=row["tries"],
        operation=row["operation"],
        captured_credits=row["captured_credits"],
        cost_usd_micros=row["cost_usd_micros"],
        reason=row["reason"],
        detail=row["detail"],
        doubtful=bool(row["doubtful"]),
        spoiler=bool(row["spoiler"]),
        deleted=bool(row["deleted"]),
        assets=assets,
        **times,
    )


def message_of(row: Row) -> Message:
    """A message's row."""
    handle = Handle(key=row["key"], data=json.loads(row["data_json"])) if row["key"] is not None else None
    return Message(
        job=row["job"],
        role=role_of(row["role"]),
        address=Address(surface=row["surface"], data=json.loads(row["address_json"])),
        handle=handle,
        shown=row["shown"],
        digest=row["digest"],
        tries=row["tries"],
        due_at=row["due_at"] / 1000,
        gone=bool(row["gone"]),
        given_up=bool(row["given_up"]),
    )
