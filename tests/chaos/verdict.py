"""Whether all is well: placeholders, books, the provider's bill, files. Every broken promise is a sentence."""

import asyncio
import hashlib
import json
import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.configuration import config
from bot.errors import StoreBusy
from bot.house.app import open_app
from bot.house.chores import ORPHAN_AFTER_S
from bot.store import Store
from bot.store.database import Steps, sql
from tests.chaos.ground import BUCKET_KEYS, DEADLINE_S, Ground
from tests.chaos.load import Order

ENDS = {"finished", "refused", "failed", "withheld", "cancelled"}
GIVEN_UP = 10**9
DRAIN_S = 4 * DEADLINE_S


@dataclass
class Verdict:
    """What was found, and the figures to print."""

    problems: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    jobs: list[dict[str, Any]]
    messages: dict[str, list[dict[str, Any]]]
    assets: dict[str, list[dict[str, Any]]]


async def drained(store: Store, *, within_s: float = DRAIN_S) -> tuple[list[str], float]:
    """Waits until no job is open; answers those that are stuck, and how long it took."""
    began, stuck = time.monotonic(), ["?"]
    while stuck and time.monotonic() - began < within_s:
        try:
            rows = await store.database.read(_select, "SELECT id, state FROM jobs WHERE open = 1")
            stuck = [f"job {row['id']} is stuck in {row['state']}" for row in rows]
        except StoreBusy:
            stuck = ["the database stays away"]
        if stuck:
            await asyncio.sleep(0.2)
    return stuck, time.monotonic() - began


def _select(text: str) -> Steps[list[dict[str, Any]]]:
    rows = yield sql(text)
    return [dict(row) for row in rows]


async def rows_of(store: Store) -> Rows:
    """All jobs with their messages and pictures."""
    jobs = await store.database.read(_select, "SELECT * FROM jobs ORDER BY created_at")
    messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await store.database.read(_select, "SELECT * FROM messages"):
        messages[row["job"]].append(row)
    assets: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await store.database.read(_select, "SELECT * FROM assets"):
        assets[row["job"]].append(row)
    return Rows(jobs, messages, assets)


async def judge(ground: Ground, store: Store, orders: list[Order]) -> Verdict:
    """Everything that must hold when nothing is under way."""
    rows, billing = await rows_of(store), await ground.sim.billing()
    verdict = Verdict()
    verdict.problems += [f"books: {problem}" for problem in await store.ledger.problems()]
    verdict.problems += _of_orders(rows, orders)
    verdict.problems += [problem for job in rows.jobs for problem in _of_job(job, rows)]
    billed = _billed_by_number(billing)
    verdict.problems += [problem for job in rows.jobs for problem in _of_bill(job, billed)]
    verdict.problems += [problem for job in rows.jobs for problem in _of_given(job, rows, orders, billed)]
    verdict.problems += await _of_files(ground, rows, verdict.figures)
    verdict.problems += await _of_page(ground)
    verdict.figures |= _figures(rows, orders, billing, billed)
    return verdict


# ── The books against the orders, the messages and the bill ──────────────────────────────────────────


def _of_orders(rows: Rows, orders: list[Order]) -> list[str]:
    made = {job["request_key"] for job in rows.jobs}
    problems = [f"order {o.number} was never answered" for o in orders if not o.answer]
    problems += [
        f"order {o.number} was answered ok and has no job"
        for o in orders
        if o.answer == "ok" and o.request_key not in made
    ]
    if len(made) != len(rows.jobs) or made - {o.request_key for o in orders}:
        problems.append("there are jobs that nobody ordered")
    return problems


def _of_job(job: dict[str, Any], rows: Rows) -> list[str]:
    name, problems = f"job {job['id']} ({job['state']}, {job['reason']})", []
    if job["state"] not in ENDS or job["open"]:
        problems.append(f"{name} has not ended")
    messages = rows.messages[job["id"]]
    if [m["role"] for m in messages] != ["main"]:
        problems.append(f"{name} has not exactly one message")
    problems += [
        f"{name}: its message says version {m['shown']} of {job['version']}"
        for m in messages
        if not job["version"] <= m["shown"] < GIVEN_UP or m["key"] is None
    ]
    images = [a for a in rows.assets[job["id"]] if a["role"] == "image"]
    if bool(images) != (job["state"] == "finished"):
        problems.append(f"{name} has {len(images)} pictures")
    each = json.loads(job["order_json"])["credits_each"]
    if job["captured_credits"] != each * len(images):
        problems.append(f"{name} captured {job['captured_credits']} for {len(images)} pictures of {each}")
    return problems


def _number(text: str) -> int:
    found = re.search(r"number (\d+)", text)
    return int(found[1]) if found else 0


def _billed_by_number(billing: Mapping[str, Any]) -> dict[int, list[dict[str, Any]]]:
    billed: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for line in billing["list"]:
        billed[_number(line["prompt"])].append(line)
    return billed


def _lines_of(job: dict[str, Any], billed: dict[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return billed.get(_number(json.loads(job["order_json"])["prompt"]), [])


def _of_bill(job: dict[str, Any], billed: dict[int, list[dict[str, Any]]]) -> list[str]:
    """`uncertain = "fail"`: no order is billed twice, none is paid that was not billed, none forgotten."""
    lines = _lines_of(job, billed)
    name, problems = f"job {job['id']} ({job['state']}, {job['reason']})", []
    if len(lines) > 1:
        problems.append(f"{name} was billed {len(lines)} times")
    if job["captured_credits"] and not lines:
        problems.append(f"{name} captured what the provider never billed")
    # An empty answer is how Google's models refuse, for nothing: if it was billed, nobody can know.
    if lines and not job["spent_credits"] and job["reason"] != "refused-provider":
        problems.append(f"{name}: the provider billed it, and the operator's books don't know")
    return problems


def _of_given(
    job: dict[str, Any], rows: Rows, orders: list[Order], billed: dict[int, list[dict[str, Any]]]
) -> list[str]:
    """What a service drew from is what the job keeps, byte for byte and in its order."""
    ordered = next(o for o in orders if o.request_key == job["request_key"])
    kept = sorted((a for a in rows.assets[job["id"]] if a["role"] == "input"), key=lambda a: a["idx"])
    name, problems = f"job {job['id']} ({job['state']}, {job['reason']})", []
    if job["state"] == "finished" and len(kept) != len(ordered.colours):
        problems.append(f"{name} keeps {len(kept)} of {len(ordered.colours)} pictures that were given")
    problems += [
        f"{name}: the service drew from other pictures than those that were given"
        for line in _lines_of(job, billed)
        if kept and line["inputs"] != [a["sha256"] for a in kept]
    ]
    return problems


def _figures(
    rows: Rows, orders: list[Order], billing: Mapping[str, Any], billed: dict[int, list[dict[str, Any]]]
) -> dict[str, Any]:
    doubtful = [job for job in rows.jobs if job["doubtful"]]
    really = [job for job in doubtful if _lines_of(job, billed)]
    captured = sum(job["captured_credits"] or 0 for job in rows.jobs)
    unpaid = sum(
        line["credits"] for job in rows.jobs if not job["captured_credits"] for line in _lines_of(job, billed)
    )
    ends = Counter(job["state"] for job in rows.jobs)
    refused = [job for job in rows.jobs if job["reason"] == "refused-provider"]
    return {
        "orders": len(orders),
        "asked again": sum(o.tries - 1 for o in orders),
        "jobs": len(rows.jobs),
        "ends": dict(sorted(ends.items())),
        "reasons": dict(Counter(j["reason"] for j in rows.jobs if j["state"] != "finished").most_common()),
        "pictures": sum(a["role"] == "image" for found in rows.assets.values() for a in found),
        "orders with pictures": sum(bool(o.colours) for o in orders),
        "captured credits": captured,
        "billed credits": billing["credits"],
        "billed, captured from nobody": unpaid,
        "doubtful": len(doubtful),
        "doubtful and really billed": len(really),
        "empty answers that were billed": sum(bool(_lines_of(job, billed)) for job in refused),
        "spent by the books": sum(job["spent_credits"] for job in rows.jobs),
    }


# ── Files, and what the page shows ───────────────────────────────────────────────────────────────────


async def _of_files(ground: Ground, rows: Rows, figures: dict[str, Any]) -> list[str]:
    """Every row has its file, byte for byte; what no row knows goes by the collector's own rule."""
    problems: list[str] = []
    environ = dict(BUCKET_KEYS, AWS_ENDPOINT_URL=ground.bucket.url) if ground.bucket else {}
    before = {name: os.environ.get(name) for name in environ}
    os.environ.update(environ)
    try:
        settings = config.load(ground.folder / "easel.toml", environ={})
        async with open_app(settings, roles=(), claims=False) as house:
            for asset in (a for found in rows.assets.values() for a in found):
                data = await house.assets.read(asset["key"])
                if hashlib.sha256(data).hexdigest() != asset["sha256"]:
                    problems.append(f"{asset['key']} has other bytes than its row says")
            known = {a["key"] for found in rows.assets.values() for a in found}
            kept = {listed.key async for listed in house.assets.list("pictures")}
            figures["files"], figures["orphans"] = len(kept), len(kept - known)
            if ground.bucket is None:
                problems += await _collected(ground, house, known)
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return problems


async def _collected(ground: Ground, house: Any, known: set[str]) -> list[str]:
    """Two days later the collector takes exactly what no row knows."""
    then = time.time() - ORPHAN_AFTER_S - 60
    for file in ground.assets_folder.rglob("*.*"):
        os.utime(file, (then, then))
    await house.chores.collect_orphans()
    left = {listed.key async for listed in house.assets.list("pictures")}
    return (
        []
        if left == known
        else [f"the collector left {len(left - known)}, took {len(known - left)} too many"]
    )


async def _of_page(ground: Ground) -> list[str]:
    """What an open page shows of the newest: only ends, with pictures that load."""
    problems = []
    address = ground.addresses[0]
    async with httpx.AsyncClient(timeout=20, trust_env=False, verify=False) as client:
        for view in await _page(client, address):
            if view["phase"] not in ("finished", "over"):
                problems.append(f"the page still shows {view['id']} as {view['phase']}")
            if bool(view["pictures"]) != (view["state"] == "finished"):
                problems.append(f"the page shows {len(view['pictures'])} pictures of {view['id']}")
            links = [address + picture["url"] for picture in view["pictures"]]
            answers = [(await client.get(link)).status_code for link in links]
            if set(answers) - {200}:
                problems.append(f"pictures of {view['id']} on the page answer {answers}")
    return problems


async def _page(client: httpx.AsyncClient, address: str) -> list[dict[str, Any]]:
    async with client.stream("GET", f"{address}/page/events?as=robin") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: ") and '"messages"' in line:
                messages: list[dict[str, Any]] = json.loads(line.removeprefix("data: "))["messages"]
                return messages
    return []
