"""What is declared is read by somebody: a key, a rule, a metric, a column or a fact that nothing obeys is a defect."""

import ast
import dataclasses
import re
from functools import cache
from pathlib import Path

import pytest

from bot.community.rules import Rules
from bot.job import Move
from bot.model import Order
from bot.order.flags import FLAGS
from bot.order.prompts import Prompt
from bot.ports import Card
from bot.settings import Settings
from bot.telemetry import Metrics
from tests.fakes.columns import columns

ROOT = Path(__file__).parents[2]
STORE = ROOT / "bot" / "store"


@cache
def read():
    """What is read in the code: of each file, every name behind a dot, with the variable before it if it is one.

    What a match or a getter is told counts as read of nothing.
    """
    return {
        file: {one for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) for one in reads(node)}
        for folder in ("bot", "integrations")
        for file in sorted((ROOT / folder).rglob("*.py"))
    }


def reads(node):
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield (node.value.id if isinstance(node.value, ast.Name) else "", node.attr)
    elif isinstance(node, ast.MatchClass):
        yield from (("", name) for name in node.kwd_attrs)


@cache
def attributes():
    return {name for found in read().values() for _, name in found}


def sections():
    for name, field in Settings.model_fields.items():
        for key in getattr(field.annotation, "model_fields", {}):
            yield f"{name}.{key}"


@pytest.mark.parametrize("value", [Order, Card, Move])
def test_every_fact_of_a_value_is_read(value):
    assert {field.name for field in dataclasses.fields(value)} - attributes() == set()


def read_of(variable, *, but):
    """What the core reads of a variable of this name, outside of one file."""
    core = {file: found for file, found in read().items() if (ROOT / "bot") in file.parents and file != but}
    return {name for found in core.values() for of, name in found if of == variable}


def test_every_flag_is_obeyed():
    """A wish is, as a parameter of the model; any other by who reads it of the prompt, and parsing obeys nothing."""
    by_parameter = {flag.name for flag in FLAGS if flag.is_wish}
    elsewhere = read_of("prompt", but=ROOT / "bot" / "order" / "prompts.py")
    assert {field.name for field in dataclasses.fields(Prompt)} - by_parameter - elsewhere == set()


def test_every_rule_of_a_community_is_obeyed_somewhere():
    assert set(Rules.model_fields) - attributes() == set()


def test_every_key_of_the_configuration_is_read():
    assert {key for key in sections() if key.partition(".")[2] not in attributes()} == set()


def test_every_metric_is_counted():
    assert {name for name in vars(Metrics()) if not name.startswith("_")} - attributes() == set()


def test_every_column_is_named_by_the_store():
    code = "".join(file.read_text(encoding="utf-8") for file in STORE.glob("*.py"))
    words = set(re.findall(r"\w+", code))
    assert {f"{table}.{column}" for table, column in columns() if column not in words} == set()
