"""The table of flags: one row and one field make a flag on every surface, and a half-done change fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadPrompt
from bot.order.defaults import read_defaults
from bot.order.flags import FLAGS, UNSET, FlagKind, by_spelling, defaults
from bot.order.prompts import parse
from bot.words.words import Words
from tests.fakes.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
VALUES = {FlagKind.SHAPE: "4:3", FlagKind.COUNT: "2", FlagKind.NUMBER: "7", FlagKind.SWITCH: "yes"}


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_flag_is_read_and_typed_again_from_its_row(flag):
    value = VALUES.get(flag.kind, "ink")
    for spelling in flag.spellings:
        assert by_spelling(spelling.upper().replace("_", "-")) is flag
        prompt = parse("a fox", {spelling: value})
        assert flag is not None
        assert prompt.said() == {flag.name: value}
        assert flag.spelled in prompt.typed


def test_every_flag_has_its_texts_in_every_language():
    words = Words()
    needed = {flag.label for flag in FLAGS} | {f"web-flag-{flag.name}" for flag in FLAGS}
    for language in words.languages:
        assert {i for i in needed if not words.knows(i, language)} == set()


# ── A new flag ───────────────────────────────────────────────────────────────────────────────────────

ROW = """FLAGS: tuple[Flag, ...] = (
    Flag(
        name="camera", spellings=("camera", "lens"), kind=FlagKind.CHOICE, label="label-camera",
        parameters=("camera_angle",), is_default=True, in_form=True, option=True, suggested=True,
    ),
"""
FIELD = "    spoiler: bool | None = None\n    camera: str | None = None\n"
NEW_FLAG_AT_WORK = """
import asyncio, sys
from pathlib import Path
from bot.cards.jobs import card_of, Hints
from bot.order.defaults import read_defaults
from bot.order.prompts import parse, wishes
from bot.ports import MAIN, Address, Ask, Place
from integrations.web.people import PEOPLE
from tests.fakes.patience import PATIENCE_S
from tests.fakes.page import served
from tests.fakes.patience import PATIENCE_S

async def main():
    models = {"stability-ai/sdxl": {"parameters": {"camera_angle": ["wide", "low"]}}}
    async with served(Path(sys.argv[1]), models=models) as page:
        studio, store, words = page.house.studio, page.house.store, page.house.words
        robin = PEOPLE["robin"]

        async def ask(text, key):
            place = Place(address=Address(surface="web", data={"at": "1"}), channel="page")
            asked = Ask(requester=robin.requester, place=place, text=text, request_key=key)
            return (await studio.imagine(asked)).job

        assert parse("a fox --Lens wide").camera == "wide"
        await studio.set_defaults(robin.requester, read_defaults("--model sdxl --camera LOW"))
        assert (await studio.defaults(robin.requester))["camera"] == "LOW"
        job = await ask("a fox", "a" * 12)
        assert dict(job.order.parameters) == {"camera_angle": "low"}
        job = await ask("a fox --camera wide", "b" * 12)
        assert wishes(job.order)["camera"] == "wide"
        message = next(m for m in await store.messages.of(job.id) if m.role == MAIN)
        assert "wide" in str(card_of(job, message, words, Hints()).facts)
        async with page.client() as client:
            hello = (await client.get("/page/hello")).json()
        assert hello["flags"][0] == {
            "flag": "--camera", "spellings": ["camera", "lens"], "kind": "choice", "every": False, "about": "",
            "label": words.say("label-camera"), "control": True,
        }
        (sdxl,) = (m for m in hello["models"] if m["name"] == "sdxl")
        assert sdxl["flags"]["--camera"] == ["wide", "low"]

asyncio.run(main())
"""


def changed_copy(folder, *, row, field):
    """The program with another flag, or with half of one."""
    for package in ("bot", "integrations"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new, wanted in (
        ("flags.py", "FLAGS: tuple[Flag, ...] = (\n", ROW, row),
        ("prompts.py", "    spoiler: bool | None = None\n", FIELD, field),
    ):
        path = folder / "bot" / "order" / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new) if wanted else text, "utf-8")
    return folder


def python(folder, script, *arguments):
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


def test_a_row_and_a_field_make_a_flag_that_is_typed_kept_offered_and_listed(tmp_path):
    done = python(changed_copy(tmp_path, row=True, field=True), NEW_FLAG_AT_WORK, str(tmp_path))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("row", "field"), [(True, False), (False, True)])
def test_half_a_flag_does_not_start(tmp_path, row, field):
    done = python(changed_copy(tmp_path, row=row, field=field), "import bot.order.prompts")
    assert done.returncode != 0
    assert "each flag is a field of Prompt and a row of the table of flags" in done.stderr


# ── A typed line of defaults ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        # As people type it in a chat
        (
            "--model flux --ar 16:9 --private",
            {"model": "flux", "aspect": "16:9", "private": "yes"},
        ),
        ("--model flux-2-pro --ar 16:9", {"model": "flux-2-pro", "aspect": "16:9"}),
        ("model=flux", {"model": "flux"}),
        ("ar: 16:9", {"aspect": "16:9"}),
        ("ar:16:9, q = high", {"aspect": "16:9", "quality": "high"}),
        ("—ar 16:9 –m flux", {"aspect": "16:9", "model": "flux"}),
        ("--model none --style 지우기 --quality Reset", {"model": None, "style": None, "quality": None}),
        ("--private no", {"private": "no"}),
        ("--private 아니요", {"private": "아니요"}),
        ("--private clear", {"private": None}),
        ("colour=red", {"colour": "red"}),
        # As people type it on the page
        ("--ar 16:9 model sdxl private", {"aspect": "16:9", "model": "sdxl", "private": "yes"}),
        ("ar 16:9", {"aspect": "16:9"}),
        ("style", {"style": None}),
        ("--style --ar 1:1", {"style": None, "aspect": "1:1"}),
        ("private --ar 1:1", {"private": "yes", "aspect": "1:1"}),
        ("private ar 1:1", {"private": "yes", "aspect": "1:1"}),
        ("--PRIVATE yes -s Ink", {"private": "yes", "style": "Ink"}),
        # Every spelling counts, and an explicit joint takes what follows
        ("--aspect-ratio 1:1", {"aspect": "1:1"}),
        ("private=maybe", {"private": "maybe"}),
        ("", {}),
        ("  ", {}),
    ],
)
def test_a_line_of_defaults_is_read_alike_on_every_surface(text, changes):
    assert read_defaults(text) == changes


@pytest.mark.parametrize("word", [*sorted(UNSET), " CLEAR "])
def test_a_word_alone_unsets_all(word):
    assert read_defaults(word) == dict.fromkeys(defaults())


@pytest.mark.parametrize("text", ["--", "16:9", "!!! model flux", "--model flux = high"])
def test_what_is_no_name_is_refused_with_the_names_there_are(text):
    with pytest.raises(BadPrompt) as error:
        read_defaults(text)
    assert error.value.reason == "setting-unknown"
    assert error.value.facts["values"] == "model, aspect, style, quality, size, private, tell"


@given(st.lists(st.sampled_from([*"-—=: \n\u00a0", "--", "private", "ar", "16:9", "clear", "x" * 50, "!"])))
@settings(max_examples=300, deadline=None)
def test_any_line_gives_changes_or_a_refusal(pieces):
    try:
        changes = read_defaults("".join(pieces))
    except BadPrompt:
        return
    assert all(0 < len(name) <= 40 for name in changes)
    assert all(value is None or (value and value == value.strip()) for value in changes.values())
