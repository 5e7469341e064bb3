"""What is made at the start is left alone, and garbage is looked for again afterwards."""

import gc

import pytest

from bot import collector


@pytest.fixture
def thawed():
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.enable()
    gc.set_threshold(*thresholds)


def test_nothing_is_looked_through_within_and_what_was_made_is_left_alone(thawed):
    with collector.put_off():
        assert not gc.isenabled()
        made: list[list[int]] = [[] for _ in range(1_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(made)
    assert all(one is not made for one in gc.get_objects())


def test_it_comes_again_when_making_failed(thawed):
    with pytest.raises(RuntimeError), collector.put_off():
        raise RuntimeError
    assert gc.isenabled()


def test_afterwards_it_comes_rarely(thawed):
    before = gc.get_threshold()
    collector.rarely()
    assert gc.get_threshold()[0] > before[0]
