"""Those who wait for pictures, each by its own code: `python -m bench.pollers NAME URL SEED` draws the same jobs.

Prints the processor seconds that it spent from the first order to the last picture, its imports left out.
"""

import asyncio
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable

# Before anything is imported: replicate and fal read them then.
os.environ |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

MODELS = ("flux-schnell", "flux-dev", "flux-1.1-pro", "flux-2-pro")
MEDIANS_S = (4.0, 8.0, 15.0, 30.0)
SIGMA = 0.4
EACH = 20  # jobs of a model
BEGIN_EACH_S = 0.6  # some 27 are under way then: as many as no client is slow with
LOOP_S = 5.0  # of the loop that every first bot has

Job = tuple[str, float]  # the model, and how long it is drawn


def jobs_of(seed: int) -> list[Job]:
    """The same for everybody, in a mixed order."""
    rng = random.Random(seed)
    jobs = [
        (model, rng.lognormvariate(math.log(median_s), SIGMA))
        for model, median_s in zip(MODELS, MEDIANS_S, strict=True)
        for _ in range(EACH)
    ]
    rng.shuffle(jobs)
    return jobs


async def _spent(jobs: list[Job], draw: Callable[[Job], Awaitable[object]]) -> float:
    """They start one after the other; the processor time of all together."""

    async def one(number: int, job: Job) -> None:
        await asyncio.sleep(number * BEGIN_EACH_S)
        await draw(job)

    began = time.process_time()
    await asyncio.gather(*(one(number, job) for number, job in enumerate(jobs)))
    return time.process_time() - began


async def replicate(url: str, jobs: list[Job]) -> float:
    """As its README says: create, wait."""
    from replicate.client import Client  # noqa: PLC0415 - each client has its process

    client = Client(api_token="local", base_url=url)

    async def draw(job: Job) -> None:
        words = {"prompt": f"a fox, {job[1]:.3f}"}
        one = await client.models.predictions.async_create(model="local/local", input=words)
        await one.async_wait()

    return await _spent(jobs, draw)


async def fal(url: str, jobs: list[Job]) -> float:
    """As its README says: submit, get."""
    import fal_client  # noqa: PLC0415 - each client has its process

    fal_client.client.QUEUE_URL_FORMAT = f"{url}/"
    client = fal_client.AsyncClient(key="local:local")

    async def draw(job: Job) -> None:
        handle = await client.submit("queue/local", {"prompt": f"a fox, {job[1]:.3f}"})
        await handle.get()

    return await _spent(jobs, draw)


async def loop(url: str, jobs: list[Job]) -> float:
    """Ask, look, sleep; on httpx as it comes."""
    import httpx  # noqa: PLC0415 - each client has its process

    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None)) as client:

        async def draw(job: Job) -> None:
            asked = await client.post(f"{url}/images/generate/", json={"prompt": f"a fox, {job[1]:.3f}"})
            operation = asked.json()["operation_id"]
            while True:
                answer = await client.get(f"{url}/images/generate/{operation}/")
                if answer.json()["status"] == "completed":
                    return
                await asyncio.sleep(LOOP_S)

        return await _spent(jobs, draw)


async def easel(url: str, jobs: list[Job]) -> float:
    """The whole program: judges, holds credits, draws, keeps the pictures, shows them, settles."""
    from bench.scale import UNCHECKED, Silent, ask_of  # noqa: PLC0415 - each client has its process
    from bot.configuration import config  # noqa: PLC0415 - each client has its process
    from bot.house.app import open_app  # noqa: PLC0415 - each client has its process

    with tempfile.TemporaryDirectory() as folder:
        settings = config.load(
            environ={},
            store={"url": f"sqlite:///{folder}/easel.db"},
            assets={"url": f"{folder}/assets"},
            providers={"replicate": {"base_url": f"{url}/v1", "api_key": "local"}},
            fetch={"allow_hosts": [url.removeprefix("http://")]},
            moderation={"checks": UNCHECKED},
            quotas={"daily_allowance": 10**8, "unnamed_budget": 10**9, "unnamed_together": 10**9},
            limits={"per_requester": 1000, "per_community": 100_000},
            worker={"in_flight": 256},
            log={"level": "error"},
        )
        async with open_app(settings) as house:
            assert house.worker is not None
            silent = Silent()
            house.surfaces["bench"] = silent
            worker = asyncio.create_task(house.worker.run())

            async def draw(job: Job) -> None:
                order = ask_of(len(silent.over), f"a fox, {job[1]:.3f} --model {job[0]}", f"{id(job)}")
                made = (await house.studio.imagine(order)).job
                while made.id not in silent.over:  # noqa: ASYNC110 - one look is cheap
                    await asyncio.sleep(0.1)

            try:
                return await _spent(jobs, draw)
            finally:
                await house.worker.stop()
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)


POLLERS = {"easel": easel, "replicate": replicate, "fal": fal, "loop": loop}


if __name__ == "__main__":
    name, url, seed = sys.argv[1:]
    print(asyncio.run(POLLERS[name](url, jobs_of(int(seed)))))
