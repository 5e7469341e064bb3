"""The places beside the chat: whose pictures hang in the gallery, what moved the credits, what moderators have before them."""

import asyncio
import secrets

from tests.fakes.page import events, served
from tests.fakes.patience import PATIENCE_S


async def say(page, text, person="robin"):
    async with page.client(person) as client:
        return await client.post("/page/say", json={"text": text, "key": secrets.token_hex(8)})


async def drawn(page, text, person="robin"):
    """Asks for a picture, and waits for it."""
    assert (await say(page, text, person)).json() == {"note": None}
    async with events(page, person) as stream:
        await stream.until(lambda ms: bool(ms) and all(v["phase"] == "finished" for v in ms.values()))


async def looked(page, place, person="robin", **query):
    async with page.client(person) as client:
        answer = await client.get(f"/page/{place}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def prompts(found):
    return [view["prompt"] for view in found["messages"]]


async def test_a_shelf_holds_what_one_may_see_newest_first_page_by_page(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.talk.browsing.PAGE", 2)
    async with served(tmp_path) as page:
        for text in ("a red fox", "a blue cat", "a red hat --private", "a red boat"):
            await drawn(page, f"/imagine {text} --model sdxl")
        first = await looked(page, "gallery", shelf="own")
        assert prompts(first) == ["a red boat", "a red hat"]
        rest = await looked(page, "gallery", shelf="own", before=first["older"])
        assert (prompts(rest), rest["older"]) == (["a blue cat", "a red fox"], None)
        assert prompts(await looked(page, "gallery", shelf="own", words="RED fox")) == ["a red fox"]

        everybodys = await looked(page, "gallery", "mira", shelf="everyone")
        assert prompts(everybodys) == ["a red boat", "a blue cat"]
        more = await looked(page, "gallery", "mira", shelf="everyone", before=everybodys["older"])
        assert prompts(more) == ["a red fox"]
        red = await looked(page, "gallery", "mira", shelf="everyone", words="red")
        assert prompts(red) == ["a red boat", "a red fox"]
        assert prompts(await looked(page, "gallery", "mira", shelf="own")) == []

        async with page.client("mira") as client:
            fox = more["messages"][0]
            picture = await client.get(fox["pictures"][0]["url"])
            assert picture.status_code == 200
            body = {"message": fox["id"], "emoji": "⭐", "key": secrets.token_hex(8)}
            assert (await client.post("/page/react", json=body)).status_code == 200
        assert prompts(await looked(page, "gallery", "mira", shelf="favourites")) == ["a red fox"]
        assert prompts(await looked(page, "gallery", shelf="favourites")) == []

        samples = (await looked(page, "models", "mira"))["samples"]
        assert {sample["alt"] for sample in samples.values()} == {"Picture: a red boat"}


async def test_a_wrong_shelf_or_moment_is_refused(tmp_path):
    async with served(tmp_path) as page, page.client() as client:
        assert (await client.get("/page/gallery?shelf=theirs")).status_code == 404
        assert (await client.get("/page/gallery?before=soon")).status_code == 422
        client.headers["X-Easel-Person"] = "nobody"
        for place in ("gallery", "models", "credits", "moderation"):
            assert (await client.get(f"/page/{place}")).status_code == 403


async def test_the_statement_says_what_moved_and_what_each_day_took(tmp_path):
    async with served(tmp_path) as page:
        await drawn(page, "/imagine a red fox --model sdxl --n 2")
        told = await looked(page, "credits")
        assert sum(day["spent"] for day in told["days"]) == 10
        assert sum(entry["amount"] for entry in told["entries"]) == told["available"]
        assert any("a red fox" in entry["line"] for entry in told["entries"])


async def test_the_pile_is_for_moderators_and_is_lifted_there(tmp_path):
    async with served(tmp_path) as page:
        assert await looked(page, "moderation") == {"moderates": False}
        await say(page, "/easel admin block @sam 2h too loud", "kai")
        pile = await looked(page, "moderation", "kai")
        assert [(one["user"], one["reason"], one["paused"]) for one in pile["blocked"]] == [
            ("sam", "too loud", False)
        ]
        assert any("block" in line for line in pile["log"])
        await say(page, "/easel admin unblock @sam", "kai")
        async with asyncio.timeout(PATIENCE_S):
            assert (await looked(page, "moderation", "kai"))["blocked"] == []
