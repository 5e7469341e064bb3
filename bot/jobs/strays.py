"""Leases of ours with nobody at work: renewed for ever, each would hold its job for ever."""


class Strays:
    """Those of the last renewal."""

    def __init__(self) -> None:
        self._last: set[str] = set()

    def __len__(self) -> int:
        return len(self._last)

    def renewed(self, strays: set[str]) -> list[str]:
        """Answers which were strays the last time, too, and so are to be given back."""
        long_ago = strays & self._last
        self._last = strays - long_ago
        return sorted(long_ago)
