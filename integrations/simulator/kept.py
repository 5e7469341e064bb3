"""Operations as files, for a simulator that is killed and goes on: one file each, as long as somebody may ask for it.

A service keeps its operations whatever becomes of who asked for them. A simulator that lives in its client's process dies
with it, so that in the home of `easel play` it writes each down before it answers.
"""

import asyncio
import json
from base64 import b64decode, b64encode
from collections import deque
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from integrations.simulator.catalogue import Given, Problem, Wish, read_wish
from integrations.simulator.operations import Clocks, Ending, Operation, Plan

LIFE_S = 3600.0  # no job of ours asks for longer
MOST = 500
_WHOLE, _HALF = ".json", ".half"  # what else lies there is none of ours


class KeptOperations:
    """Writes operations into a folder, and reads them again."""

    def __init__(self, folder: Path, clocks: Clocks) -> None:
        self._folder = folder
        self._clocks = clocks
        self._files = deque[tuple[float, Path]]()  # the oldest first

    async def take_up(self) -> list[tuple[Operation, str | None]]:
        """Those that were kept, the oldest first, with their idempotency keys. Removes what is too old, or can't be read."""
        found = await asyncio.to_thread(self._look)
        self._files.extend((operation.created_s, path) for path, operation, _ in found)
        await self._remove_old()
        return [(operation, key) for _, operation, key in found]

    async def keep(self, operation: Operation, key: str | None) -> None:
        """Writes one down: all of it, or nothing. Raises OSError."""
        path = self._folder / f"{operation.id}{_WHOLE}"
        await asyncio.to_thread(_write, path, _written(operation, key))
        self._files.append((operation.created_s, path))
        await self._remove_old()

    def _look(self) -> list[tuple[Path, Operation, str | None]]:
        found = []
        for path in [
            one for one in self._folder.iterdir() if one.suffix in (_WHOLE, _HALF) and one.is_file()
        ]:
            try:
                operation, key = _read(json.loads(path.read_bytes()), self._clocks)
            except (
                ValueError,
                TypeError,
                KeyError,
                OverflowError,
                Problem,
            ):  # half written, or another version's
                path.unlink(missing_ok=True)
            else:
                found.append((path, operation, key))
        return sorted(found, key=lambda one: one[1].created_s)

    async def _remove_old(self) -> None:
        since, old = self._clocks.wall_s() - LIFE_S, []
        while self._files and (self._files[0][0] < since or len(self._files) > MOST):
            old.append(self._files.popleft()[1])
        for path in old:
            await asyncio.to_thread(path.unlink, missing_ok=True)


def _write(path: Path, written: dict[str, Any]) -> None:
    half = path.with_suffix(_HALF)
    half.write_text(json.dumps(written), encoding="utf-8")
    half.replace(path)


def _written(operation: Operation, key: str | None) -> dict[str, Any]:
    wish = operation.wish
    several = {"number_of_images": wish.images} if wish.images != 1 else {}
    given = {"input_images": list(wish.addresses)} if wish.addresses else {}
    return {
        "id": operation.id,
        "key": key,
        "body": {"model": wish.model.id, "prompt": wish.prompt, **several, **given, **wish.parameters},
        "given": [asdict(one) | {"data": b64encode(one.data).decode()} for one in wish.given],
        "plan": asdict(operation.plan),
        "seed": operation.seed,
        "created_s": operation.created_s,
        "takes_s": operation.ready_at_s - operation.accepted_at_s,
    }


def _read(kept: dict[str, Any], clocks: Clocks) -> tuple[Operation, str | None]:
    """Raises ValueError, TypeError, KeyError or Problem for what is none. Its time went on meanwhile."""
    given = tuple(Given(**one | {"data": b64decode(one["data"])}) for one in kept["given"])
    wish: Wish = replace(read_wish(kept["body"]), given=given)
    age_s = clocks.wall_s() - kept["created_s"]
    if not age_s > -LIFE_S:
        raise ValueError("it was begun by a clock that was ahead: nobody knows how long it has left")
    accepted_at_s = clocks.now_s() - age_s
    operation = Operation(
        id=kept["id"],
        wish=wish,
        plan=Plan(**kept["plan"] | {"ending": Ending(kept["plan"]["ending"])}),
        seed=kept["seed"],
        created_s=kept["created_s"],
        accepted_at_s=accepted_at_s,
        ready_at_s=accepted_at_s + kept["takes_s"],
    )
    return operation, kept["key"]
