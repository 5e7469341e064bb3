"""How far a ComfyUI says that its runs are: heard on its websocket, a comfort that may break at any time."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import httpx
import structlog

from bot.process.background import Background
from integrations.providers import _json

log = structlog.get_logger()

AGAIN_S = 5.0  # between two tries to connect
_CONNECT_S = 10.0
_SILENT_S = 60.0  # then it is left; who looks next connects anew
_ALIVE_S = 30.0
_MESSAGE_BYTES = 8 * 1024 * 1024  # previews come here too, and are thrown away: nobody has judged them
_RUNS_MAX = 1000
_STEPS_MAX = 1_000_000
_STARTS = ("execution_start", "execution_cached", "executing")
_OVERS = ("execution_success", "execution_error", "execution_interrupted")
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSteps:
    """How far a run is."""

    step: int = 0
    steps: int = 0


class RunWatch:
    """Listens while somebody asks, and knows the runs that go on."""

    def __init__(self, base_url: str, client_id: str, headers: Mapping[str, str]) -> None:
        url = httpx.URL(base_url)
        scheme = "wss" if url.scheme == "https" else "ws"
        self._url = f"{url.copy_with(scheme=scheme)}".rstrip("/") + f"/ws?clientId={client_id}"
        self._headers = dict(headers)
        self._runs: dict[str, RunSteps] = {}
        self._background = Background("comfyui progress", most=1)
        self._listens = False
        self._next_at = 0.0

    def of(self, run: str) -> RunSteps | None:
        """How far a run is; None where nobody has told that it goes on."""
        return self._runs.get(run)

    def listen(self) -> None:
        """From now on, unless it does already or failed a moment ago."""
        now = asyncio.get_running_loop().time()
        if not self._listens and now >= self._next_at:
            self._next_at = now + AGAIN_S
            self._listens = self._background.start(self._hear())

    async def aclose(self) -> None:
        await self._background.aclose(grace_s=0)

    async def _hear(self) -> None:
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
                async with asyncio.timeout(_CONNECT_S):
                    socket = await session.ws_connect(
                        self._url, headers=self._headers, heartbeat=_ALIVE_S, max_msg_size=_MESSAGE_BYTES
                    )
                async with socket:
                    await self._follow(socket)
        except _BROKEN as error:
            log.debug("progress can't be heard", provider="comfyui", error=type(error).__name__)
        finally:
            self._listens = False
            self._runs.clear()  # what is not heard any more may be over

    async def _follow(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            message = await socket.receive(timeout=_SILENT_S)
            if message.type is aiohttp.WSMsgType.TEXT:
                self._note(_json.loads(message.data.encode("utf-8", "surrogatepass")))
            elif message.type is not aiohttp.WSMsgType.BINARY:
                return

    def _note(self, message: object) -> None:
        if not isinstance(message, dict) or not isinstance(data := message.get("data"), dict):
            return
        run = data.get("prompt_id")
        if not isinstance(run, str):
            return
        kind = message.get("type")
        if kind in _OVERS or (kind == "executing" and data.get("node") is None):
            self._runs.pop(run, None)
        elif kind in _STARTS:
            self._set(run, self._runs.get(run, RunSteps()))
        elif kind == "progress":
            self._set(run, _steps(data))
        elif kind == "progress_state":
            self._set(run, _of_graph(data.get("nodes")))

    def _set(self, run: str, steps: RunSteps | None) -> None:
        if steps is None:
            return
        if run not in self._runs and len(self._runs) >= _RUNS_MAX:
            self._runs.pop(next(iter(self._runs)))
        self._runs[run] = steps


def _steps(data: Mapping[str, object]) -> RunSteps | None:
    """Of one node; one with a single step says nothing of the picture."""
    step, steps = data.get("value"), data.get("max")
    if not isinstance(step, int | float) or not isinstance(steps, int | float):
        return None
    if not 1 < steps <= _STEPS_MAX or not 0 <= step <= steps:
        return None
    return RunSteps(step=int(step), steps=int(steps))


def _of_graph(nodes: object) -> RunSteps | None:
    """Of the running node that has most to do."""
    running = [
        steps
        for node in (nodes.values() if isinstance(nodes, dict) else ())
        if isinstance(node, dict) and node.get("state") == "running" and (steps := _steps(node))
    ]
    return max(running, key=lambda steps: steps.steps, default=None)
