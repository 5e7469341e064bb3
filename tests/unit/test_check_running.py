"""`easel check` says how the surfaces of the program are that runs beside it."""

import asyncio

from bot.cli import check
from tests.fakes.free_ports import free_port
from tests.fakes.page import served


async def rows(house):
    return {row["name"]: (row["ok"], row["detail"]) async for row in check._surfaces(house)}


async def test_a_running_program_is_asked_how_its_surfaces_are(tmp_path):
    async with served(tmp_path, port=free_port()) as page:
        while "web" not in page.house.upkeep.troubles:  # the listener answers before the surfaces run
            await asyncio.sleep(0.01)
        assert await rows(page.house) == {"web (running)": (True, "ok")}
        page.house.upkeep.tell("web", "trying again: OSError")
        assert await rows(page.house) == {"web (running)": (False, "trying again: OSError")}


async def test_where_nothing_runs_nothing_is_said(tmp_path):
    async with served(tmp_path, port=free_port()) as page:
        house = page.house
    assert await rows(house) == {}
