"""The first response to an interaction: within 3 s, and tried as often as there is time for."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from integrations.discord._wire import DiscordFault, File, Rest
from integrations.discord.address import FIRST_WITHIN_S, DiscordAddress

_PAUSES_S = (0.1, 0.3, 0.7)
_LEAST_S = 0.2  # what a try takes
_TOO_MANY = 429


async def say_first(
    rest: Rest,
    where: DiscordAddress,
    path: str,
    response: dict[str, Any],
    files: Sequence[File] = (),
    *,
    clock: Callable[[], float] = time.time,
    rests: bool = False,
) -> dict[str, Any]:
    """A quick 5xx or a cut line leaves time for other tries; where one `rests`, a 429 too. Raises DiscordFault.

    After a try whose answer was lost every refusal is doubtful: one of those before may have been heard.
    """
    # Where the clock was set back meanwhile there is no more time for that.
    until, pauses, lost = min(where.asked_at, clock()) + FIRST_WITHIN_S, [*_PAUSES_S], False
    while True:
        try:
            return await rest.once(path, response, files=files, within_s=until - clock())
        except DiscordFault as fault:
            again = fault.doubtful or (rests and fault.status == _TOO_MANY)  # whose rest may be over in time
            lost = fault.doubtful = lost or fault.doubtful
            if not again or not pauses or clock() + pauses[0] + _LEAST_S > until:
                raise
        await asyncio.sleep(pauses.pop(0))
