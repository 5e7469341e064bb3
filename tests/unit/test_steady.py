"""A clock that can be set is believed while it goes on as time does, and a day after it has jumped ahead."""

import time

import pytest

from bot.process.steady import JUMP_S, SETTLES_S, Steady, slept_s
from tests.fakes.house import Clock

YEARS_S = 3 * 366 * 86_400.0


def at_noon():
    clock, passes = Clock(1_800_000_000.0), Clock(77.0)

    def passing(seconds, *, jump_s=0.0):
        passes.now_s += seconds
        clock.now_s += seconds + jump_s

    return Steady(clock, passes), passing


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


@pytest.mark.skipif(not hasattr(time, "clock_gettime"), reason="this system's clock counts what it slept")
def test_what_a_machine_slept_is_told_by_its_clocks(monkeypatch):
    before = slept_s()
    monkeypatch.setattr(time, "clock_gettime", lambda _: time.monotonic() + before + 7_200)
    assert slept_s() - before == pytest.approx(7_200, abs=60)
