"""A stored story is read by what we know: a newer Easel's line, or a damaged one, takes nothing else with it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.job import Look
from bot.story import edits_of, steps_of

OURS = {"at": 2_000, "to": "rendering", "by": ["gateway", "painter"]}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=9,
)


def story(*lines: object) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_a_look_with_more_in_it_is_read_by_what_we_know_and_one_of_another_shape_is_left_out():
    looks = [[1_000, "pending"], [2_000, "busy", {"tomorrow": 1}], [3_000], ["soon", "pending"], 4, None]
    (step,) = steps_of(story(OURS | {"looks": looks}))
    assert step.looks == (Look(1.0, "pending"), Look(2.0, "busy"))


@pytest.mark.parametrize("by", [5, "gateway", {"route": 1}, None, []])
def test_who_drew_is_nobody_where_that_can_t_be_read(by):
    (step,) = steps_of(story(OURS | {"by": by}))
    assert (step.provider, step.model, step.state) == ("", "", "rendering")


def test_a_line_that_can_t_be_read_takes_no_other_with_it():
    damaged = ["{", "5", "[" * 100_000, '{"to": "x"}', '{"at": "noon", "to": "x"}', '{"at": 1, "told": 5']
    text = "\n".join([*damaged, json.dumps(OURS), *damaged])
    assert [step.state for step in steps_of(text)] == ["rendering"]
    assert edits_of(text) == ()


@given(
    more=st.dictionaries(
        st.sampled_from(
            ["to", "by", "n", "why", "detail", "trouble", "doubtful", "looks", "told", "version"]
        ),
        ANYTHING,
    )
)
def test_whatever_stands_in_a_line_s_fields_it_is_read(more):
    text = story(OURS | more, OURS | {"told": "shown"} | more)
    assert len(steps_of(text)) == 2
    assert edits_of(text)
