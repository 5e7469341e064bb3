"""docs/delivery.md says what the code does: a row for each kind of failure, and the code's own numbers."""

from pathlib import Path

from bot.errors import ShowFailure
from bot.job import State
from bot.jobs import unseen
from bot.ports import Phase
from bot.words.words import Words

TEXT = (Path(__file__).parents[2] / "docs/delivery.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| `")
]
WAYS = {State.CLEARED, State.RENDERING, State.FINISHED, State.FAILED}


def test_each_kind_of_failure_has_its_row_and_each_phase_its_column():
    assert [row[0].strip("`") for row in ROWS] == [str(kind) for kind in ShowFailure]
    assert {state.phase for state in WAYS} == set(Phase)
    assert all(len(row) == 1 + len(Phase) and all(row) for row in ROWS)


def test_the_numbers_are_those_of_the_code():
    minutes = [f"{pause_s / 60:.0f}" for pause_s in unseen.LOST_PAUSES_S]
    assert minutes == ["5", "30", "120", "360", "1440"]
    assert "after 5 minutes, 30 minutes, 2 hours, 6 hours and then each day for 7 days" in " ".join(
        TEXT.split()
    )
    assert (unseen.LOST_FOR_S, unseen.GIVE_UP_AFTER_S, unseen.TRIES_MAX) == (7 * 86_400, 7200, 14)
    assert TEXT.count(f"once more after {unseen.CONFIRM_S:.0f} s") == 6
    assert unseen.PAINTING_PAUSE_S == 60


def test_what_is_said_has_its_words():
    for language in ("en", "ko"):
        words = Words(language)
        assert all(words.knows(name) for name in ("failed-unseen", "undelivered", "unshown", "told-finished"))
    assert "`failed-unseen`" in TEXT
