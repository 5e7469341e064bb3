"""The recipes of CONTRIBUTING: whoever stops half-way is told so, by the type checker or by a test.

Each change is made in a copy of the tree, as somebody would make it who forgot the rest.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.ports import held

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "bot",
    "integrations",
    "tests",
    "bench",
    "docs",
    "pyproject.toml",
    "config.example.toml",
    "CONTRIBUTING.md",
)
# A cold type check on a busy machine takes minutes, and comes once.
pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True, kw_only=True)
class Half:
    """The first half of a change, and who must refuse it: mypy, or the tests at a place."""

    recipe: str
    file: str
    old: str
    new: str
    says: str  # what the refusal reads
    test: str = ""  # file and name; none: mypy
    alone: bool = False  # whether nothing starts any more, so that no other test says anything
    adds: bool = False  # whether `file` is a new one, with `new` in it


HALVES = {
    "a flag that stands in no table": Half(
        recipe="A flag",
        file="bot/order/prompts.py",
        old="    spoiler: bool | None = None\n",
        new="    spoiler: bool | None = None\n    mood: str | None = None\n",
        says=r"each flag is a field of Prompt and a row of the table of flags",
        test="tests/unit/test_prompts.py::test_the_pages_example_is_read_whole",
        alone=True,
    ),
    "a flag that stands in the table alone": Half(
        recipe="A flag",
        file="bot/order/flags.py",
        old='    Flag(name="spoiler",',
        new='    Flag(name="mood", spellings=("mood",), kind=FlagKind.SWITCH, label="label-mood"),\n    Flag(name="spoiler",',
        says=r"each flag is a field of Prompt and a row of the table of flags",
        test="tests/unit/test_prompts.py::test_the_pages_example_is_read_whole",
        alone=True,
    ),
    "a flag that nobody obeys": Half(
        recipe="A flag",
        file="bot/order/catalog.py",
        old="said(prompt.spoiler, ",
        new="said(None, ",
        says=r"'spoiler'",
        test="tests/unit/test_declared.py::test_every_flag_is_obeyed",
    ),
    "a wish that no model takes": Half(
        recipe="A flag",
        file="bot/order/flags.py",
        old='parameters=("background",)',
        new='parameters=("backdrop",)',
        says=r"'background'",
        test="tests/unit/test_declared.py::test_every_wish_is_taken_by_some_model",
    ),
    "a parameter that the service does not have": Half(
        recipe="A model parameter",
        file="integrations/providers/gateway_models.toml",
        old='id = "stability-ai/sdxl"\n',
        new='id = "stability-ai/sdxl"\nparameters.mood = ["calm"]\n',
        says=r"mood",
        test="tests/contract/test_gateway.py::test_the_catalogue_is_the_documented_one",
    ),
    "a parameter that the provider does not translate": Half(
        recipe="A model parameter",
        file="integrations/providers/google_models.toml",
        old='parameters.thinking_level = ["minimal", "medium"',
        new='parameters.mood = ["calm"]\nparameters.thinking_level = ["minimal", "medium"',
        says=r"mood",
        test="tests/contract/test_google.py::TestGoogle::test_models_have_the_parameters_that_the_service_documents",
    ),
    "a parameter that the provider hands on as it is": Half(
        recipe="A model parameter",
        file="integrations/providers/replicate_models.toml",
        old="parameters.negative_prompt",
        new='parameters.mood = ["calm"]\nparameters.negative_prompt',
        says=r"mood",
        test="tests/contract/test_replicate.py::TestReplicate::test_models_have_the_parameters_that_the_service_documents",
    ),
    "a rule renamed in the rules alone": Half(
        recipe="A community rule",
        file="bot/rules/rules.py",
        old="    insults: bool",
        new="    mere_insults: bool",
        says=r'bot/community/conduct\.py:\d+: error: "Rules" has no attribute "insults"',
    ),
    "a value of a rule that means nothing": Half(
        recipe="A community rule",
        file="bot/rules/rules.py",
        old='press: Literal["everyone", "requester"]',
        new='press: Literal["everyone", "requester", "moderators"]',
        says=r"bot/rights\.py:\d+: error: (Missing return|.*moderators)",
    ),
    "a period that nobody knows": Half(
        recipe="A community rule",
        file="bot/rules/rules.py",
        old='Period = Literal["day", "week", "month"]',
        new='Period = Literal["day", "week", "month", "year"]',
        says=r"bot/community/quotas\.py:\d+: error: (Missing return|.*year)",
    ),
    "a rule that nobody obeys": Half(
        recipe="A community rule",
        file="bot/rules/rules.py",
        old="    insults: bool",
        new='    sundays: bool = Field(default=True, description="Draws on Sundays.")\n    insults: bool',
        says=r"sundays",
        test="tests/unit/test_declared.py::test_every_rule_of_a_community_is_obeyed_somewhere",
    ),
    "a rule that is called as much else is": Half(
        recipe="A community rule",
        file="bot/rules/rules.py",
        old="    quarantine: bool",
        new='    title: bool = Field(default=True, description="Has a title.")\n    quarantine: bool',
        says=r"'title'",
        test="tests/unit/test_declared.py::test_every_rule_of_a_community_is_obeyed_somewhere",
    ),
    "a moderators' verb that nobody does": Half(
        recipe="A moderators' verb",
        file="bot/talk/verbs.py",
        old='    Verb(name="audit", needs=Power.JUDGE, example="audit"),\n',
        new='    Verb(name="audit", needs=Power.JUDGE, example="audit"),\n    Verb(name="praise", example="praise"),\n',
        says=r"praise",
        test="tests/unit/test_verbs.py::test_every_verb_is_done_by_somebody_and_nothing_else_can_be_said",
    ),
    "a button that nobody answers": Half(
        recipe="A card's button",
        file="bot/ports.py",
        old='    RETRY = "retry"\n',
        new='    RETRY = "retry"\n    FRAME = "frame"\n',
        says=r"bot/talk/talk\.py:\d+: error: (Missing return|.*FRAME)",
    ),
    "a button of the room that nobody does": Half(
        recipe="A card's button",
        file="bot/ports.py",
        old="RoomAct = Literal[Do.HIDE,",
        new="RoomAct = Literal[Do.SEND, Do.HIDE,",
        says=r"bot/staff/handling\.py:\d+: error: (Missing return|.*SEND)",
    ),
    "a button of the room that never stands on its card": Half(
        recipe="A card's button",
        file="bot/ports.py",
        old="RoomDo = Literal[Do.OPEN,",
        new="RoomDo = Literal[Do.TELL, Do.OPEN,",
        says=r"bot/cards/events\.py:\d+: error: (Missing return|.*TELL)",
    ),
    "a fact of a card that is called as much else is": Half(
        recipe="A card's button",
        file="bot/ports.py",
        old="    version: int  # of the job\n    role: Role = MAIN\n",
        new='    version: int  # of the job\n    role: Role = MAIN\n    mood: str = ""\n',
        says=r"'mood'",
        test="tests/unit/test_declared.py::test_every_fact_of_a_value_is_read[Card]",
    ),
    "a button that stands nowhere": Half(
        recipe="A card's button",
        file="bot/cards/jobs.py",
        old="(button(Do.TELL),)",
        new="()",
        says=r"'TELL'",
        test="tests/unit/test_declared.py::test_every_button_stands_somewhere",
    ),
    "a state without a phase": Half(
        recipe="A state",
        file="bot/job.py",
        old='    RENDERING = "rendering"\n',
        new='    RENDERING = "rendering"\n    UPSCALING = "upscaling"\n',
        says=r"bot/job\.py:\d+: error: (Missing return|.*UPSCALING)",
    ),
    "a state without arrows": Half(
        recipe="A state",
        file="bot/job.py",
        old="    State.RENDERING: frozenset({State.CLEARED, State.RENDERING}) | ENDS,\n",
        new="",
        says=r"each state has its arrows",
        test="tests/unit/test_cards.py",
        alone=True,
    ),
    "a provider that can't say how it stands": Half(
        recipe="A provider",
        file="integrations/providers/gateway.py",
        old="    async def standing(",
        new="    async def stands(",
        says=r"ours\.py:\d+: error: .*Provider",
    ),
    "a provider that is held to nothing": Half(
        recipe="A provider",
        file="pyproject.toml",
        old='[project.entry-points."easel.providers"]\n',
        new='[project.entry-points."easel.providers"]\npainty = "integrations.providers.stability:open_stability"\n',
        says=r"painty: no class of ProviderContract",
        test="tests/unit/test_project.py::test_each_provider_and_each_surface_is_held_to_its_contract[easel.providers]",
    ),
    "a provider that is never killed": Half(
        recipe="A provider",
        file="tests/chaos/far_services.py",
        old='name="stability"',
        new='name="sturdy"',
        says=r"'stability'",
        test="tests/unit/test_project.py::test_each_provider_is_killed_at_every_step",
    ),
    "a way of reaching a provider that nobody has thought through": Half(
        recipe="A provider",
        file="bot/errors.py",
        old='    UNKNOWN = "unknown"\n\n    @property\n    def never',
        new='    UNKNOWN = "unknown"\n    PARTLY = "partly"\n\n    @property\n    def never',
        says=r"bot/errors\.py:\d+: error: (Missing return|.*PARTLY)",
    ),
    "a surface that can't tell": Half(
        recipe="A surface",
        file="integrations/web/surface.py",
        old="    async def tell(",
        new="    async def says(",
        says=r'integrations/web/surface\.py:\d+: error: Cannot instantiate abstract class "Web"',
    ),
    "an ability of a surface that is called otherwise": Half(
        recipe="A surface",
        file="integrations/discord/surface.py",
        old="    async def take_back(",
        new="    async def takes_back(",
        says=r'error: Cannot instantiate abstract class "Discord" with abstract attribute "take_back"',
    ),
    "a surface that is held to nothing": Half(
        recipe="A surface",
        file="pyproject.toml",
        old='[project.entry-points."easel.surfaces"]\n',
        new='[project.entry-points."easel.surfaces"]\nirc = "integrations.web.surface:open_surface"\n',
        says=r"irc: no class of TalkContract",
        test="tests/unit/test_project.py::test_each_provider_and_each_surface_is_held_to_its_contract[easel.surfaces]",
    ),
    "a surface without a section": Half(
        recipe="A surface",
        file="pyproject.toml",
        old='web = "integrations.web.settings:WebSettings"\n',
        new="",
        says=r"'web'",
        test="tests/unit/test_project.py::test_each_provider_surface_and_shop_has_its_section",
    ),
    "an image check that judges by another name": Half(
        recipe="A check",
        file="integrations/moderation/nsfw.py",
        old="    async def judge_image(",
        new="    async def judge_picture(",
        says=r"ours\.py:\d+: error: .*ImageCheck",
    ),
    "a local check of others that is asked after accept": Half(
        recipe="A check",
        file="bot/moderation/panel.py",
        old="tuple(check for check in prompt_checks if check.local)",
        new='tuple(check for check in prompt_checks if check.local and check.name in ("lexicon", "own_words"))',
        says=r"local",
        test="tests/unit/test_moderation_panel.py",
    ),
    "a check that is opened by a wrong name": Half(
        recipe="A check",
        file="pyproject.toml",
        old='nsfw = "integrations.moderation.nsfw:open_nsfw"',
        new='nsfw = "integrations.moderation.nsfw:open_nswf"',
        says=r"open_nswf",
        test="tests/unit/test_project.py::test_every_entry_point_names_what_its_module_has[easel.image_checks]",
    ),
    "a check that no page tells of": Half(
        recipe="A check",
        file="pyproject.toml",
        old='[project.entry-points."easel.image_checks"]\n',
        new='[project.entry-points."easel.image_checks"]\ngrisly = "integrations.moderation.openai:open_openai"\n',
        says=r"grisly",
        test="tests/unit/test_project.py::test_each_check_is_told_of",
    ),
    "a sentence in one language": Half(
        recipe="A language",
        file="bot/locales/en.ftl",
        old="setting-json = ",
        new="brand-new = Something new.\nsetting-json = ",
        says=r"brand-new",
        test="tests/unit/test_words.py::test_every_language_has_every_text_with_the_same_facts",
    ),
    "a notice without a sentence": Half(
        recipe="A language",
        file="bot/credits/vouchers.py",
        old='says="gift-got"',
        new='says="gift-came"',
        says=r"gift-came",
        test="tests/unit/test_words.py::test_every_refusal_class_and_every_id_in_the_code_has_its_text",
    ),
    "a metric that no document names": Half(
        recipe="A metric",
        file="bot/process/telemetry.py",
        old="        self.undelivered = ",
        new='        self.doodles = Counter("easel_doodles", "Doodles.", registry=self.registry)\n        self.undelivered = ',
        says=r"easel_doodles",
        test="tests/unit/test_project.py::test_every_metric_is_documented",
    ),
    "a metric that nobody counts": Half(
        recipe="A metric",
        file="bot/process/telemetry.py",
        old="        self.undelivered = ",
        new='        self.scribbles = Counter("easel_scribbles", "Scribbles.", registry=self.registry)\n        self.undelivered = ',
        says=r"scribbles",
        test="tests/unit/test_declared.py::test_every_metric_is_counted",
    ),
    "a metric that tells of people": Half(
        recipe="A metric",
        file="bot/process/telemetry.py",
        old='"Messages posted and edited", ["surface", "outcome"]',
        new='"Messages posted and edited", ["surface", "outcome", "user"]',
        says=r"'user'",
        test="tests/unit/test_declared.py::test_no_metric_tells_of_a_person_a_prompt_or_a_job",
    ),
    "a migration without a revision": Half(
        recipe="A migration",
        file="bot/store/migrations/versions/0099_stars.sql",
        old="",
        new="ALTER TABLE jobs ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;\n",
        says=r"0099_stars",
        test="tests/unit/test_database.py::test_each_script_has_its_revision_and_the_last_one_is_the_head",
        adds=True,
    ),
    "a script that is changed after its release": Half(
        recipe="A migration",
        file="bot/store/migrations/versions/0012_asked_in_vain.sql",
        old="ALTER TABLE",
        new="ALTER  TABLE",
        says=r"0012_asked_in_vain",
        test="tests/unit/test_database.py::test_a_script_that_was_released_stays_as_it_was",
    ),
    "a column that nobody reads": Half(
        recipe="A migration",
        file="bot/store/migrations/versions/0099_stars.sql",
        old="",
        new="ALTER TABLE jobs ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;\n",
        says=r"jobs\.stars",
        test="tests/unit/test_declared.py::test_every_column_is_named_by_the_store",
        adds=True,
    ),
    "an order read by all that stands in it": Half(
        recipe="A migration",
        file="bot/store/rows.py",
        old="    order = Order(**known)\n",
        new="    order = Order(**stored)\n",
        says=r"tomorrow",
        test="tests/contract/test_store_sqlite.py::TestSqlite::test_an_order_with_more_in_it_is_read_and_carried_like_any",
    ),
    "a price that is rounded down": Half(
        recipe="A price",
        file="bot/community/quotas.py",
        old="    return math.ceil(listed *",
        new="    return math.floor(listed *",
        says=r"test_a_price_is_never_below_its_factor",
        test="tests/unit/test_quotas.py::test_a_price_is_never_below_its_factor_and_less_than_a_credit_above",
    ),
    "a model that costs nothing": Half(
        recipe="A price",
        file="integrations/providers/fal_models.toml",
        old="usd = 0.06\n",
        new="usd = 0.0\n",
        says=r"flux-1\.1-pro-ultra",
        test="tests/contract/test_fal.py::TestFal::test_no_picture_is_free_whatever_is_asked_for",
    ),
    "a row of prices that costs nothing": Half(
        recipe="A price",
        file="integrations/providers/bfl_models.toml",
        old='{ resolution = "1.5k", usd = 0.07 }',
        new='{ resolution = "1.5k", usd = 0.0 }',
        says=r"'resolution': \('1\.5k',\)",
        test="tests/contract/test_bfl.py::TestBfl::test_no_picture_is_free_whatever_is_asked_for",
    ),
    "a price changed in the catalogue alone": Half(
        recipe="A price",
        file="integrations/providers/gateway_models.toml",
        old='id = "gemini-2.5-flash-image"\ninputs = 3\ninputs_by = "link"\ncredits = 39\n',
        new='id = "gemini-2.5-flash-image"\ninputs = 3\ninputs_by = "link"\ncredits = 40\n',
        says=r"'gemini-2.5-flash-image': \(40,",
        test="tests/contract/test_gateway.py::test_the_catalogue_is_the_documented_one",
    ),
}


class Tree:
    """A copy of the project that may be spoiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            whole = ROOT / name
            if whole.is_dir():  # with what it was compiled to, and its times: nothing is compiled once more
                shutil.copytree(whole, folder / name, ignore=shutil.ignore_patterns("*.png", "*.pyc.*"))
            else:
                shutil.copy2(whole, folder / name)
        if (ROOT / ".mypy_cache").is_dir():
            # Only to be quicker: what another run is writing just now is left out.
            shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache", dirs_exist_ok=True)
        (folder / "ours.py").write_text(held(ROOT), encoding="utf-8")

    @contextlib.contextmanager
    def changed(self, halves: Iterable[Half]) -> Iterator[None]:
        """With these halves of changes, and whole again."""
        before: dict[Path, str | None] = {}
        try:
            for half in halves:
                file = self.folder / half.file
                before.setdefault(file, file.read_text(encoding="utf-8") if file.exists() else None)
                text = "" if half.adds else file.read_text(encoding="utf-8")
                assert half.adds or text.count(half.old) == 1, f"{half.file} has changed: mend this recipe"
                file.write_text(text.replace(half.old, half.new), encoding="utf-8")
            yield
        finally:
            for file, whole in before.items():
                if whole is None:
                    file.unlink()
                else:
                    file.write_text(whole, encoding="utf-8")

    def mypy(self) -> str:
        return self._run("mypy", "bot", "integrations", "ours.py")

    def pytest(self, *places: str) -> str:
        return self._run("pytest", "-vv", "-n", "0", "-p", "no:cacheprovider", *places)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTEST_XDIST_WORKER": ""},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return Tree(tmp_path_factory.mktemp("tree"))


def test_the_type_checker_refuses_each_half(tree):
    """All at once, since a type check takes a while: each has errors of its own."""
    halves = {name: half for name, half in HALVES.items() if not half.test}
    clean = tree.mypy()
    assert "ours.py" not in clean, clean
    assert [name for name, half in halves.items() if re.search(half.says, clean)] == []
    with tree.changed(halves.values()):
        said = tree.mypy()
    assert {name: half.says for name, half in halves.items() if not re.search(half.says, said)} == {}, said


def test_the_tests_that_refuse_are_well_without_a_half(tree):
    said = tree.pytest(*sorted({half.test for half in HALVES.values() if half.test}))
    assert re.search(r"\d+ passed", said), said[-3000:]
    assert not re.search(r"\d+ (failed|error)", said), said[-3000:]


def test_a_test_refuses_each_half(tree):
    """All at once, since each start of the tests takes a while; each half has a test of its own that fails."""
    halves = {name: half for name, half in HALVES.items() if half.test and not half.alone}
    with tree.changed(halves.values()):
        said = tree.pytest(*sorted({half.test for half in halves.values()}))
    failed = {
        name: f"FAILED {half.test}" in said and bool(re.search(half.says, said))
        for name, half in halves.items()
    }
    assert [name for name, seen in failed.items() if not seen] == [], said[-6000:]


@pytest.mark.parametrize("name", [name for name, half in HALVES.items() if half.alone])
def test_nothing_starts_with_the_half(tree, name):
    half = HALVES[name]
    with tree.changed([half]):
        said = tree.pytest(half.test)
    assert re.search(half.says, said), said[-3000:]


def test_contributing_has_a_recipe_of_at_most_ten_lines_for_each():
    text = (
        (ROOT / "CONTRIBUTING.md")
        .read_text(encoding="utf-8")
        .partition("## Recipes")[2]
        .partition("\n## ")[0]
    )
    recipes = {
        part.partition("\n")[0].strip(): part.partition("\n")[2].strip() for part in text.split("\n### ")[1:]
    }
    assert {half.recipe for half in HALVES.values()} == set(recipes), "each recipe is made by half"
    assert list(recipes) == [
        "A flag", "A model parameter", "A community rule", "A moderators' verb", "A card's button", "A state", "A provider",
        "A surface", "A check", "A language", "A metric", "A migration", "A price",
    ]  # fmt: skip
    assert {name: recipe for name, recipe in recipes.items() if not 1 <= len(recipe.splitlines()) <= 10} == {}


def test_a_recipe_names_only_files_that_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Recipes")[2]
    named = set(re.findall(r"`((?:bot|integrations|tests|docs|bench)/[\w./-]*\w|pyproject\.toml)`", text))
    assert len(named) > 15
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_recipe_of_a_language_names_each_file_in_which_words_of_one_stand():
    """Moderation has its own tongues, and what only Korean has stands in files of its own."""
    recipe = (
        (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("### A language")[2].partition("\n### ")[0]
    )
    files = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "bot").rglob("*.py"))
        if "moderation" not in path.parts and path.name != "particles.py"
    ]
    with_words = [name for name in files if re.search("[가-힣]", (ROOT / name).read_text("utf-8"))]
    assert len(with_words) > 5
    assert [name for name in with_words if f"`{name}`" not in recipe] == []
