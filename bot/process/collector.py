"""The collector of garbage while a program is made, and while it ends: looking through what stays is in vain."""

import contextlib
import gc
from collections.abc import Iterator

_COLLECTED_AFTER = (10_000, 20, 10)  # new values, and passes of the younger generations


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """Within the block nothing is looked through; what was made in it is left alone for good."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_rarely() -> None:
    """From now on it comes for many new values: each time it halts all, and pictures leave little for it."""
    gc.set_threshold(*_COLLECTED_AFTER)


def leave() -> None:
    """The process ends: what it leaves isn't looked through again, which takes a tenth of a short command's time."""
    gc.freeze()
