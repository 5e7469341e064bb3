"""What one small picture on Discord costs at least: the same events, calls and commits by bare libraries.

    python -m bench.floor

The counts are those of bench/transactions.py and bench/program.py: one interaction parsed by discord.py, two calls of
Discord and one of the service by aiohttp, with bodies as long as ours, and eight commits of 39 statements by sqlite3.
Processor milliseconds of this process alone, in turns, the best of them; what answers is a process of its own. Nothing
is decided, judged or remembered here, and no picture is decoded: our program can't be quicker than this on these libraries.
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

TURNS, PICTURES, AT_ONCE = 5, 300, 6
COMMITS, STATEMENTS = 8, 39
READS_A_COMMIT = STATEMENTS // COMMITS - 1
PLACEHOLDER, CARD, PICTURE, ORDER = 900, 2_200, 600, 400  # bytes of what is sent
ANSWER = 1_800  # of a message, as Discord tells it
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")


async def _serve() -> None:
    """Says its address, and answers until its input ends."""
    said = json.dumps({"content": "x" * ANSWER})

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text=said, content_type="application/json")

    app = web.Application(client_max_size=1 << 22)
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


def _interaction(number: int) -> bytes:
    """A command as the gateway tells it."""
    user = {
        "id": "80351110224678912",
        "username": "mina",
        "discriminator": "0",
        "global_name": "Mina",
        "avatar": None,
    }
    member = {
        "user": user, "roles": ["41771983423143936"], "joined_at": "2025-04-26T06:26:56.936000+00:00", "nick": None,
        "permissions": "2248473465835073", "premium_since": None, "deaf": False, "mute": False, "flags": 0,
        "pending": False, "avatar": None, "communication_disabled_until": None,
    }  # fmt: skip
    option = {"name": "prompt", "type": 3, "value": f"a red fox number {number} of many"}
    return json.dumps({
        "op": 0, "t": "INTERACTION_CREATE", "s": number + 1,
        "d": {
            "id": str(10**18 + number), "application_id": "1", "type": 2, "version": 1, "token": "a" * 180,
            "guild_id": "2", "channel_id": "3", "channel": {"id": "3", "type": 0, "name": "foxes", "position": 0, "permissions": "8"},
            "member": member, "locale": "en-US", "guild_locale": "en-US", "app_permissions": "8", "context": 0,
            "entitlements": [], "authorizing_integration_owners": {"0": "2"}, "attachment_size_limit": 10_485_760,
            "data": {"id": "4", "name": "imagine", "type": 1, "options": [option]},
        },
    }).encode()  # fmt: skip


async def _events_ms() -> float:
    """Parsed as discord.py does it for its listeners."""
    import discord  # noqa: PLC0415 - it takes its time, and only this needs it

    client = discord.Client(intents=discord.Intents.none())
    state = client._connection  # noqa: SLF001 - where the library's own parsing begins
    me: Any = {"id": "1", "username": "easel", "discriminator": "0", "avatar": None}
    state.user = discord.ClientUser(state=state, data=me)
    told = [_interaction(number) for number in range(PICTURES)]
    began = time.process_time()
    for one in told:
        state.parse_interaction_create(json.loads(one)["d"])
        await asyncio.sleep(0)
    return 1000 * (time.process_time() - began) / PICTURES


async def _calls_ms(url: str) -> float:
    """Two of Discord's, the second with the picture, and one of the service's."""
    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def call(method: str, path: str, **body: Any) -> None:
            async with session.request(
                method, f"{url}{path}", headers={"User-Agent": "bench"}, **body
            ) as answer:
                json.loads(await answer.read())

        async def picture(number: int) -> None:
            token = f"/webhooks/1/{'a' * 180}{number}"
            await call("POST", f"/interactions/{number}{token}/callback", json={"content": "x" * PLACEHOLDER})
            await call("POST", "/v1/images", json={"prompt": "x" * ORDER})
            form = aiohttp.FormData()
            form.add_field(
                "payload_json", json.dumps({"content": "x" * CARD}), content_type="application/json"
            )
            form.add_field("files[0]", b"x" * PICTURE, filename="a.png", content_type="image/png")
            await call("PATCH", f"{token}/messages/@original", data=form)

        return await _cost_ms(picture)


async def _cost_ms(work: Callable[[int], Awaitable[None]]) -> float:
    numbers = iter(range(PICTURES))

    async def person() -> None:
        for number in numbers:
            await work(number)

    await work(PICTURES)  # what is made at first use is not a picture's
    began = time.process_time()
    await asyncio.gather(*(person() for _ in range(AT_ONCE)))
    return 1000 * (time.process_time() - began) / PICTURES


def _commits_ms(folder: Path, turn: int) -> float:
    connection = sqlite3.connect(folder / f"{turn}.db", isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("CREATE TABLE rows (id TEXT PRIMARY KEY, what TEXT, at INTEGER)")
    connection.execute("CREATE INDEX by_time ON rows (at)")
    began = time.process_time()
    for number in range(PICTURES * COMMITS):
        connection.execute("BEGIN IMMEDIATE")
        for back in range(READS_A_COMMIT):
            connection.execute("SELECT * FROM rows WHERE id = :id", {"id": str(number - back)}).fetchall()
        row = {"id": str(number), "what": "x" * 500, "at": number}
        connection.execute("INSERT INTO rows VALUES (:id, :what, :at) RETURNING *", row).fetchall()
        connection.execute("COMMIT")
    spent_ms = 1000 * (time.process_time() - began) / PICTURES
    connection.close()
    return spent_ms


async def floor() -> dict[str, float]:
    """By what is done: processor milliseconds of one picture."""
    serving = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import asyncio; from bench.floor import _serve; asyncio.run(_serve())",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert serving.stdout is not None
    assert serving.stdin is not None
    best: dict[str, float] = {}
    try:
        url = (await serving.stdout.readline()).decode().strip()
        with tempfile.TemporaryDirectory() as folder:
            for turn in range(TURNS):
                spent = {
                    "one event by discord.py": await _events_ms(),
                    "three calls by aiohttp": await _calls_ms(url),
                    f"{COMMITS} commits, {STATEMENTS} statements by sqlite3": await asyncio.to_thread(
                        _commits_ms, Path(folder), turn
                    ),
                }
                best = {what: min(ms, best.get(what, ms)) for what, ms in spent.items()}
    finally:
        serving.stdin.close()
        await serving.wait()
    return best


def main() -> None:
    """Prints it."""
    best = asyncio.run(floor())
    for what, ms in best.items():
        print(f"{ms:6.2f} ms  {what}")
    print(f"{sum(best.values()):6.2f} ms  together")


if __name__ == "__main__":
    main()
