"""A clock that can be set is believed while it goes on as time does, and a day after it has jumped ahead."""

import time

import pytest

from bot.process.steady import JUMP_S, QUIET_S, SETTLES_S, Steady, quiet_s, slept_s
from tests.fakes.house import Clock

YEARS_S = 3 * 366 * 86_400.0


def at_noon(*, quiet_s=0.0):
    clock, passes = Clock(1_800_000_000.0), Clock(77.0)

    def passing(seconds, *, jump_s=0.0):
        passes.now_s += seconds
        clock.now_s += seconds + jump_s

    return Steady(clock, passes, quiet_s=quiet_s), passing


def test_a_clock_that_goes_on_as_time_does_is_believed_however_long_nobody_looked():
    steady, passing = at_noon()
    for seconds in (0, 60, 9 * SETTLES_S):
        passing(seconds)
        assert steady.look()


def test_one_that_jumps_ahead_is_believed_after_a_day():
    steady, passing = at_noon()
    passing(60, jump_s=YEARS_S)
    assert not steady.look()
    passing(SETTLES_S - 1)
    assert not steady.look()
    passing(1)
    assert steady.look()


def test_one_that_is_set_back_is_believed_at_once():
    steady, passing = at_noon()
    passing(60, jump_s=YEARS_S)
    assert not steady.look()
    passing(60, jump_s=-YEARS_S)
    assert steady.look()


def test_a_jump_of_less_than_a_day_is_none():
    """A machine that slept overnight, or the hour of summer."""
    steady, passing = at_noon()
    for jump_s in (JUMP_S, -JUMP_S, 3_600.0):
        passing(60, jump_s=jump_s)
        assert steady.look()


def test_one_that_was_set_back_by_a_part_of_its_jump_is_still_ahead():
    steady, passing = at_noon()
    for jump_s in (YEARS_S, -3 * JUMP_S):
        passing(60, jump_s=jump_s)
        assert not steady.look()
    passing(60, jump_s=3 * JUMP_S - YEARS_S)
    assert steady.look()


def test_what_it_was_set_back_before_is_none_of_its_next_jump():
    steady, passing = at_noon()
    passing(60, jump_s=-YEARS_S)
    assert steady.look()
    passing(60, jump_s=YEARS_S)
    assert not steady.look()


def test_one_that_may_be_ahead_at_its_start_is_believed_after_a_day():
    steady, passing = at_noon(quiet_s=QUIET_S + 1)
    assert not steady.look()
    passing(SETTLES_S - 1)
    assert not steady.look()
    passing(1)
    assert steady.look()


def test_one_that_was_ahead_at_its_start_is_believed_when_it_is_set_back():
    steady, passing = at_noon(quiet_s=YEARS_S)
    passing(60, jump_s=-YEARS_S)
    assert steady.look()


def test_a_month_in_which_nothing_happened_is_no_jump():
    steady, _ = at_noon(quiet_s=QUIET_S)
    assert steady.look()


DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("newest_ago_s", "before_ago_s", "quiet"),
    [
        (None, None, 0.0),
        (60.0, None, 0.0),  # as old as the store is
        (60.0, 2 * DAY_S, 0.0),
        (QUIET_S + 1, QUIET_S + 1 + DAY_S, QUIET_S + 1),
        (YEARS_S, None, YEARS_S),
        (60.0, YEARS_S, YEARS_S),  # written since this start, or by a clock that was as far ahead
    ],
)
def test_what_happened_last_counts_where_something_happened_before(newest_ago_s, before_ago_s, quiet):
    now = 1_800_000_000.0
    ago = [None if s is None else now - s for s in (newest_ago_s, before_ago_s)]
    assert quiet_s(now, *ago) > QUIET_S if quiet else quiet_s(now, *ago) <= QUIET_S
    if quiet:
        assert quiet_s(now, *ago) == quiet


@pytest.mark.skipif(not hasattr(time, "clock_gettime"), reason="this system's clock counts what it slept")
def test_what_a_machine_slept_is_told_by_its_clocks(monkeypatch):
    before = slept_s()
    monkeypatch.setattr(time, "clock_gettime", lambda _: time.monotonic() + before + 7_200)
    assert slept_s() - before == pytest.approx(7_200, abs=60)
