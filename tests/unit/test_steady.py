"""A clock that can be set is believed while it goes on as time does, and a day after it has jumped ahead."""

from bot.process.steady import JUMP_S, SETTLES_S, Steady
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
