"""One process or many: roles apart on one PostgreSQL, a bucket, moving, backups, and what time takes away."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.configuration import config
from bot.house.app import open_app
from bot.pictures.backends import open_backend
from bot.ports import Address, Ask, Place, Requester
from bot.store import open_store
from bot.store.database import sql
from integrations.simulator.app import simulator
from tests.chaos.ground import BUCKET, LEASE_S, Replica, s3_server, write_config
from tests.chaos.verdict import _page, drained, rows_of
from tests.fakes.patience import PATIENCE_S
from tests.fakes.simulator import ROOT
from tests.fakes.sober import SOBER
from tests.fakes.there import there

pytest_plugins = ("tests.fakes.postgres",)

ROBIN = {"x-easel-page": "1", "x-easel-person": "robin"}
MODERATOR = Requester(surface="web", community="local", user="kai", name="Kai", moderator=True)
HURRIED = {"worker": {"deadline_s": 8}}
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def sim():
    async with simulator(tiny_images=True, speed=4) as simulation:
        yield simulation


@asynccontextmanager
async def running(file: Path, *roles: str):
    replicas = [Replica(f"r{n}", file, {}, roles=text) for n, text in enumerate(roles)]
    try:
        for replica in replicas:
            await replica.start()
        for replica in replicas:
            await replica.ready()
        yield replicas
    finally:
        codes = [await replica.stop() for replica in replicas]
    assert codes == [0] * len(codes)
    assert [bug for replica in replicas for bug in replica.bugs] == []


async def say(client: httpx.AsyncClient, replica: Replica, text: str, key: str) -> httpx.Response:
    return await client.post(
        f"{replica.address}/page/say", json={"text": f"/imagine {text}", "key": key}, headers=ROBIN
    )


async def row(store, key: str) -> dict:
    found = [job for job in (await rows_of(store)).jobs if job["request_key"] == f"web:robin:{key}"]
    return found[0] if found else {}


async def until(meets, *, within_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(within_s):
        while not await meets():
            await asyncio.sleep(0.05)


async def easel(*words: str, cwd: Path) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words,
        cwd=cwd, env={**os.environ, **SOBER, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    return there(process.returncode), out.decode(), err.decode()


@asynccontextmanager
async def store_of(url: str):
    store = await open_store(url, pool_size=3)
    try:
        yield store
    finally:
        await store.aclose()


# ── Replicas ─────────────────────────────────────────────────────────────────────────────────────────


async def test_front_end_and_worker_apart_share_pictures_rules_and_limits_over_a_bucket(
    tmp_path, sim, postgres
):
    """The front end accepts, the worker draws into the bucket, either serves; a rule counts everywhere at once."""
    async with s3_server() as port:
        keys = {"access_key_id": "test", "secret_access_key": "test", "region": "us-east-1"}
        endpoint = f"http://127.0.0.1:{port}"
        file = write_config(
            tmp_path, url=postgres, pictures=f"s3://{BUCKET}/prefix", sim=sim,
            assets={"options": {"endpoint": endpoint, **keys}},
        )  # fmt: skip
        _inline_tables(file)
        async with (
            running(file, "web", "worker", "web,worker") as (front, worker, other),
            store_of(postgres) as store,
            httpx.AsyncClient(timeout=15, trust_env=False, verify=False) as client,
        ):
            assert (await say(client, front, "a red fox --model flux-2-pro", "request-1")).status_code == 200
            assert (await drained(store, within_s=PATIENCE_S))[0] == []
            done = await row(store, "request-1")
            assert (done["state"], done["captured_credits"]) == ("finished", 30)
            bucket = open_backend(f"s3://{BUCKET}/prefix", endpoint=endpoint, options=keys)
            await _is_served(client, front, other, bucket)
            await _rules_count_everywhere(file, client, front, other, store)
            assert (await client.get(f"{worker.address}/readyz")).status_code == 200
            assert (await client.get(f"{worker.address}/")).status_code == 404, "a worker has no page"


async def _is_served(client: httpx.AsyncClient, front: Replica, other: Replica, bucket) -> None:
    (view,) = await _page(client, other.address)
    url, key = view["pictures"][0]["url"], view["pictures"][0]["key"]
    for replica in (front, other):
        picture = await client.get(replica.address + url)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
        assert picture.content.startswith(PNG)
    attributes = (await bucket.get_async(key)).attributes
    assert attributes["Content-Type"] == "image/png"
    assert "immutable" in attributes["Cache-Control"]


async def _rules_count_everywhere(
    file: Path, client: httpx.AsyncClient, front: Replica, other: Replica, store
) -> None:
    async with open_app(config.load(file, environ={}), roles=()) as house:
        await house.rulemaking.change(MODERATOR, {"per_requester": 1})
        slow = "a blue fox [sim:never-completes] --model flux-2-pro"
        assert (await say(client, front, slow, "request-2")).status_code == 200
        refused = await say(client, other, "a green fox", "request-3")
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too-many-mine")
        await house.rulemaking.change(MODERATOR, {"per_requester": None})
        assert (await say(client, other, "a green fox --model sdxl", "request-3")).status_code == 200
    stopped = {"message": f"{(await row(store, 'request-2'))['id']}:main", "do": "cancel", "key": "cancel-2"}
    assert (await client.post(f"{other.address}/page/press", json=stopped, headers=ROBIN)).status_code == 200
    assert (await drained(store, within_s=PATIENCE_S))[0] == []
    assert (await row(store, "request-2"))["reason"] == "cancelled"
    assert (await row(store, "request-3"))["state"] == "finished"
    assert await store.ledger.problems() == []


async def test_a_replica_that_slept_over_its_lease_wakes_and_changes_nothing(tmp_path, sim, postgres):
    file = write_config(tmp_path, url=postgres, pictures=str(tmp_path / "assets"), sim=sim)
    async with (
        running(file, "web,worker", "worker") as (sleeper, _),
        store_of(postgres) as store,
        httpx.AsyncClient(timeout=15, trust_env=False, verify=False) as client,
    ):
        await say(client, sleeper, "a red fox [sim:slow] --model flux-2-pro", "request-1")

        async def draws() -> bool:
            return (await row(store, "request-1"))["state"] == "rendering"

        await until(draws)
        before = await row(store, "request-1")
        sleeper.send(signal.SIGSTOP)
        try:

            async def is_taken() -> bool:
                return (await row(store, "request-1"))["lease_owner"] not in (before["lease_owner"], "")

            await until(is_taken)
            assert (await drained(store, within_s=PATIENCE_S))[0] == []
            ended = await row(store, "request-1")
        finally:
            sleeper.send(signal.SIGCONT)
        await asyncio.sleep(LEASE_S + 1)
        after = await row(store, "request-1")
        assert (after["version"], after["state"], after["captured_credits"]) == (
            ended["version"], "finished", 30,
        )  # fmt: skip
        assert sim.bill.generations == 1
        assert await store.ledger.problems() == []
        # Awake again, it works as before.
        assert (await say(client, sleeper, "a late fox --model sdxl", "request-2")).status_code == 200
        assert (await drained(store, within_s=PATIENCE_S))[0] == []
        assert (await row(store, "request-2"))["state"] == "finished"


# ── Moving and saving ────────────────────────────────────────────────────────────────────────────────


async def test_an_installation_moves_from_sqlite_to_postgresql_with_its_sums(tmp_path, sim, fresh_postgres):
    old = write_config(
        tmp_path, url=f"sqlite:///{tmp_path / 'easel.db'}", pictures=str(tmp_path / "assets"), sim=sim
    )
    code, out, err = await easel(
        "imagine", "a red fox --model sdxl", "--user", "ann", "-o", "out", "--json",
        "--config", str(old), cwd=tmp_path,
    )  # fmt: skip
    assert code == 0, err
    words = ("store", "copy", "--to", fresh_postgres, "--json", "--config", str(old))
    code, out, err = await easel(*words, cwd=tmp_path)
    assert code == 0, err
    rows = {one["table"]: one["rows"] for one in json.loads(out)}
    assert (rows["jobs"], rows["assets"], rows["secrets"]) == (1, 1, 1)
    again = await easel(*words, cwd=tmp_path)
    assert again[0] != 0
    assert "not empty" in again[2]
    (tmp_path / "new").mkdir()
    new = write_config(tmp_path / "new", url=fresh_postgres, pictures=str(tmp_path / "assets"), sim=sim)
    async with open_app(config.load(old, environ={}), roles=()) as house:
        (job,) = await house.store.jobs.recent()
        path = house.assets.path(there(await house.store.jobs.get(job.id)).images[0].key)
    async with open_app(config.load(new, environ={}), roles=()) as house:
        key = there(house.assets.resolve(path.removeprefix("/a/"))).key
        assert (await house.assets.read(key)).startswith(PNG), "a link that was sent goes on to work"
        assert await house.store.ledger.problems() == []


async def test_a_backup_of_a_running_bot_starts_again_and_ends_what_was_under_way(tmp_path, sim):
    home, restored = tmp_path / "home", tmp_path / "restored"
    home.mkdir()
    restored.mkdir()
    file = write_config(
        home, url=f"sqlite:///{home / 'easel.db'}", pictures=str(home / "assets"), sim=sim, **HURRIED
    )
    async with (
        running(file, "") as (bot,),
        httpx.AsyncClient(timeout=15, trust_env=False, verify=False) as client,
    ):
        for n in range(6):
            text = f"fox {n} --model {('sdxl', 'flux-2-pro [sim:never-completes]')[n % 2]}"
            assert (await say(client, bot, text, f"request-{n}")).status_code == 200
        code, _, err = await easel("backup", str(restored / "easel.db"), "--config", str(file), cwd=home)
        assert code == 0, err
        again = await easel("backup", str(restored / "easel.db"), "--config", str(file), cwd=home)
        assert again[0] != 0, "a backup is never written over"
        shutil.copytree(home / "assets", restored / "assets", dirs_exist_ok=True)
    url = f"sqlite:///{restored / 'easel.db'}"
    file = write_config(restored, url=url, pictures=str(restored / "assets"), sim=sim, **HURRIED)
    async with running(file, "") as (_,), store_of(url) as store:
        assert (await drained(store, within_s=PATIENCE_S))[0] == []
        jobs = (await rows_of(store)).jobs
        assert len(jobs) == 6
        assert {job["state"] for job in jobs} <= {"finished", "failed"}
        assert await store.ledger.problems() == []


# ── What time takes away ─────────────────────────────────────────────────────────────────────────────


async def test_old_pictures_go_after_their_messages_said_so_and_orphans_are_collected(tmp_path, sim):
    file = write_config(
        tmp_path, url=f"sqlite:///{tmp_path / 'easel.db'}", pictures=str(tmp_path / "assets"), sim=sim,
        assets={"keep_days": 7},
    )  # fmt: skip
    async with open_app(config.load(file, environ={}), surfaces=("web",)) as house:
        working = asyncio.create_task(there(house.worker).run())
        try:
            job = (await house.studio.imagine(_ask("a red fox --model sdxl"))).job
            assert (await drained(house.store, within_s=PATIENCE_S))[0] == []
            kept = there(await house.store.jobs.get(job.id)).images[0].key
            await house.chores.expire_pictures()
            assert [f.key async for f in house.assets.list("pictures")] == [kept], "young ones stay"
            await house.store.database.write(_aged, job.id, 8 * 86_400_000)
            await house.chores.expire_pictures()
            assert [f.key async for f in house.assets.list("pictures")] == []
            (message,) = await house.store.messages.of(job.id)
            expired = there(await house.store.jobs.get(job.id))
            assert (expired.reason, expired.images, message.shown) == ("expired", (), expired.version)
            assert expired.captured_credits == 5, "what was paid stays paid"
            await _orphans_go(house, tmp_path / "assets")
        finally:
            await there(house.worker).stop()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def test_files_stay_while_a_message_still_shows_them(tmp_path, sim, monkeypatch):
    """Nobody is there to tell the message: its picture waits, for the collector too."""
    monkeypatch.setattr("bot.house.chores._TOLD_WITHIN_S", 0.7)
    file = write_config(
        tmp_path, url=f"sqlite:///{tmp_path / 'easel.db'}", pictures=str(tmp_path / "assets"), sim=sim,
        assets={"keep_days": 7},
    )  # fmt: skip
    settings = config.load(file, environ={})
    async with open_app(settings, surfaces=("web",)) as house:
        working = asyncio.create_task(there(house.worker).run())
        job = (await house.studio.imagine(_ask("a red fox --model sdxl"))).job
        assert (await drained(house.store, within_s=PATIENCE_S))[0] == []
        await there(house.worker).stop()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    async with open_app(settings, roles=(), surfaces=("web",)) as house:
        await house.store.database.write(_aged, job.id, 8 * 86_400_000)
        await house.chores.expire_pictures()
        for picture in (tmp_path / "assets").rglob("*.png"):
            os.utime(picture, (1, 1))
        await house.chores.collect_orphans()
        assert len([f async for f in house.assets.list("pictures")]) == 1
        (message,) = await house.store.messages.of(job.id)
        await house.delivery.tell(job.id)
        assert (await house.store.messages.of(job.id))[0].shown > message.shown
        await house.chores.collect_orphans()
        assert [f async for f in house.assets.list("pictures")] == []


def _ask(text: str) -> Ask:
    robin = Requester(surface="web", community="local", user="robin", name="Robin")
    place = Place(address=Address(surface="web", data={"at": f"{time.time():.3f}"}), channel="page")
    return Ask(requester=robin, place=place, text=text, request_key="request-1")


def _aged(job: str, by_ms: int):
    yield sql("UPDATE jobs SET ended_at = ended_at - :by WHERE id = :job", job=job, by=by_ms)


async def _orphans_go(house, assets: Path) -> None:
    for name, age_s in (("young", 3600), ("old", 3 * 86_400)):
        file = assets / "pictures" / f"{name}job" / "1.png"
        file.parent.mkdir(parents=True)
        file.write_bytes(PNG)
        os.utime(file, (time.time() - age_s,) * 2)
    await house.chores.collect_orphans()
    assert [f.key async for f in house.assets.list("pictures")] == ["pictures/youngjob/1.png"]


def _inline_tables(file: Path) -> None:
    """TOML writes a table inside a section with "=", JSON with ":"."""
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(" = ")
        table = json.loads(value) if value.startswith("{") else None
        pairs = ", ".join(f"{k} = {json.dumps(v)}" for k, v in (table or {}).items())
        lines.append(line if table is None else f"{name} = {{ {pairs} }}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
