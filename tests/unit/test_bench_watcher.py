"""The watcher of the benchmarks: where the program stood while its loop was late."""

import asyncio
import json
import sys
import threading

from bench import watched
from bot.process.recent import Recent

WAITS = "threading.Condition.wait"


def test_what_holds_the_loop_up_is_named_with_how_long_it_was_late(monkeypatch, tmp_path):
    looks, enough, place_of = [], threading.Event(), watched.place_of

    def counted(frame):
        looks.append(frame)
        if len(looks) > 2 * watched.LATE_S / watched.LOOK_S:
            enough.set()
        return place_of(frame)

    def hold_up():
        assert enough.wait(60)

    async def busy():
        loop = asyncio.get_running_loop()
        watcher = watched.Watcher(loop, tmp_path / "stalls.json")
        watcher.start()
        loop.call_soon(hold_up)
        while WAITS not in seen()["looks"]:
            await asyncio.sleep(0.01)

    def seen():
        told = tmp_path / "stalls.json"
        return json.loads(told.read_text()) if told.exists() else {"looks": {}}

    monkeypatch.setattr(watched, "place_of", counted)
    monkeypatch.setattr(watched, "WRITE_S", 0.0)
    asyncio.run(busy())
    assert max(seen()["lates_s"]) > watched.LATE_S
    assert seen()["looks"][WAITS] >= seen()["periods"][WAITS] >= 1


def test_the_place_is_ours_with_whom_it_calls():
    places = []

    class Key(str):
        __slots__ = ()

        def __hash__(self):
            places.append(watched.place_of(sys._getframe()))
            return super().__hash__()

    kept = Recent[str, int](4)
    kept[Key("a")] = 1
    assert places[0].startswith("process/recent.Recent.__setitem__ -> ")
    assert places[0].endswith("Key.__hash__")


def test_outside_of_python_there_is_no_place():
    assert watched.place_of(None) == "nothing of Python"
