"""What charts have in common: which names have a colour of their own, and how far an axis goes. Pure."""

from collections.abc import Iterable, Mapping

# Told apart by people who see colours differently: Okabe and Ito's, the black one left out.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#a8a29a")
OTHERS = "+"  # the name of all that have no colour of their own; the last colour is theirs
STEPS = 4  # of an axis
_TIMES = (1, 2, 3, 5, 10, 15, 20, 25)
_NAMED_MOST = len(COLOURS) - 1


def ranked(used: Iterable[Mapping[str, int]]) -> list[str]:
    """The names with a colour of their own, in its order: the most used first; all others are one."""
    sums: dict[str, int] = {}
    for each in used:
        for name, amount in each.items():
            sums[name] = sums.get(name, 0) + amount
    names = sorted(sums, key=lambda name: (-sums[name], name))
    return names[:_NAMED_MOST] + ([OTHERS] if len(names) > _NAMED_MOST else [])


def rounded(most: float) -> int:
    """Where an axis ends: a whole number that its steps divide, and that people read at once."""
    unit = STEPS
    while unit * _TIMES[-1] < most:
        unit *= 10
    return next(unit * times for times in _TIMES if unit * times >= most)
