"""What is remembered for a while: the newest so many entries of a mapping."""

from collections import OrderedDict
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value]):
    """A mapping that forgets its oldest entry when it holds too many; what is set is the newest."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self._most:
            self.popitem(last=False)

    def count(self: "Recent[Key, int]", key: Key) -> int:
        """Counts once more; how often that is, as far as it is remembered."""
        self[key] = self.get(key, 0) + 1
        return self[key]
