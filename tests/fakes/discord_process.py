"""The program as a process, on a local Discord and a simulated gateway; killed and started again at will."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from integrations.simulator.app import simulator
from tests.fakes.command import aside
from tests.fakes.discord import DiscordServer
from tests.fakes.patience import PATIENCE_S
from tests.fakes.sober import SOBER
from tests.fakes.there import there

ROOT = Path(__file__).parents[2]

# A storm in a server that nobody has named spends more than strangers may.
PLENTY = {f"EASEL__QUOTAS__UNNAMED_{name}": str(10**9) for name in ("BUDGET", "TOGETHER")}


class Easel:
    """`python -m bot run` with one folder for its database and pictures."""

    module = "bot"  # a bench may put one before it that watches

    def __init__(
        self, server, sim, folder, *, more="", discord="", lease_s=3, public_url="", uncertain="fail", port=0
    ):
        self.server, self.sim, self.folder = server, sim, Path(folder)
        self.config = self.folder / "easel.toml"
        self.log = self.folder / "log.txt"
        self.process = None
        self.config.write_text(
            f"""
[http]
port = {port}
public_url = "{public_url}"
[store]
url = "sqlite:///{self.folder}/easel.db"
[assets]
url = "{self.folder}/assets"
[gateway]
base_url = "{sim.base_url}"
api_key = "{sim.api_key}"
[fetch]
allow_hosts = ["{sim.address}", "{server.url.removeprefix("http://")}"]
[worker]
lease_s = {lease_s}
grace_s = 3
uncertain = "{uncertain}"
[communities]
may_loosen = "any"
[log]
format = "text"
[discord]
token = "{server.token}"
api_base_url = "{server.api_base_url}"
gateway_url = "{server.gateway_url}"
{discord}
{more}
"""
        )

    async def start(self, *arguments, up=True):
        """Starts it, and waits until its websockets are open."""
        # A proxy of the surroundings must not come between: the program has to see to that itself.
        env = {
            **os.environ,
            **SOBER,
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "HTTP_PROXY": "http://127.0.0.1:9",
            **PLENTY,
        }
        before = len(self.server.gateway.identifies)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self.module, "run", "--config", str(self.config), *arguments,
                cwd=ROOT, stdout=log, stderr=log, env=env,
            )  # fmt: skip
        self.server.clock.turns.watch(self.process.pid)
        if up:
            await self.until(lambda: len(self.server.gateway.identifies) > before and self.server.ready)

    async def until(self, holds, timeout_s=PATIENCE_S):
        """Waits for the server; a program that died meanwhile is told with its log."""
        waiting = asyncio.create_task(self.server.until(holds, timeout_s))
        dying = asyncio.create_task(there(self.process).wait())
        await asyncio.wait([waiting, dying], return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        if not waiting.done():
            waiting.cancel()
            raise AssertionError(f"it ended with {there(self.process).returncode}:\n{self.tail()}")
        return await waiting

    def tail(self):
        return self.log.read_text(errors="replace")[-4000:]

    def kill(self):
        """kill -9, now."""
        with contextlib.suppress(ProcessLookupError):
            there(self.process).send_signal(signal.SIGKILL)

    async def gone(self):
        return await asyncio.wait_for(there(self.process).wait(), PATIENCE_S)

    async def stop(self):
        """Ends it as an operator does; answers the exit code."""
        if self.process is None or there(self.process).returncode is not None:
            return None
        self.process.terminate()
        return await self.gone()

    async def easel(self, *arguments):
        """Another command on the same configuration: exit code, stdout, stderr."""
        return await aside(*arguments, "--config", self.config)

    async def said(self, *arguments):
        """The JSON that a command prints."""
        code, out, err = await self.easel(*arguments, "--json")
        assert code in (0, 1), err
        return json.loads(out)


@contextlib.asynccontextmanager
async def house(
    folder,
    *,
    more="",
    discord="",
    start=True,
    simulation=None,
    lease_s=3,
    public_url="",
    uncertain="fail",
    port=0,
    **server_options,
):
    """(server, easel, sim) as they run together; everything stops at the end."""
    quick = {"latency": False, "tiny_images": True} | (simulation or {})
    async with DiscordServer(**server_options) as server, simulator(**quick) as sim:
        easel = Easel(
            server,
            sim,
            folder,
            more=more,
            discord=discord,
            lease_s=lease_s,
            public_url=public_url,
            uncertain=uncertain,
            port=port,
        )
        try:
            if start:
                await easel.start()
            yield server, easel, sim
        except BaseException:
            sys.stderr.write(easel.tail() if easel.log.exists() else "")
            raise
        finally:
            code = await easel.stop()
            if code not in (None, 0, -9):
                sys.stderr.write(easel.tail())
        assert code in (None, 0, -9), code
