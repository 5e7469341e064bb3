"""A refusal gives the words back, with a button that opens them in a form; forms that nobody may submit don't open."""

from tests.contract.talk_steps import answered, until, verb

FLAW = "a long and careful prompt about a lighthouse at dusk --quality ultra --ar 99"


class WordsBackLaws:
    """The laws."""

    async def test_a_refusal_gives_the_words_back_and_they_can_be_tried_again(self, chat):
        takes = verb(chat, "takes")
        before = len(chat.told(chat.mina))
        await chat.imagine(chat.mina, FLAW)
        told = await answered(chat, chat.mina, before, "--ar")
        assert FLAW in told, "word by word, in full"
        await takes(chat.mina, "reword")
        form = await until(lambda: chat.form(chat.mina), "the form, filled in")
        assert form["prompt"].startswith("a long and careful prompt")
        posts = {post.id for post in chat.posts()}
        await chat.fill(chat.mina, prompt="a lighthouse at dusk")
        post = await until(lambda: next((p for p in chat.posts() if p.id not in posts), None), "a picture")
        assert "a lighthouse at dusk" in post.text
        await until(lambda: next(p for p in chat.posts() if p.id == post.id).offers("reroll"))
