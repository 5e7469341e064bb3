"""What is made at the start is left alone, and garbage is looked for again afterwards."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from bot.process import collector
from tests.fakes.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


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
    collector.collect_rarely()
    assert gc.get_threshold()[0] > before[0]


def test_who_leaves_leaves_nothing_to_look_through(thawed):
    made: list[list[int]] = [[] for _ in range(1_000)]
    collector.leave()
    assert len(gc.get_objects()) < len(made)


@pytest.mark.parametrize("words", [["why", "a fox"], ["nonsense"], ["why", "--no-such-option"]])
def test_every_command_ends_so(words):
    script = (
        "import gc, sys; from bot import cli; sys.argv = ['easel', *sys.argv[1:]]\n"
        "try: cli.main()\n"
        "finally: print(len(gc.get_objects()), file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert int(told.stderr.splitlines()[-1]) < 1_000  # of some two hundred thousand
