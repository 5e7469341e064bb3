"""What libraries would bring along where it is there, and nobody here asks of them: it stays outside.

structlog and httpx import a terminal library for tracebacks in colours and a command line of their own: 3 MiB in each
process. Commands that draw tables import it themselves, when they draw one.
"""

import contextlib
import sys
from collections.abc import Iterator

_NAMES = ("rich", "pygments")


def import_without() -> None:
    """Imports those libraries as they are where the others aren't installed; to be called before anything else is."""
    with _absent(*_NAMES):
        import httpx  # noqa: F401, PLC0415 - what it found is kept
        import structlog  # noqa: F401, PLC0415 - the same


@contextlib.contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Within the block nobody finds these; what is imported already stays."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: there is no such module
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
