"""What libraries would bring along where it is there, and nobody here asks of them: it stays outside.

structlog imports a terminal library for tracebacks in colours, httpx one for a command line of its own: 3 MiB in each
process. Commands that draw tables import it themselves, when they draw one.
"""

import contextlib
import sys
from collections.abc import Iterator

_NAMES = ("rich", "pygments")
_THEIR_COMMAND_LINE = "httpx._main"  # httpx does without it, as where its extra "cli" isn't installed


def import_without() -> None:
    """Those libraries are as they are where the others aren't installed; to be called before anything else is imported."""
    sys.modules.setdefault(_THEIR_COMMAND_LINE, None)  # type: ignore[arg-type]  # None: there is no such module
    with _absent(*_NAMES):
        import structlog  # noqa: F401, PLC0415 - what it found is kept


@contextlib.contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Within the block nobody finds these; what is imported already stays."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # the same
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
