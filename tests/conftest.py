"""The long batteries run when they are asked for (`pytest -m long`), and `pytest -m quick` is the inner loop.

What is drawn by chance is drawn alike in every run, so that a run that fails can be run again; with `-m long`, or
with `EASEL_SEED`, by another seed, which is printed.
"""

import os
import re
import secrets
import shutil
import tempfile
from functools import cache, partial
from pathlib import Path

import hypothesis
import pytest
import structlog

from bot.process import collector

UNIT = Path(__file__).parent / "unit"
# What takes a while: processes, servers, browsers, PostgreSQL, whole houses, threads of pixels, type checkers.
SLOW_MODULES = re.compile(
    r"tests\.(fakes\.(discord|slack|simulator|page|house|postgres)|chaos)"
    r"|subprocess|moto|playwright|mypy|aiohttp\.web|PIL|onnx|bot\.(app|building|store)\b(?!\.(jobs|rows|schema|shared|books))"
    r"|integrations\.simulator\.app|hypothesis"
)
IMPORTS = re.compile(
    r"^ *(?:from (?P<module>[\w.]+) import (?P<names>[(][^)]*|.*)|import (?P<plain>[\w., ]+))", re.MULTILINE
)
SLOW_FIXTURES = {"postgres", "server", "simulation", "page", "wheel", "template"}


SEED = 20_261_129

hypothesis.settings.register_profile("alike", derandomize=True)
hypothesis.settings.register_profile("by chance", print_blob=True)


def pytest_configure(config):
    # A command in this very process sets the logs up: a logger that remembered how would be deaf to the next test.
    structlog.configure = partial(_without_memory, structlog.configure)
    # Many tests start the program: what it is compiled to is kept, whatever this shell says, and not made each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("EASEL_HOME", tempfile.mkdtemp(prefix="easel-tests-home-"))
    hypothesis.settings.load_profile("by chance" if by_chance(config) else "alike")


def _without_memory(configure, **settings):
    configure(**{**settings, "cache_logger_on_first_use": False})


def pytest_unconfigure(config):
    del config
    home = os.environ.get("EASEL_HOME", "")
    if Path(home).name.startswith("easel-tests-home-"):
        shutil.rmtree(home, ignore_errors=True)


def by_chance(config):
    return "long" in (config.option.markexpr or "") or "EASEL_SEED" in os.environ


@pytest.fixture
def seed(pytestconfig):
    """What a test's chance begins with."""
    chosen = int(os.environ.get("EASEL_SEED") or secrets.randbits(32)) if by_chance(pytestconfig) else SEED
    print(f"seed {chosen}")
    return chosen


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Nearly all that is made now stays: it is not looked through for garbage, now or in any test."""
    with collector.put_off():
        return (yield)


def pytest_ignore_collect(collection_path, config):
    """Of the files without a quick test not even the imports are waited for."""
    if config.option.markexpr == "quick" and collection_path.name.startswith("test_"):
        return True if UNIT not in collection_path.parents or starts_something(collection_path) else None
    return None


def pytest_collection_modifyitems(config, items):
    chosen = config.option.markexpr or ""
    if "quick" in chosen:  # Each file is read for it: only when it is asked for.
        for item in items:
            if is_quick(item):
                item.add_marker(pytest.mark.quick)
    if "long" in chosen:
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="a long battery: pytest -m long"))


def is_quick(item):
    """A pure test of a unit: nothing is started, nothing far is spoken to."""
    slow = item.get_closest_marker("long") or item.get_closest_marker("slow")
    pure = UNIT in item.path.parents and not starts_something(item.path)
    return pure and not slow and SLOW_FIXTURES.isdisjoint(item.fixturenames)


@cache
def starts_something(path):
    """Whether the file imports what starts processes, servers or browsers."""
    return any(SLOW_MODULES.match(name) for name in imported(path.read_text(encoding="utf-8")))


def imported(source):
    """What a file imports, by its lines as the formatter leaves them: parsing all files takes a second in each process."""
    for said in IMPORTS.finditer(source):
        if said["module"]:
            yield said["module"]
            yield from (f"{said['module']}.{name}" for name in re.findall(r"\w+", said["names"]))
        else:
            yield from re.split(r",\s*", said["plain"])
