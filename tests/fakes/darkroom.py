"""One darkroom for all tests of a process: starting its own processes takes longer than most tests."""

import atexit
from functools import cache

from bot.pictures.darkroom import Darkroom


@cache
def shared_darkroom() -> Darkroom:
    """It belongs to no event loop, so every test may use it; nobody closes it before the end."""
    room = Darkroom()
    atexit.register(room._close)
    return room
