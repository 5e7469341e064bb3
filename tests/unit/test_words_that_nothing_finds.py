"""Laws of words that nobody could be refused for: on every way in they are answered by a kind sentence, and kept nowhere."""

import pytest

from bot.errors import BadPrompt
from bot.talk.admin_text import AdminText
from bot.words.words import Words
from tests.fakes.command import command
from tests.fakes.house import new_sqlite, open_town
from tests.fakes.page import served

NAMES = ("blocked_words", "allowed_words")
FOUND_NOWHERE = ("a", "ㄱ", "가", ".*", "(", "[^]", "\\", "^$", "$", "x?", "🦊")
BAD = [(word, "two letters", "두 글자") for word in FOUND_NOWHERE] + [("y" * 4000, "100 letters", "100자")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("word", "english", "korean"), BAD)
async def test_as_moderators_type_them_in_a_chat(tmp_path, name, word, english, korean):
    """Every chat and the page hand what is typed to this one room."""
    async with open_town(tmp_path, communities={"may_loosen": "any"}) as town:
        admin = AdminText(town.app.desk, town.app.rulemaking, Words("en", clock=town.clock))
        for line in (f"settings {name} {word}", f"settings {name} kiwi, {word}"):
            with pytest.raises(BadPrompt) as caught:
                await admin.answer(town.mod, line, person_of=lambda _: None, key="k")
            assert english in Words("en").refusal(caught.value)
            assert korean in Words("ko").refusal(caught.value)
            assert len(Words("en").refusal(caught.value)) < 400
        assert (await town.app.rulemaking.settings(town.mod))[1] == {}


@pytest.mark.parametrize(("word", "english", "_"), BAD)
def test_at_the_terminal(tmp_path, monkeypatch, word, english, _):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "easel.toml").write_text(f'[store]\nurl = "{new_sqlite(tmp_path)}"\n', encoding="utf-8")
    told = command("community", "set", "--", "blocked_words", word)
    assert told.code == 1
    assert english in told.err
    tried = command("why", "a fox", "--rule", f"blocked_words {word}")
    assert tried.code == 2
    assert english in tried.err
    assert len((told.err + tried.err).splitlines()) <= 4


async def test_on_the_page(tmp_path):
    async with served(tmp_path) as page, page.client("kai") as client:
        for place, (word, english, _) in enumerate(BAD):
            body = {"text": f"/easel admin settings blocked_words {word}", "key": f"key-{place:08}"}
            answer = await client.post("/page/say", json=body)
            assert english in answer.text, (word, answer.text)


@pytest.mark.parametrize(("word", "says"), [("a", "blocked_words: a"), (".*", "blocked_words: .*"), ("y" * 101, "at most 100")])  # fmt: skip
def test_in_the_operators_configuration(tmp_path, monkeypatch, word, says):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "own.toml"
    file.write_text(f'[moderation]\nblocked_words = ["kiwi", "{word}"]\n', encoding="utf-8")
    told = command("check", "--config", file)
    assert says in told.out + told.err
    assert "two letters" in told.out or told.code == 2


@pytest.mark.parametrize("word", ["C#", "c++", "<3 you", "a.b", "裸", "곰돌", "é é", "$ex"])
async def test_what_can_be_found_is_taken_with_its_signs(tmp_path, word):
    async with open_town(tmp_path) as town:
        await town.rules(blocked_words=[word])
        assert (await town.app.rulemaking.settings(town.mod))[0].blocked_words == (word,)
