"""How far a service says that it is: a card says it seldom, and never goes on saying it."""

from bot.jobs.progress import EDITS_MAX, NOTHING, Progress, ProgressMark
from bot.provider import Pending


def test_a_card_is_edited_for_quarters_and_at_most_three_times():
    progress, edits = Progress(), 0
    for step in range(41):
        edits += progress.note("job", Pending(operation="op", step=step, steps=40))
    assert edits == EDITS_MAX == 3
    assert progress.of("job") == ProgressMark(step=30, steps=40)
    progress.leave("job")
    assert progress.of("job") == NOTHING


def test_the_place_in_a_services_line_is_said_once_and_then_the_steps():
    progress = Progress()
    places = [progress.note("job", Pending(operation="op", place=place)) for place in (5, 4, 3, 0)]
    assert places == [True, False, False, False]
    assert progress.of("job").queued == 6
    assert progress.note("job", Pending(operation="op", step=10, steps=20))
    assert progress.of("job") == ProgressMark(step=10, steps=20)


def test_who_tells_nothing_makes_no_edit():
    progress = Progress()
    assert not progress.note("job", Pending(operation="op"))
    assert not progress.note("job", Pending(operation="op", step=-3, steps=-1))
