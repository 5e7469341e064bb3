"""A state is listed in one place: the store's lists follow from what each state says of itself."""

import ast
import re
from pathlib import Path

import pytest

import bot.store
from bot.errors import TooMany
from bot.job import State
from bot.store import open_store, states
from bot.store.jobs import Limits
from tests.fakes.books import accept, acceptance, run

NAMES = re.compile("'(" + "|".join(State) + ")'")


def spelled(source: str) -> list[str]:
    """The names of states that stand in quotes inside a text, as they would in a statement."""
    texts = (n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant))
    return [found for text in texts if isinstance(text, str) for found in NAMES.findall(text)]


def test_no_statement_spells_a_state():
    folder = Path(bot.store.__file__).parent
    assert {
        file.name: found for file in folder.rglob("*.py") if (found := spelled(file.read_text("utf-8")))
    } == {}


@pytest.mark.parametrize("text", ["sql(\"a = 'failed'\")", "sql(f\"IN ('live', 'cleared') {x}\")"])
def test_a_spelled_state_would_be_seen(text):
    assert len(spelled(text)) == 1


@pytest.mark.parametrize(
    ("listed", "meant"),
    [
        (states.LIVE, [state for state in State if state.live]),
        (states.ENDED, [state for state in State if not state.live]),
        (states.PAINTING, [state for state in State if state.phase == "painting"]),
    ],
)
def test_a_list_holds_exactly_the_states_that_it_means(listed, meant):
    assert re.findall(r"'(\w+)'", listed) == [str(state) for state in meant]
    assert re.fullmatch(r"\('\w+'(, '\w+')*\)", listed)


@pytest.mark.parametrize("state", State)
def test_the_provider_may_have_been_asked_for_exactly_what_is_painted(state: State):
    assert state.asked == (state.phase == "painting")
    assert state.asked or not state.uncertain


def test_only_a_state_before_the_answer_is_uncertain():
    assert [state for state in State if state.uncertain] == [State.SUBMITTING]


@pytest.mark.parametrize("state", State)
async def test_every_live_state_counts_against_the_limit_and_no_other(tmp_path: Path, state: State):
    store = await open_store(f"sqlite:///{tmp_path}/easel.db")
    await accept(store, "j1")
    await run(store, "UPDATE jobs SET state = :state", state=str(state))
    second = acceptance("j2", limits=Limits(per_requester=1))
    if state.live:
        with pytest.raises(TooMany):
            await store.jobs.accept(second)
    else:
        assert (await store.jobs.accept(second))[1]
    await store.aclose()
