"""Ten commands at once by nonebot-plugin-nai3's own handler, for one who has one picture left today.

Run by bench/racing.py with the Python that has it, in an empty folder. The chat and the image service are stand-ins;
nothing leaves this process. Its cool-downs are off, as they are for whoever sends commands from two groups.
"""

import asyncio
import importlib
import io
import json
import statistics
import sys
import time
import zipfile
from types import SimpleNamespace
from typing import Any, Self

SETTINGS = {
    "driver": "~aiohttp", "log_level": "CRITICAL", "superusers": [], "smms_token": "none",
    "nai3_limit": 1, "nai3_cooltime_group": 0, "nai3_cooltime_user": 0, "nai3_r18": True,
}  # fmt: skip


def drawn_picture() -> bytes:
    """What its image service answers: a picture in an archive."""
    picture, out = io.BytesIO(), io.BytesIO()
    importlib.import_module("PIL.Image").new("RGB", (8, 8)).save(picture, "PNG")
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("image_0.png", picture.getvalue())
    return out.getvalue()


class Service:
    """Stands where its client of the image service does."""

    drawn = 0
    takes_s = 0.0

    def __init__(self, **_: Any) -> None:
        self._answer = SimpleNamespace(status_code=200, content=drawn_picture())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def post(self, *_: Any, **__: Any) -> Any:
        Service.drawn += 1
        await asyncio.sleep(Service.takes_s)
        return self._answer


def loaded() -> Any:
    """The plugin, with a chat that says nothing."""
    nonebot = importlib.import_module("nonebot")
    nonebot.init(**SETTINGS)
    nonebot.get_driver().register_adapter(importlib.import_module("nonebot.adapters.onebot.v11").Adapter)
    assert nonebot.load_plugin("nonebot_plugin_nai3") is not None
    plugin: Any = importlib.import_module("nonebot_plugin_nai3")
    finished = importlib.import_module("nonebot.exception").FinishedException

    async def send(*_: Any, **__: Any) -> None:
        return

    async def finish(*_: Any, **__: Any) -> None:
        raise finished

    plugin.nai3.send, plugin.nai3.finish, plugin.AsyncClient = send, finish, Service
    return plugin


def command(number: int) -> Any:
    """A person's message."""
    protocol = importlib.import_module("nonebot.adapters.onebot.v11")
    words = protocol.Message("nai3 a red fox")
    return protocol.PrivateMessageEvent(
        time=1, self_id=1, post_type="message", message_type="private", sub_type="friend", user_id=7,
        message_id=number, message=words, original_message=words, raw_message=str(words), font=1,
        sender=importlib.import_module("nonebot.adapters.onebot.v11.event").Sender(user_id=7),
    )  # fmt: skip


async def raced(plugin: Any, racers: int, turns: int) -> dict[str, float]:
    """How many were drawn for the one picture that was left."""
    handler, bot = plugin.nai3.handlers[0].call, SimpleNamespace(config=SimpleNamespace(superusers=set()))
    words = plugin.nai3_parser.parse_args(["a", "red", "fox"])
    through, each_ms = [], []
    for _ in range(turns):
        plugin.cd["user"].clear()
        Service.drawn = 0
        began = time.perf_counter()
        await asyncio.gather(
            *(handler(bot, command(n), words) for n in range(racers)), return_exceptions=True
        )
        each_ms.append(1000 * (time.perf_counter() - began) / racers)
        through.append(Service.drawn)
    return {"through": statistics.fmean(through), "each_ms": statistics.median(each_ms)}


if __name__ == "__main__":
    Service.takes_s = float(sys.argv[3])
    print(json.dumps(asyncio.run(raced(loaded(), int(sys.argv[1]), int(sys.argv[2])))))
