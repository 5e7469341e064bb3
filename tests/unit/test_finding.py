"""Pages of a history as buttons carry them, what a search finds, and the chart of what was spent."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.pictures.charts import Bar, usage_chart
from bot.talk.finding import PAGES_MOST, HistoryPlace


@given(
    st.lists(st.text(min_size=1, max_size=8).filter(lambda word: word.split() == [word]), max_size=3),
    st.integers(1, PAGES_MOST),
)
@settings(max_examples=100, deadline=None)
def test_a_button_leads_where_it_says(words, page):
    token = HistoryPlace(words=tuple(words), page=page).token
    assert token == "" or (
        len(token) <= 70 and token.isascii() and token.isalnum() and token == token.lower()
    )
    if token:
        assert HistoryPlace.of(token) == HistoryPlace(words=tuple(words), page=page)


def test_what_was_typed_is_searched_for():
    assert HistoryPlace.of("  red   fox ") == HistoryPlace(words=("red", "fox"))
    assert HistoryPlace.of("") == HistoryPlace()
    assert HistoryPlace.of("p2") == HistoryPlace(page=2)
    assert HistoryPlace.of("p2q1") == HistoryPlace(words=("p2q1",))
    assert HistoryPlace.of("p0").words == ("p0",)
    assert HistoryPlace.of("p999").page == PAGES_MOST
    assert HistoryPlace(words=("설원의", "붉은", "여우", "그리고", "달과", "별과", "바람")).token == ""


def colours_of(png):
    with Image.open(io.BytesIO(png)) as image:
        found = image.convert("RGB")
        red, green, blue = (found.tobytes()[colour::3] for colour in range(3))
        return found.size, set(zip(red, green, blue, strict=True))


def test_a_chart_shows_days_people_and_models_and_no_letter_that_its_font_lacks():
    days = [Bar(label=f"11-{day:02}", credits={"flux": day, "sdxl": 2}) for day in range(1, 31)]
    size, colours = colours_of(
        usage_chart(days, [Bar(label="mina", credits={"flux": 9}), Bar(label="tom", credits={"sdxl": 5})])
    )
    assert size[0] == 960
    assert {(0, 114, 178), (230, 159, 0)} <= colours
    korean = usage_chart(days, [Bar(label="김민아", credits={"flux": 9})])
    numbered = usage_chart(days, [Bar(label="", credits={"flux": 9})])
    assert korean == numbered, "a name without letters here stands by its number"
    many = {f"model-{number}": number + 1 for number in range(20)}
    assert colours_of(usage_chart([Bar(label="11-29", credits=many)], []))[0][0] == 960
    assert colours_of(
        usage_chart([Bar(label="11-29", credits={"x": 10**9})], [Bar(label="a" * 300, credits={"x": 1})])
    )
    assert colours_of(usage_chart([], []))
