"""The program as a process, on a local Slack and a simulated gateway; killed and started again at will."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from integrations.simulator.app import simulator
from tests.fakes.command import aside
from tests.fakes.free_ports import free_port
from tests.fakes.patience import PATIENCE_S
from tests.fakes.slack import SlackServer
from tests.fakes.sober import SOBER
from tests.fakes.there import there

ROOT = Path(__file__).parents[2]


class Easel:
    """`python -m bot run` with one folder for its database and pictures."""

    def __init__(self, slack, sim, folder, *, mode="socket", more="", port=0):
        self.slack, self.sim, self.folder = slack, sim, Path(folder)
        self.config = self.folder / "easel.toml"
        self.log = self.folder / "log.txt"
        self.process = None
        self.port = port
        self.config.write_text(
            f"""
[http]
host = "127.0.0.1"
port = {port}
[store]
url = "sqlite:///{self.folder}/easel.db"
[assets]
url = "{self.folder}/assets"
[gateway]
base_url = "{sim.base_url}"
api_key = "{sim.api_key}"
[fetch]
allow_hosts = ["{sim.address}", "{slack.address}"]
[quotas]
daily_allowance = 50000
unnamed_budget = 1000000000
unnamed_together = 1000000000
unnamed_grants = 1000000000
[limits]
per_requester = 500
per_community = 1000
[log]
format = "text"
[slack]
bot_token = "{slack.tokens.bot}"
app_token = "{slack.tokens.app}"
signing_secret = "{slack.http.secret}"
api_base_url = "{slack.api_base_url}"
mode = "{mode}"
{more}
"""
        )

    def fix_port(self):
        """Chooses the listener's port now; answers it."""
        self.port = free_port()
        self.config.write_text(self.config.read_text().replace("port = 0", f"port = {self.port}"))
        return self.port

    async def start(self, *, up=True):
        # A proxy of the surroundings must not come between: the program has to see to that itself.
        proxies = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        env = {**os.environ, **SOBER, **proxies}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", "--config", str(self.config),
                cwd=ROOT, stdout=log, stderr=log, env=env,
            )  # fmt: skip
        self.slack.clock.turns.watch(self.process.pid)
        if not up:
            return
        before = self.slack.sockets.opened
        if self.slack.http.url:
            await wait_for_port(self.port)
        else:
            await self.slack.until(lambda: self.slack.sockets.opened > before, PATIENCE_S, "a socket")
            await self.slack.sockets.wait(1)

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
        if arguments[0] != "run":
            return await aside(*arguments, "--config", self.config)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments, "--config", str(self.config),
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        return process.returncode, out.decode(), err.decode()


@contextlib.asynccontextmanager
async def house(folder, *, mode="socket", more="", start=True, simulation=None, **slack_options):
    """(slack, easel) as they run together; everything stops at the end."""
    quick = {"latency": False, "tiny_images": True} | (simulation or {})
    async with SlackServer(**slack_options) as slack, simulator(**quick) as sim:
        port = free_port() if mode == "http" else 0
        if mode == "http":
            slack.http.url = f"http://127.0.0.1:{port}/slack/events"
        easel = Easel(slack, sim, folder, mode=mode, more=more, port=port)
        try:
            if start:
                await easel.start()
            yield slack, easel
        finally:
            code = await easel.stop()
            if code not in (None, 0, -9):
                sys.stderr.write(easel.log.read_text()[-4000:])
            assert code in (None, 0, -9), code


async def wait_for_port(port, timeout_s=PATIENCE_S):
    async with asyncio.timeout(timeout_s):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def finished(slack, done, *, timeout_s=PATIENCE_S):
    """The one message of an act, when the picture stands in it."""
    message = await done.message(timeout_s=timeout_s)
    await slack.until(lambda: "reroll" in message.action_ids, timeout_s, "the finished picture")
    return message


def picture_of(message):
    """The image block of a message, or None."""
    return next((b for b in message.blocks if b["type"] == "image"), None)
