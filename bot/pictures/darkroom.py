"""The darkroom: verify, preview, fit, contact sheet; nothing here blocks the event loop, or outlives its time.

Pixels are worked on in two processes, each driven by a thread, since a thread that decodes can't be stopped. A picture
that has ended a process twice is never given to a third one.
"""

import asyncio
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from queue import SimpleQueue
from typing import Any

import structlog

from bot.errors import BadImage, Flaw
from bot.pictures import wire
from bot.pictures.anatomy import size_of
from bot.pictures.hand import Hand, HandLost
from bot.pictures.images import (
    AS_IT_IS,
    CELL_SIDE_PX,
    INPUT_LIMITS,
    LIMITS,
    PREVIEW_SIDE_PX,
    Bounds,
    Cell,
    Cleaned,
    Fitting,
    Verified,
    sniff,
)

log = structlog.get_logger()

DEATHS_MAX = 2  # processes that one picture may end
_REMEMBERED = 256  # pictures that ended one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What one process is asked for, once."""

    name: str
    blobs: tuple[bytes, ...] = field(repr=False)
    limits: Bounds
    facts: dict[str, Any] = field(default_factory=dict)
    peak_bytes: int

    @property
    def head(self) -> dict[str, Any]:
        return {"task": self.name, "limits": asdict(self.limits), **self.facts}


class Darkroom:
    """Does the work on pixels in processes of its own. Cancelling a wait doesn't stop the work."""

    def __init__(self, *, limits: Bounds = LIMITS, processes: int = 2) -> None:
        self._limits = limits
        self._pool = ThreadPoolExecutor(max_workers=processes, thread_name_prefix="darkroom")
        self._all_hands = [Hand() for _ in range(processes)]
        self._free: SimpleQueue[Hand] = SimpleQueue()
        for hand in self._all_hands:
            self._free.put(hand)
        self._memory = _Memory(limits.memory_bytes)
        self._deaths = _Deaths()

    async def verify(self, data: bytes, limits: Bounds | None = None) -> Verified:
        """Decodes the whole image once, and says what of it shall be kept. Raises BadImage for all else."""
        answer = await self._run(lambda: _task("verify", data, limits or self._limits))
        return _verified(answer, data)

    async def preview(self, data: bytes, *, side_px: int = PREVIEW_SIDE_PX) -> bytes:
        """A marked JPEG of which no side is longer than `side_px`."""
        answer = await self._run(lambda: _task("preview", data, self._limits, side_px=side_px))
        return answer.blobs[0]

    async def fit(self, data: bytes, limit_bytes: int) -> tuple[bytes, str]:
        """The same bytes when they are few enough, or a smaller marked JPEG; with the media type."""
        media_type = sniff(data)
        if len(data) <= limit_bytes:
            return data, media_type
        answer = await self._run(lambda: _task("fit", data, self._limits, limit_bytes=limit_bytes))
        return answer.blobs[0], sniff(answer.blobs[0])

    async def clean(self, data: bytes, fitting: Fitting = AS_IT_IS) -> Cleaned:
        """A person's own picture: upright, no larger than it shall be, without where, when or by whom it was made."""
        answer = await self._run(lambda: _task("clean", data, INPUT_LIMITS, fitting=asdict(fitting)))
        size = size_of(answer.blobs[0])
        return Cleaned(data=answer.blobs[0], media_type=size.media_type, width=size.width, height=size.height)

    async def grey(self, mask: bytes) -> bytes:
        """A mask as a grey PNG; what is see-through is white."""
        return (await self._run(lambda: _task("grey", mask, self._limits))).blobs[0]

    async def see_through(self, mask: bytes) -> bytes:
        """A mask as a PNG that is transparent where it was white."""
        return (await self._run(lambda: _task("see_through", mask, self._limits))).blobs[0]

    async def sheet(self, images: Sequence[bytes | Verified]) -> bytes:
        """One marked JPEG of all images side by side (2x1, 2x2), whatever their shapes.

        Give what `verify` answered, and nothing is decoded a second time.
        """
        verified = [i if isinstance(i, Verified) else await self.verify(i) for i in images]
        cells = [one.cell for one in verified]
        task = _Task(
            name="sheet",
            blobs=tuple(cell.rgb for cell in cells),
            limits=self._limits,
            facts={"sizes": [cell.size for cell in cells]},
            peak_bytes=sum(len(cell.rgb) for cell in cells) * 3,
        )
        return (await self._run(lambda: task)).blobs[0]

    async def aclose(self) -> None:
        """Ends the processes, whatever they do; what waits in line is dropped."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        for hand in self._all_hands:
            hand.end()
        self._pool.shutdown(cancel_futures=True)
        for hand in self._all_hands:
            hand.clear()

    async def _run(self, make: Callable[[], _Task]) -> wire.WireMessage:
        # The line is bounded by the callers: each waits for its own answer.
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._do, make)

    # ── In the thread ────────────────────────────────────────────────────────────────────────────────

    def _do(self, make: Callable[[], _Task]) -> wire.WireMessage:
        task = make()
        with self._memory.taken(task.peak_bytes):
            hand = self._free.get()
            try:
                answer = self._tried(hand, task)
            finally:
                self._free.put(hand)
        if "bad" in answer.head or not answer.blobs:
            raise BadImage(str(answer.head.get("bad"))[:200], flaw=_flaw_of(answer.head))
        return answer

    def _tried(self, hand: Hand, task: _Task) -> wire.WireMessage:
        """Once more after a death, since an innocent process is killed, too: by a full machine, or a stop."""
        while not self._deaths.fatal(task.blobs):
            try:
                return hand.ask(
                    task.head, task.blobs, time_s=task.limits.time_s, limit_bytes=task.limits.size_bytes
                )
            except HandLost as lost:
                self._deaths.note(task.blobs)
                log.warning("a picture ended its process", task=task.name, problem=str(lost))
        raise BadImage(f"it ended {DEATHS_MAX} processes")


def _task(name: str, data: bytes, limits: Bounds, **facts: Any) -> _Task:
    """Refuses at once what its header tells; the rest is refused where it is taken apart."""
    if len(data) > limits.size_bytes:
        raise BadImage(f"more than {limits.size_bytes} bytes", flaw=Flaw.LARGE)
    size = size_of(data)
    return _Task(name=name, blobs=(data,), limits=limits, facts=facts, peak_bytes=size.peak_bytes)


def _flaw_of(head: dict[str, Any]) -> Flaw:
    """What the process found wrong; it has read foreign bytes, so it may say anything."""
    told = head.get("flaw")
    return Flaw(told) if isinstance(told, str) and told in set(Flaw) else Flaw.BROKEN


def _verified(answer: wire.WireMessage, data: bytes) -> Verified:
    """What the process says, checked: it has read foreign bytes."""
    facts, (rgb, *kept) = answer.head, answer.blobs
    try:
        width, height = facts["cell"]
        if not 0 < max(width, height) <= CELL_SIDE_PX:
            raise BadImage("a cell of another size")
        return Verified(
            media_type=sniff(kept[0] if kept else data),
            width=int(facts["width"]),
            height=int(facts["height"]),
            size_bytes=len(data),
            data=kept[0] if kept else data,
            cell=Cell(width=width, height=height, rgb=rgb),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadImage("its process answered nonsense") from error


class _Memory:
    """What all pictures in work may take together: who needs more than is left waits, the others behind him."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = self._left_bytes = size_bytes
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, peak_bytes: int) -> Iterator[None]:
        # What is more than all there is goes alone; it is refused by its size then.
        share = min(peak_bytes, self._size_bytes)
        with self._changed:
            self._changed.wait_for(lambda: self._left_bytes >= share)
            self._left_bytes -= share
        try:
            yield
        finally:
            with self._changed:
                self._left_bytes += share
                self._changed.notify_all()


class _Deaths:
    """How many processes each picture has ended; the last some hundred pictures that did."""

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._lock = threading.Lock()

    def fatal(self, blobs: Sequence[bytes]) -> bool:
        if not self._counts:  # nearly always, and then nothing is hashed
            return False
        with self._lock:
            return self._counts.get(_digest(blobs), 0) >= DEATHS_MAX

    def note(self, blobs: Sequence[bytes]) -> None:
        digest = _digest(blobs)
        with self._lock:
            self._counts[digest] = self._counts.pop(digest, 0) + 1
            while len(self._counts) > _REMEMBERED:
                self._counts.popitem(last=False)


def _digest(blobs: Sequence[bytes]) -> bytes:
    whole = hashlib.sha256()
    for blob in blobs:
        whole.update(blob)
    return whole.digest()
