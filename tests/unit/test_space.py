"""A database that can't be opened because its disk is full: the disk is named, and not SQLite's word for it."""

import pytest

from bot.configuration import space
from bot.configuration.settings import Settings
from bot.errors import ConfigError, EaselError
from bot.house.app import open_app


def settings_in(folder):
    (folder / "easel.db").mkdir()  # a folder can't be opened as a database, nor can a file on a full disk
    url = f"sqlite:///{folder}/easel.db"
    return Settings(store={"url": url}, assets={"url": f"file://{folder}/pictures"})


async def test_a_database_that_cannot_be_opened_on_a_full_disk_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(space, "full", lambda _: "the disk is full: /data")
    with pytest.raises(EaselError, match="the disk is full: /data"):
        async with open_app(settings_in(tmp_path)):
            pass


async def test_where_there_is_room_it_says_what_the_database_says(tmp_path):
    with pytest.raises(ConfigError, match="unable to open"):
        async with open_app(settings_in(tmp_path)):
            pass
