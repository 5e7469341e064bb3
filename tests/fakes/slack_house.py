"""The whole house in this process, on a local Slack and a simulated gateway."""

import asyncio
import contextlib

from bot.configuration import config
from bot.house.app import WORKER, open_app, serve
from integrations.slack.people import SURFACE


@contextlib.asynccontextmanager
async def served(folder, slack, sim, **more):
    """Until the block ends; the books must be right then. `more` are sections of the configuration."""
    sections = {
        "http": {"port": 0},
        "store": {"url": f"sqlite:///{folder / 'easel.db'}"},
        "assets": {"url": str(folder / "pictures")},
        "gateway": {"base_url": sim.base_url, "api_key": sim.api_key},
        "fetch": {"allow_hosts": [sim.address, slack.address]},
        "quotas": {
            "daily_allowance": 50_000, "unnamed_budget": 10**9, "unnamed_together": 10**9, "unnamed_grants": 10**9,
        },
        "slack": {
            "bot_token": slack.tokens.bot, "app_token": slack.tokens.app, "api_base_url": slack.api_base_url,
        },
    }  # fmt: skip
    settings = config.load(None, environ={}, **{**sections, **more})
    roles, stop = {WORKER, SURFACE}, asyncio.Event()
    async with open_app(settings, roles=roles, surfaces=[SURFACE]) as house:
        serving = asyncio.create_task(serve(house, roles=roles, stop=stop))
        try:
            await slack.sockets.wait(1)
            yield house
        finally:
            stop.set()
            await serving
        assert await house.store.ledger.problems() == []
