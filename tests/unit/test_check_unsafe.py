"""`easel check` is red, or says a word, for what it can see that lets more in than is needed."""

import os
import secrets
import tomllib
from urllib.parse import urlsplit, urlunsplit

import pytest

from bot.cli import check, unsafe
from bot.configuration import config
from bot.configuration.settings import Quotas
from bot.errors import ConfigError
from bot.store.server import excess_rights
from tests.fakes import postgres_server as fake_postgres
from tests.fakes.house import Clock, Town, at, new_sqlite, open_house

pytest_plugins = ("tests.fakes.postgres",)


async def rows(act, house):
    return [(row["name"], row["ok"], f"{row['detail']} {row['fix']}") async for row in act(house)]


async def test_a_superuser_of_the_database_is_told(fresh_postgres):
    """Whose password leaked could then read the server's files."""
    plain = f"plain_{secrets.token_hex(4)}"
    name = urlsplit(fresh_postgres).path.removeprefix("/")
    fake_postgres.in_thread(
        lambda: fake_postgres.execute(
            fresh_postgres, f"CREATE ROLE {plain} NOSUPERUSER", f"ALTER DATABASE {name} OWNER TO {plain}"
        )
    )
    as_plain = urlunsplit(
        urlsplit(fresh_postgres)._replace(query=urlsplit(fresh_postgres).query + f"&role={plain}")
    )
    try:
        async with open_house(as_plain, Clock(at("2026-11-21 12:00"))) as house:
            assert await rows(check._rights, house) == []
        async with open_house(fresh_postgres, Clock(at("2026-11-21 12:00"))) as house:
            [(row, ok, told)] = await rows(check._rights, house)
            assert (row, ok) == ("database user", False)
            assert "superuser" in told
            assert "postgres-user.sh" in told
    finally:
        fake_postgres.in_thread(
            lambda: fake_postgres.execute(
                fresh_postgres, f"ALTER DATABASE {name} OWNER TO CURRENT_USER", f"REASSIGN OWNED BY {plain} TO CURRENT_USER",
                f"DROP OWNED BY {plain}", f"DROP ROLE {plain}",
            )
        )  # fmt: skip


async def test_a_file_has_no_users(tmp_path):
    async with open_house(new_sqlite(tmp_path), Clock(at("2026-11-21 12:00"))) as house:
        assert await excess_rights(house.store.database) == []
        assert await rows(check._rights, house) == []


@pytest.mark.parametrize(("user", "fix"), [(0, "user of its own"), (10001, "")])
def test_root_is_told(monkeypatch, user, fix):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    found = unsafe._user()
    assert fix in found.fix
    assert bool(found.fix) == found.advice == (user == 0)


async def test_a_community_that_is_almost_the_one_which_is_here_is_red(tmp_path):
    clock = Clock(at("2026-11-21 12:00"))
    url = new_sqlite(tmp_path)
    async with open_house(url, clock) as house:
        await Town(house, clock, community="112233445566778899").draw()
    named = {"112233445566778898": (False, "112233445566778899"), "T0AAAAAAA": (True, "its id?")}
    for one, (ok, helps) in named.items():
        async with open_house(url, clock, quotas={"communities": [one]}) as house:
            [(name, is_well, told)] = await rows(check._named, house)
            assert (name, is_well) == ("communities", ok)
            assert helps in told
    async with open_house(url, clock, quotas={"communities": ["any", "112233445566778899"]}) as house:
        assert await rows(check._named, house) == []


@pytest.mark.parametrize("one", ["My Server", "Any", "ALL", "*", " 1122", "", "11\u200b22", "11\n22"])
def test_what_can_be_no_community_stops_the_start(tmp_path, one):
    with pytest.raises(ConfigError) as caught:
        config.load(None, environ={}, quotas={"communities": [one]})
    assert "communities" in str(caught.value)


def test_all_may_be_named_beside_others():
    text = 'communities = ["any", "112233445566778899"]'
    assert Quotas(**tomllib.loads(text)).communities == ("any", "112233445566778899")
