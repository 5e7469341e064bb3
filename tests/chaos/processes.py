"""One process of several in virtual time: a whole house of its own on the world's one database."""

import asyncio

from tests.chaos.lives import Life, World, bury
from tests.chaos.virtual_time import now
from tests.fakes.darkroom import shared_darkroom
from tests.fakes.there import there


class Process:
    """One process of several, in this loop."""

    def __init__(self, world: World, *, works: bool = True) -> None:
        self.world, self.works, self.life = world, works, Life()
        self.tasks: set[asyncio.Task] = set()

    async def __aenter__(self):
        self.store = await self.world.open_store()
        self.app = self.world.build(self.store, self.life, shared_darkroom(), works=self.works)
        if self.works:
            self._task(there(self.app.worker).run())
        return self

    def _task(self, work) -> asyncio.Task:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        return task

    def imagine(self) -> asyncio.Task:
        return self._task(self.app.studio.imagine(self.world.ask()))

    def own_tasks(self) -> set[asyncio.Task]:
        """Its jobs and deliveries with its worker."""
        worker = self.app.worker
        carried = {c.task for c in worker._carried.values() if c.task is not None} if worker else set()
        return {*self.tasks, *carried, *self.app.delivery._tasks.values()}

    async def __aexit__(self, *_) -> None:
        self.life.dead = True
        await bury(self.own_tasks())
        await self.store.aclose()


async def until(meets, *, within_s: float = 120.0) -> None:
    end = now() + within_s
    while not await meets():
        assert now() < end, "it doesn't come"
        await asyncio.sleep(0.1)
