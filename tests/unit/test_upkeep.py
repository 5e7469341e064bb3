"""One surface's trouble is its own: it is started again for ever, and the others never hear of it."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.errors import ConfigError, ShowFailure, StoreBusy, SurfaceError
from bot.process.telemetry import Metrics
from bot.process.upkeep import Upkeep
from tests.fakes.patience import PATIENCE_S


class Stubborn:
    """A surface whose `run` does in turn what it is told: an error to raise, or None to hear people for ever."""

    def __init__(self, *turns):
        self._turns = list(turns)
        self.runs = 0
        self.hears = asyncio.Event()

    async def run(self):
        self.runs += 1
        turn = self._turns.pop(0) if self._turns else None
        if isinstance(turn, Exception):
            raise turn
        if turn == "ends":
            return
        self.hears.set()
        await asyncio.Event().wait()


def upkeep(metrics=None):
    return Upkeep(metrics or Metrics(), pauses_s=(0.0,))


async def kept(watch, *surfaces):
    """Keeps them until each hears people or has stopped for good."""
    named = {f"s{number}": surface for number, surface in enumerate(surfaces)}
    task = asyncio.create_task(watch.keep_all(named))
    hearing = [asyncio.create_task(surface.hears.wait()) for surface in surfaces]
    return task, hearing


async def test_what_breaks_is_started_again_until_it_hears_people():
    watch, broken, well = upkeep(), Stubborn(AttributeError("x"), "ends", OSError("y")), Stubborn()
    task, hearing = await kept(watch, broken, well)
    await asyncio.wait_for(asyncio.gather(*hearing), PATIENCE_S)
    assert (broken.runs, well.runs) == (4, 1)
    assert dict(watch.troubles) == {"s0": "", "s1": ""}
    task.cancel()


async def test_what_only_the_operator_can_mend_stops_that_surface_alone():
    metrics = Metrics()
    watch, revoked, well = upkeep(metrics), Stubborn(ConfigError("[discord] token: revoked")), Stubborn()
    task, hearing = await kept(watch, revoked, well)
    await asyncio.wait_for(hearing[1], PATIENCE_S)
    await asyncio.sleep(0)
    assert not task.done()
    assert revoked.runs == 1
    assert "revoked" in watch.troubles["s0"]
    assert metrics.registry.get_sample_value("easel_surface_up", {"surface": "s0"}) == 0
    assert metrics.registry.get_sample_value("easel_surface_up", {"surface": "s1"}) == 1
    for waiting in (task, *hearing):
        waiting.cancel()


async def test_when_every_surface_has_stopped_for_good_the_program_says_why():
    with pytest.raises(ConfigError, match="revoked"):
        await asyncio.wait_for(upkeep().keep_all({"a": Stubborn(ConfigError("revoked"))}), PATIENCE_S)


async def test_a_process_without_surfaces_goes_on_working():
    task = asyncio.create_task(upkeep().keep_all({}))
    await asyncio.sleep(0)
    assert not task.done()
    task.cancel()


async def test_a_platform_that_can_not_be_reached_is_no_bug_and_is_tried_again():
    watch = upkeep()
    away = Stubborn(SurfaceError("nobody is there", kind=ShowFailure.LATER), StoreBusy("locked"))
    with capture_logs() as logs:
        task, hearing = await kept(watch, away)
        await asyncio.wait_for(hearing[0], PATIENCE_S)
    assert [line["problem"] for line in logs] == ["later: nobody is there", "locked"]
    assert {line["log_level"] for line in logs} == {"warning"}
    task.cancel()
