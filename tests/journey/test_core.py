"""The program as people run it: one picture from the terminal, the bot, and what is left after kill -9."""

import asyncio
import contextlib
import io
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bot.configuration import config
from bot.house.app import open_app
from bot.house.building import App
from bot.ports import Requester
from integrations.simulator.app import Simulation, simulator
from tests.fakes.beside import beside
from tests.fakes.command import Told, aside, command
from tests.fakes.patience import PATIENCE_S
from tests.fakes.simulator import billing
from tests.fakes.there import there
from tests.journey.program import Home, finish

SYNC, ASYNC = "gemini-2.5-flash-image", "black-forest-labs/flux-2-pro"
ENDS = {"finished", "refused", "failed", "withheld", "cancelled"}


@pytest.fixture
async def quick():
    async with simulator(latency=False, tiny_images=True) as simulation:
        yield simulation


def home_of(folder: Path, simulation: Simulation, **sections) -> Home:
    return Home(folder, simulation.base_url, simulation.address, **sections)


@contextlib.asynccontextmanager
async def look(home: Home) -> AsyncIterator[App]:
    """What the program keeps, seen from this process: a command more takes seconds of a processor."""
    async with open_app(config.load(home.config, environ={}), roles=(), public_url="http://here") as house:
        yield house


async def assert_books(home: Home) -> None:
    async with look(home) as house:
        assert await house.store.ledger.problems() == []


async def balance(home: Home, user: str) -> tuple[int, int]:
    """What somebody at the terminal has held, and can spend."""
    async with look(home) as house:
        purse = await house.studio.credits(Requester(surface="cli", community="local", user=user))
    return purse.balance.held, purse.balance.available


# ── One picture ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def far():
    """The same, for commands in this very process."""
    with beside(simulator(latency=False, tiny_images=True)) as simulation:
        yield simulation


@pytest.fixture
def easel(tmp_path, monkeypatch):
    """`easel` as one types it in the home's folder."""
    monkeypatch.chdir(tmp_path)

    def call(home: Home, *words: object) -> Told:
        return command(*words, "--config", home.config)

    return call


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (f"a red fox --model {SYNC}", 1),
        (f"a red fox --model {ASYNC}", 1),
        (f"a red fox --model {SYNC} --n 4", 4),
    ],
    ids=["sync", "async", "four images"],
)
def test_imagine_draws_saves_and_charges(tmp_path, far, easel, text, files):
    home = home_of(tmp_path, far)
    done = easel(home, "imagine", text, "-o", "out", "--user", "ann", "--json")
    assert done.code == 0, done.err
    told = done.json()
    assert {"job", "state", "model", "credits", "seconds", "files"} <= set(told)
    assert (told["state"], len(told["files"])) == ("finished", files)
    for name in told["files"]:
        assert Path(name).is_absolute()
        Image.open(name).verify()
    assert asyncio.run(balance(home, "ann")) == (0, 5000 - told["credits"])
    assert told["credits"] > 0
    assert far.bill.credits == told["credits"]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("explicit sex with a child", None),
        (f"a fox [sim:refused] --model {SYNC}", "refused"),
        (f"a fox [sim:operation_refused] --model {ASYNC}", "refused"),
        (f"a fox [sim:accepted_answer_lost] --model {SYNC}", "failed"),
        ("a fox --model no-such-model", None),
        ("a fox --quality no-such-quality", None),
    ],
    ids=["lexicon", "provider, sync", "provider, async", "answer lost", "unknown model", "unknown parameter"],
)
def test_a_refusal_is_one_line_and_exit_1(tmp_path, far, easel, text, state):
    home = home_of(tmp_path, far)
    done = easel(home, "imagine", text, "--json")
    assert done.code == 1
    assert [line for line in done.err.splitlines() if line.startswith("easel: ")]
    assert "Traceback" not in done.err
    assert [(job["state"], job["captured_credits"]) for job in home.jobs()] == ([(state, 0)] if state else [])
    asyncio.run(assert_books(home))


def test_a_list_of_jobs_and_a_check_are_told_to_programs(tmp_path, far, easel):
    home = home_of(tmp_path, far)
    assert easel(home, "imagine", f"a fox [sim:refused] --model {SYNC}").code == 1
    [job] = easel(home, "jobs", "list", "--json").json()
    assert {
        "id", "state", "surface", "community", "user", "model", "credits", "created_at", "error",
    } <= set(job)  # fmt: skip
    assert (job["state"], job["captured"], bool(job["error"])) == ("refused", 0, True)
    checks = easel(home, "check", "--json").json()
    assert set(checks) == {"ok", "checks"}
    assert all(set(c) == {"name", "ok", "detail", "fix"} for c in checks["checks"])
    (ledger,) = [c for c in checks["checks"] if c["name"] == "ledger"]
    assert ledger["ok"], ledger


def test_without_credits_nothing_is_asked_and_the_sentence_says_what_is_missing(tmp_path, far, easel):
    home = home_of(tmp_path, far, quotas={"daily_allowance": 0})
    done = easel(home, "imagine", "a fox", "--user", "ann")
    assert (done.code, far.bill.generations) == (1, 0)
    assert done.err.startswith("easel: ")
    granted = easel(
        home, "credits", "grant", "--surface", "cli", "--community", "local", "--user", "ann",
        "--amount", "100", "--memo", "welcome", "--json",
    )  # fmt: skip
    assert granted.code == 0
    assert easel(home, "imagine", "a fox", "--user", "ann", "-o", "out").code == 0
    shown = easel(home, "credits", "show", "--user", "ann", "--json").json()
    assert (shown["posted"], shown["held"], shown["available"]) == (61, 0, 61)


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-command",),
        ("imagine",),
        ("imagine", "a fox", "--no-such-option"),
        ("jobs", "list", "--config", "nowhere.toml"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_read_is_exit_2(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = command(*words)
    assert done.code == 2
    assert done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_cancels_the_picture_and_the_credits_are_back(tmp_path, signal_number):
    async with simulator(speed=0.01, tiny_images=True) as slow:
        home = home_of(tmp_path, slow)
        process = await home.start("imagine", f"a fox --model {ASYNC}", "--user", "ann", "--json")
        await home.until(lambda jobs: jobs and jobs[0]["state"] == "rendering")
        process.send_signal(signal_number)  # the picture itself would take a quarter of an hour
        done = await finish(process)
        assert (done.code, done.json()["state"]) == (1, "cancelled")
        assert await balance(home, "ann") == (0, 5000)
        await assert_books(home)


# ── The bot ──────────────────────────────────────────────────────────────────────────────────────────


async def test_run_with_only_a_gateway_serves_health_metrics_and_pictures(tmp_path, quick):
    home = home_of(tmp_path, quick)
    assert (await home.easel("imagine", "a fox", "--user", "ann")).code == 0
    async with (
        home.running() as bot,
        httpx.AsyncClient(base_url=bot.address, trust_env=False, verify=False) as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        assert "easel_in_flight" in (await client.get("/metrics")).text
        assert (await client.get("/a/not-a-link")).status_code == 404
        retried = (
            await aside("jobs", "retry", home.jobs()[0]["id"], "--json", "--config", home.config)
        ).json()
        await home.until(lambda jobs: [j["state"] for j in jobs if j["id"] == retried["id"]] == ["finished"])
        link = await _link(home, retried["id"])
        picture = await client.get(link)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
        Image.open(io.BytesIO(picture.content)).verify()
    await assert_books(home)


async def _link(home: Home, job: str) -> str:
    async with look(home) as house:
        found = there(await house.store.jobs.get(job))
        return there(house.assets.link(found.images[0].key)).removeprefix("http://here")


async def test_cancel_from_another_terminal_ends_the_job_within_seconds(tmp_path):
    async with simulator(speed=0.01, tiny_images=True) as slow:
        home = home_of(tmp_path, slow)
        process = await home.start("imagine", f"a fox --model {ASYNC}", "--json")
        (job,) = await home.until(lambda jobs: jobs and jobs[0]["state"] == "rendering")
        told = await aside("jobs", "cancel", job["id"], "--json", "--config", home.config)
        assert told.json()["state"] == "cancelled"
        done = await finish(process)
        assert (done.code, done.json()["state"]) == (1, "cancelled")
        await home.until(lambda jobs: not jobs[0]["open"])


async def test_sigterm_leaves_what_is_under_way_resumable(tmp_path):
    async with simulator(latency=False, tiny_images=True) as slow:
        slow.arm("poll_429")  # under way until we let it end
        home = home_of(tmp_path, slow, worker={"grace_s": 1, "deadline_s": 120})
        process = await home.start("imagine", f"a fox --model {ASYNC}")
        (job,) = await home.until(lambda jobs: jobs and jobs[0]["state"] == "rendering")
        process.kill()
        await finish(process)
        async with home.running():
            await home.until(lambda jobs: jobs[0]["lease_owner"] not in ("", job["lease_owner"]))
        (left,) = home.jobs()
        assert (left["state"], left["lease_owner"]) == ("rendering", "")
        slow.switchboard.armed.clear()
        async with home.running():
            await home.until(lambda jobs: jobs[0]["state"] == "finished")
        assert slow.bill.generations == 1
        await assert_books(home)


# ── kill -9 ──────────────────────────────────────────────────────────────────────────────────────────


async def _killed_in(home: Home, text: str, state: str, after_s: float = 0.0) -> None:
    """Orders this, and kills the process when its job stands there."""
    process = await home.start("imagine", text, "--key", text)

    def there(jobs) -> bool:
        return any(j["state"] in (state, *ENDS) for j in jobs if j["request_key"] == f"cli-{text}")

    await home.until(there)
    await asyncio.sleep(after_s)
    process.kill()
    await finish(process)


@pytest.mark.timeout(4 * PATIENCE_S)
@pytest.mark.parametrize("honours_keys", [True, False], ids=["keys honoured", "keys not honoured"])
async def test_after_kill_9_in_every_stage_run_heals_all(tmp_path, honours_keys):
    async with simulator(speed=3, tiny_images=True, honour_keys=honours_keys, slow_s=1.5) as simulation:
        home = home_of(
            tmp_path, simulation, gateway={"honours_keys": honours_keys}, worker={"deadline_s": 120}
        )
        assert (await aside("models", "--config", home.config)).code == 0  # makes the database
        await asyncio.gather(
            _killed_in(home, f"submitting --model {SYNC}", "submitting", 0.3),
            _killed_in(home, f"polling --model {ASYNC}", "rendering", 0.2),
            _killed_in(home, f"mirroring [sim:cdn_slow:1] --n 2 --model {ASYNC}", "rendering", 2.0),
            _killed_in(home, f"delivering --model {SYNC}", "finished"),
        )
        async with home.running():
            rows = await home.until(lambda jobs: len(jobs) == 4 and not any(j["open"] for j in jobs))
        assert {row["state"] for row in rows} <= ENDS
        bill = await billing(simulation.origin)
        assert max(bill["by_key"].values()) == 1, "a double submit"
        states = {row["request_key"].split()[0].removeprefix("cli-"): row for row in rows}
        assert states["polling"]["state"] == states["mirroring"]["state"] == "finished"
        if honours_keys:
            assert {row["state"] for row in rows} == {"finished"}
            assert bill["generations"] == 4
        else:
            lost = states["submitting"]
            assert lost["state"] == "finished" or (lost["reason"], lost["doubtful"]) == (
                "failed-uncertain",
                1,
            )
        await assert_books(home)
