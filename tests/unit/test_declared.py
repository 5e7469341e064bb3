"""What is declared is read by somebody: a key, a rule, a metric, a column or a fact that nothing obeys is a defect."""

import ast
import dataclasses
import inspect
import re
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from bot import abilities, events, job, model, money, notices, ports, provider, shops
from bot.community import holding
from bot.configuration.settings import Settings
from bot.events import Doing, Event, Telling
from bot.job import Asset, Job, Message, Move
from bot.model import Order
from bot.moderation.lexicon.findings import Kind, crossings
from bot.money import Balance
from bot.notices import Notice
from bot.order.flags import FLAGS
from bot.order.prompts import Prompt
from bot.ports import Action, Ask, Card, Do, Place, Policy, Verdict
from bot.process.telemetry import Metrics
from bot.provider import Standing
from bot.rules.rules import ChannelRule, RoleRule, Rules
from bot.store.rows import asset_of, job_of, message_of
from bot.talk import answers, deeds
from bot.talk.answers import Choice, Field, Form
from tests.fakes.columns import columns

ROOT = Path(__file__).parents[2]
STORE = ROOT / "bot" / "store"


@cache
def trees():
    """Each file of the code, parsed."""
    return {
        file: ast.parse(file.read_text(encoding="utf-8"))
        for folder in ("bot", "integrations")
        for file in sorted((ROOT / folder).rglob("*.py"))
    }


@cache
def read():
    """What is read in the code: of each file, every name behind a dot, with the name before it if there is one.

    What a match or a getter is told counts as read of nothing.
    """
    return {file: {one for node in ast.walk(tree) for one in reads(node)} for file, tree in trees().items()}


def reads(node):
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        match node.value:
            case ast.Name(id=owner) | ast.Attribute(attr=owner):
                yield owner, node.attr
            case _:  # what has no name of its own
                yield "", node.attr
    elif isinstance(node, ast.MatchClass):
        yield from (("", name) for name in node.kwd_attrs)


@cache
def members():
    """Each member of our enumerations -> the files that name it, but for the class itself."""
    named, found = defaultdict(set), []
    for file, tree in trees().items():
        enums = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and is_enum(node)]
        within = {id(part): node.name for node in enums for part in ast.walk(node)}
        for node in ast.walk(tree):
            for owner, name in reads(node):
                if owner != within.get(id(node)):
                    named[owner, name].add(file.relative_to(ROOT).as_posix())
        found += [(one.name, member) for one in enums for member in members_of(one)]
    return {member: named[member] for member in found}


def is_enum(node):
    return any(
        isinstance(base, ast.Name) and base.id in {"Enum", "IntEnum", "StrEnum"} for base in node.bases
    )


def members_of(node):
    given = [one.targets[0] for one in node.body if isinstance(one, ast.Assign)]
    return [one.id for one in given if isinstance(one, ast.Name)]


@cache
def by_owner():
    """What is read of each name."""
    found = defaultdict(set)
    for names in read().values():
        for owner, name in names:
            found[owner].add(name)
    return found


def read_in(*owners):
    """What is read of whatever is called so, as a part of its name: a fact called like any other is still missed."""
    return {
        name for owner, names in by_owner().items() if any(one in owner for one in owners) for name in names
    }


def read_of_self(file):
    """What the values of a file read of themselves."""
    return {name for of, name in read()[Path(file)] if of == "self"}


def sections():
    for name, field in Settings.model_fields.items():
        for key in getattr(field.annotation, "model_fields", {}):
            yield name, key


@pytest.mark.parametrize(
    "value",
    [
        *(Order, Job, Asset, Message, Move, Event, Notice, Doing, Telling),
        *(Card, Action, Form, Field, Choice, Verdict, Policy, Place, Ask, Standing, Balance),
    ],
)
def test_every_fact_of_a_value_is_read(value):
    own = read_of_self(inspect.getfile(value))
    assert {field.name for field in dataclasses.fields(value)} - read_in(
        value.__name__.lower()
    ) - own == set()


ROOMS_OF_VALUES = (abilities, answers, deeds, events, job, model, money, notices, ports, provider, shops)
VALUES = [
    one
    for room in ROOMS_OF_VALUES
    for one in vars(room).values()
    if isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == room.__name__
]


@pytest.mark.parametrize("value", VALUES)
def test_every_fact_of_any_value_is_read_by_somebody(value):
    """By whatever it is called there: several are only known as what was found, drawn or answered."""
    known = {name for file, names in read().items() if knows(file, value.__module__) for _, name in names}
    of_others = {(provider.Call, "query")}  # where other services than these sign
    assert {
        one.name for one in dataclasses.fields(value) if (value, one.name) not in of_others
    } - known == set()


@cache
def knows(file, module):
    """Whether a file imports from a room, or is it."""
    sources = {node.module for node in ast.walk(trees()[file]) if isinstance(node, ast.ImportFrom)}
    return module in sources or file == ROOT / f"{module.replace('.', '/')}.py"


@pytest.mark.parametrize(("value", "of_row"), [(Job, job_of), (Message, message_of), (Asset, asset_of)])
def test_every_fact_of_what_is_kept_is_read_of_its_row(value, of_row):
    """One with a default would be forgotten by every row, in silence."""
    assert {field.name for field in dataclasses.fields(value)} - said_in(of_row) == set()


def said_in(function):
    return set(re.findall(r"\w+", inspect.getsource(function)))


@pytest.mark.parametrize(("rule", "called"), [(RoleRule, "role"), (ChannelRule, "rule")])
def test_every_part_of_a_rule_by_role_or_channel_is_obeyed(rule, called):
    """Of its own name, or by the table of those of which the most generous wins."""
    obeyed = {name for file in OBEYING for of, name in read()[ROOT / file] if called in of}
    assert (
        set(rule.model_fields) - obeyed - (holding._GENEROUS.keys() if rule is RoleRule else set()) == set()
    )


OBEYING = ("bot/community/holding.py", "bot/community/quotas.py")


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
    assert set(Rules.model_fields) - read_in("rules") - read_of_self(inspect.getfile(Rules)) == set()


def test_every_key_of_the_configuration_is_read():
    assert {
        f"{section}.{key}"
        for section, key in sections()
        if key not in read_in(section, "settings", "section")
    } == set()


@pytest.mark.parametrize("folder", ["bot", "integrations"])
def test_every_ability_of_a_surface_is_asked_for_and_had_by_one(folder):
    """Each surface names what it can as its bases, so that the type checker misses a method that is called otherwise."""
    ports = {name for name, one in vars(abilities).items() if getattr(one, "_is_protocol", False)} - {
        "Protocol",
        "Surface",
    }
    assert len(ports) > 5
    used = {
        node.id
        for file, tree in trees().items()
        if file.is_relative_to(ROOT / folder) and file.name != "abilities.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
    }
    assert ports - used == set()


def test_every_metric_is_counted():
    assert set(vars(Metrics())) - read_in("metrics") == {"registry"}


def test_no_metric_tells_of_a_person_a_prompt_or_a_job():
    """Labels of few values: each is thought about, or this fails."""
    few = {"model", "outcome", "provider", "reason", "state", "status", "surface", "trouble"}
    metrics = [
        one for one in vars(Metrics()).values() if hasattr(one, "collect") and hasattr(one, "_labelnames")
    ]
    assert len(metrics) > 10
    assert {
        name: set(one._labelnames) - few
        for one in metrics
        if set(one._labelnames) - few
        for name in (one._name,)
    } == {}
    assert [one._name for one in metrics if not one._name.startswith("easel_")] == []


def test_every_text_of_the_core_is_named_by_somebody():
    """By its whole name, by how it begins where the rest is a value's, or by another text."""
    texts = "".join(file.read_text("utf-8") for file in (ROOT / "bot" / "locales").glob("en.*ftl"))
    code = "".join(
        file.read_text("utf-8")
        for folder in ("bot", "integrations")
        for kind in ("py", "js", "html")
        for file in (ROOT / folder).rglob(f"*.{kind}")
    )
    whole = set(re.findall(r"""["'`]([a-z][\w-]*)["'`]""", code)) | set(
        re.findall(r"{ ([a-z][\w-]*) }", texts)
    )
    begun = tuple(set(re.findall(r"""\bf["']([a-z][\w-]*-)\{""", code)))
    names = re.findall(r"^([a-z][\w-]*) =", texts, re.MULTILINE)
    assert len(names) > 400
    assert [name for name in names if name not in whole and not name.startswith(begun)] == []


def test_every_wish_is_taken_by_some_model():
    shipped = (ROOT / "integrations" / "providers").glob("*_models.toml")
    models = [one for file in shipped for one in tomllib.loads(file.read_text("utf-8"))["models"]]
    taken = {name for one in models for name in one.get("parameters", {})}
    assert {flag.name for flag in FLAGS if flag.is_wish and taken.isdisjoint(flag.parameters)} == set()


def test_every_button_stands_somewhere():
    stands = {"bot/cards/jobs.py", "bot/cards/events.py", "bot/talk/why_not.py"}
    named = {name for file in stands for of, name in read()[ROOT / file] if of == "Do"}
    below_answers = {"SHOW"}  # beside the pictures of an answer, by each surface
    assert {do.name for do in Do} - named - below_answers == set()


def test_every_member_of_an_enumeration_is_named_by_somebody():
    """What can be must come from somewhere: the type checker asks what is done about it, and not who makes it."""
    chosen = {("Priority", "RELAXED")}  # of all there are, by a moderator
    assert len(members()) > 200
    assert {member for member, files in members().items() if not files} - chosen == set()


def test_every_state_is_led_into_by_somebody():
    assert [
        name for (of, name), files in members().items() if of == "State" and files <= {"bot/job.py"}
    ] == []


def test_every_kind_of_word_is_needed_by_a_rule():
    needed = {need for rule in crossings() for need in (*rule.needs, rule.unless)}
    assert set(Kind) - needed == set()


def test_every_column_is_named_by_the_store():
    code = "".join(file.read_text(encoding="utf-8") for file in STORE.glob("*.py"))
    words = set(re.findall(r"\w+", code))
    assert {f"{table}.{column}" for table, column in columns() if column not in words} == set()
