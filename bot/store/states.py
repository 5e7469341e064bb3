"""Lists of states as SQL text, made from `State` itself: a new state is in the right ones by what it says of itself.

No other statement spells a state's name (a test looks); a single state is a parameter.
"""

from collections.abc import Iterable

from bot.job import State
from bot.ports import Phase, Priority


def listed(states: Iterable[State]) -> str:
    """The states in quotes and brackets, to stand behind IN."""
    return "(" + ", ".join(f"'{state}'" for state in states) + ")"


LIVE = listed(state for state in State if state.live)
ENDED = listed(state for state in State if state.ended)
PAINTING = listed(state for state in State if state.phase is Phase.PAINTING)
FINISHED = listed([State.FINISHED])
OVER = listed(state for state in State if state.phase is Phase.OVER)
FAILED = listed([State.FAILED])
PATIENCE_MS = (
    "CASE j.priority"
    + "".join(f" WHEN '{one}' THEN {one.patience_s * 1000}" for one in Priority)
    + f" ELSE {Priority.NORMAL.patience_s * 1000} END"
)
SAID_NO = listed([State.REFUSED, State.WITHHELD])  # moderation did, to the prompt or to the picture
