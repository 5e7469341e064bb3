"""Whom a text speaks of, as the checks read it: in every language and every disguise.

What is excused for showing nobody asks here, as no list of its own knows a `g1rl` or a `Schülerin`.
"""

from collections.abc import Callable
from typing import NamedTuple


class Whom(NamedTuple):
    """The words of one text for people."""

    young: frozenset[str] = frozenset()  # for the surely young, and for whoever may be
    grown: frozenset[str] = frozenset()  # for somebody of any age

    @property
    def is_nobody(self) -> bool:
        """Whether there is none."""
        return not self.young and not self.grown


Asks = Callable[[str], Whom]
