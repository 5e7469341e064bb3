"""The page over HTTP: what comes in is checked, what is private stays private, what is repeated is done once."""

import asyncio
import contextlib
import itertools
import re
import secrets
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from starlette.requests import Request

from bot.board.entrance import PAUSING_EACH, TRIES_EACH, Sessions, TokenDoor
from bot.errors import BadPrompt, ConfigError
from bot.order.flags import FLAGS, SHAPES
from integrations.web.documents import HERE
from integrations.web.people import PEOPLE
from tests.fakes.giving import picture
from tests.fakes.page import Events, events, running, served
from tests.fakes.patience import PATIENCE_S
from tests.fakes.raw import asked
from tests.fakes.simulator import sim  # noqa: F401 - a fixture

TOKEN = "a token of some length"


@pytest.fixture
async def page(tmp_path):
    async with served(tmp_path) as page:
        yield page


def key():
    return secrets.token_hex(8)


async def say(page, text, person="robin", **more):
    async with page.client(person) as client:
        return await client.post("/page/say", json={"text": text, "key": key(), **more})


async def press(page, message, do, person="robin", **more):
    async with page.client(person) as client:
        return await client.post("/page/press", json={"message": message, "do": do, "key": key(), **more})


async def react(page, message, emoji, person="robin", **more):
    async with page.client(person) as client:
        return await client.post(
            "/page/react", json={"message": message, "emoji": emoji, "key": key(), **more}
        )


def finished(count=1):
    return lambda messages: sum(v["phase"] == "finished" for v in messages.values()) == count


async def drawn(page, text="/imagine a red fox", person="robin"):
    """A finished picture's view."""
    before = {m for m, _ in await board(page)}
    assert (await say(page, text, person)).status_code == 200
    async with events(page, person) as stream:
        messages = await stream.until(
            lambda ms: any(v["phase"] == "finished" and v["id"] not in before for v in ms.values())
        )
    return next(v for v in messages.values() if v["id"] not in before)


async def board(page):
    return [(m.id, v) for m, v in await page.house.store.messages.board("web", "local", limit=99)]


# ── From a command to a picture ──────────────────────────────────────────────────────────────────────


async def test_a_command_becomes_a_placeholder_and_then_a_picture(page):
    async with events(page) as stream:
        first = await stream.next()
        assert (first["whole"], first["messages"]) == (True, [])
        assert (await say(page, "/imagine a red fox --ar 16:9")).json() == {"note": None}
        await stream.next()
        (view,) = stream.messages.values()
        assert view["prompt"] == "a red fox"
        (view,) = (await stream.until(finished())).values()
    assert view["typed"] == "a red fox --ar 16:9"
    assert [a["do"] for a in view["actions"]] == [
        "reroll",
        "remix",
        "original",
        "favourite",
        "send",
        "delete",
        "report",
    ]
    async with page.client() as client:
        picture = await client.get(view["pictures"][0]["url"])
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
        assert picture.headers["x-content-type-options"] == "nosniff"


def test_the_page_is_light_before_its_pictures():
    files = [*(HERE / "page").glob("*.[cj]s*"), HERE / "templates" / "index.html"]
    own = [file for file in files if not file.name.startswith("admin")]
    assert sum(file.stat().st_size for file in own) < 150_000


async def test_the_handle_finds_the_message(page):
    view = await drawn(page)
    async with asyncio.timeout(PATIENCE_S):
        while (found := await page.house.studio.find("web", view["id"])) is None:
            await asyncio.sleep(0.05)
    assert found.job == view["job"]


async def test_a_request_sent_twice_is_done_once(page):
    async with page.client() as client:
        body = {"text": "/imagine a red fox", "key": key()}
        answers = await asyncio.gather(*(client.post("/page/say", json=body) for _ in range(3)))
    assert {a.status_code for a in answers} == {200}
    assert len(await board(page)) == 1


async def test_another_person_may_use_the_same_key(page):
    same = key()
    for person in ("robin", "mira"):
        assert (await say(page, "/imagine a red fox", person, key=same)).status_code == 200
    assert len(await board(page)) == 2


async def test_buttons_and_reactions_make_new_messages_and_double_clicks_count_once(page):
    view = await drawn(page, "/imagine a red fox --n 4 --model sdxl")
    assert [a["index"] for a in view["actions"] if a["do"] == "pick"] == [1, 2, 3, 4]
    for _ in range(2):
        assert (await press(page, view["id"], "pick", index=2)).status_code == 200
        assert (await react(page, view["id"], "🔁", "mira")).status_code == 200
        assert (await press(page, view["id"], "remix", text="a blue fox --model sdxl")).status_code == 200
    async with events(page) as stream:
        messages = await stream.until(finished(4))
    assert sorted(v["role"] for v in messages.values()) == ["main", "main", "main", "pick:2"]
    assert [v["name"] for v in messages.values()] == ["Robin", "Robin", "Mira", "Robin"]
    assert {v["prompt"] for v in messages.values()} == {"a red fox", "a blue fox"}


async def test_a_press_that_is_sent_again_is_done_once(page):
    view, same = await drawn(page), key()
    for again in (False, True, True):
        answer = await press(page, view["id"], "reroll", key=same, again=again)
        assert answer.status_code == 200
    assert len(await board(page)) == 2


async def test_cancelling_gives_the_credits_back_and_only_the_owner_or_a_moderator_may(tmp_path):
    async with served(tmp_path, drawing={"speed": 0.01, "tiny_images": True}) as page:
        await say(page, "/imagine a red fox")
        ((message, _),) = await board(page)
        refused = await press(page, message, "cancel", "mira")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not-yours")
        assert (await press(page, message, "cancel", "kai")).status_code == 200
        async with events(page) as stream:
            (view,) = (await stream.until(lambda ms: any(v["phase"] == "over" for v in ms.values()))).values()
        assert (view["state"], [a["do"] for a in view["actions"]]) == ("cancelled", ["retry", "remix"])
        assert (await said_of(page, "/easel credits"))["title"] == "You have 500 credits."


async def test_who_waits_sees_the_place_in_line(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.board.board.PLACES_EVERY_S", 0)
    slow = {"speed": 0.01, "tiny_images": True}
    async with served(tmp_path, drawing=slow, worker={"in_flight": 1, "grace_s": 0}) as page:
        for name in ("first", "second", "third"):
            await say(page, f"/imagine the {name} fox")

        def headline(messages, name):
            return next((v["headline"] for v in messages.values() if name in v["prompt"]), "")

        async with events(page) as stream:
            await stream.until(
                lambda ms: "number 1" in headline(ms, "second") and "number 2" in headline(ms, "third")
            )
            assert "number" not in headline(stream.messages, "first")
            third = next(v for v in stream.messages.values() if "third" in v["prompt"])
            assert third["usual_s"] is None  # nothing is promised to who waits
            second = next(v["id"] for v in stream.messages.values() if "second" in v["prompt"])
            await press(page, second, "cancel")
            await stream.until(lambda ms: "number 1" in headline(ms, "third"))
            assert stream.messages[third["id"]]["version"] == third["version"]


async def said_of(page, text, person="robin"):
    answer = await say(page, text, person)
    assert answer.status_code == 200, answer.text
    return answer.json()["note"]


async def test_deleting_takes_the_message_and_the_picture_away(page):
    view = await drawn(page)
    async with events(page) as stream:
        await stream.next()
        assert (await react(page, view["id"], "❌", "sam")).status_code == 403
        assert (await react(page, view["id"], "❌")).json()["note"]["text"] == "Deleted."
        await stream.until(lambda messages: not messages)
    async with page.client() as client:
        assert (await client.get(view["pictures"][0]["url"])).status_code == 410


async def test_each_reads_a_card_in_their_own_language_with_what_they_may_press(page):
    view = await drawn(page, "/imagine a red fox", "jisoo")
    assert "삭제" in {a["label"] for a in view["actions"]}
    seen = {}
    for person in ("sam", "kai", "jisoo"):
        async with events(page, person) as stream:
            await stream.next()
            seen[person] = stream.messages[view["id"]]
    assert "Delete" not in {a["label"] for a in seen["sam"]["actions"]}
    assert {"Delete", "Re-roll"} <= {a["label"] for a in seen["kai"]["actions"]}
    assert seen["sam"]["headline"].startswith("Done")
    assert not seen["jisoo"]["headline"].startswith("Done")
    rules = {"press": "requester", "images_max": 2, "sizes": ["2K"]}
    await page.house.rulemaking.change(PEOPLE["kai"].requester, rules)
    async with page.client("sam") as client:
        offered = {m["name"]: m["flags"] for m in (await client.get("/page/hello")).json()["models"]}
    assert offered["sdxl"]["--n"] == ["1", "2"], "what the rules refuse is not offered"
    assert offered["seedream-4"]["--size"] == ["2K"]
    async with events(page, "sam") as stream:
        await stream.next()
        pressed = {a["do"] for a in stream.messages[view["id"]]["actions"]}
    assert pressed == {"original", "favourite", "send", "report"}


async def test_remix_asks_first_whether_one_may_and_says_so_before_a_form_opens(page):
    view = await drawn(page)
    assert (await press(page, view["id"], "remix")).json()["form"]["title"]
    assert (await press(page, view["id"], "remix")).json()["form"], "looking at a form is no double click"
    await page.house.rulemaking.change(PEOPLE["kai"].requester, {"press": "requester"})
    assert (await press(page, view["id"], "remix", "sam")).status_code == 403


async def test_deleting_a_pick_leaves_the_picture(page):
    view = await drawn(page, "/imagine a red fox --n 2 --model sdxl")
    await press(page, view["id"], "pick", index=1)
    async with events(page) as stream:
        await stream.until(lambda messages: len(messages) == 2)
        await press(page, f"{view['job']}:pick:1", "delete")
        assert list(await stream.until(lambda messages: len(messages) == 1)) == [view["id"]]


# ── The stream ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_page_that_comes_back_is_told_only_what_it_missed(page):
    one = await drawn(page)
    async with events(page) as stream:
        await stream.next()
        last = stream.last
    two = await drawn(page, "/imagine a blue fox")
    async with events(page, last=last) as stream:
        change = await stream.next()
        assert (change["whole"], [v["id"] for v in change["messages"]]) == (False, [two["id"]])
    await press(page, one["id"], "delete")
    async with events(page, last=last) as stream:
        change = await stream.next()
        assert (change["whole"], change["gone"]) == (False, [one["id"]])


async def test_a_page_with_an_unknown_state_is_told_everything(page):
    view = await drawn(page)
    async with events(page, last="somebody-elses") as stream:
        change = await stream.next()
    assert (change["whole"], [v["id"] for v in change["messages"]]) == (True, [view["id"]])


async def test_two_processes_behind_one_address_serve_the_same_page(tmp_path, sim):  # noqa: F811 - the fixture
    async with running(tmp_path, sim) as one, running(tmp_path, sim) as two:
        async with events(two) as stream:
            await stream.next()
            await say(one, "/imagine a red fox")
            await stream.until(finished())
            last, there = stream.last, dict(stream.messages)
        # The state has the same name everywhere: nothing is told again.
        async with events(one) as stream:
            await stream.next()
            assert (stream.last, stream.messages.keys()) == (last, there.keys())


async def test_so_many_pages_and_no_more(page, monkeypatch):
    monkeypatch.setattr("bot.board.streams.READERS_MAX", 2)
    async with events(page) as one, events(page) as two:
        await one.next()
        await two.next()
        async with page.client() as client:
            answer = await client.get("/page/events?as=robin")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too-many-pages")


async def test_an_open_stream_does_not_hold_up_the_end(tmp_path, sim):  # noqa: F811 - the fixture
    async with contextlib.AsyncExitStack() as stack:
        house = await stack.enter_async_context(running(tmp_path, sim))
        async with events(house) as stream:
            await stream.next()
            async with asyncio.timeout(PATIENCE_S):
                await stack.aclose()
            with pytest.raises((EOFError, httpx.TransportError)):
                await stream.next()


# ── One's own things ─────────────────────────────────────────────────────────────────────────────────


async def test_every_command_of_ones_own_answers(page):
    await drawn(page, "/imagine a red fox --model sdxl")
    credits_ = await said_of(page, "/easel credits")
    assert credits_["title"] == "You have 495 credits."
    assert any("−5" in row["label"] for row in credits_["rows"])
    models = await said_of(page, "/easel models")
    (sdxl,) = (row for row in models["rows"] if row["label"] == "sdxl")
    assert sdxl["value"].startswith("5 credits")
    (tile,) = (await said_of(page, "/easel history"))["tiles"]
    assert tile["line"] == "a red fox · sdxl · 5 credits"
    assert (await said_of(page, "/easel history", "mira"))["tiles"] == []
    assert "--ar" in (await said_of(page, "/easel help"))["text"]
    assert (await said_of(page, "/easel nonsense"))["kind"] == "help"
    hello = await said_of(page, "hello")
    assert (hello["kind"], bool(hello["text"])) == ("note", True), "small talk is answered, and draws nothing"


@pytest.mark.parametrize("slip", ["/easl credits", "/imagin a red fox", "/", "/credits", "/이젤 크레딧"])
async def test_a_mistyped_command_is_helped_and_costs_nothing(page, slip):
    """The page shows no price before a line that begins with a slash, but for /imagine."""
    assert (await said_of(page, slip))["kind"] == "help"
    assert (await said_of(page, "/easel credits"))["title"] == "You have 500 credits."


async def test_moderators_are_understood_by_the_name_that_texts_tell(page):
    assert await said_of(page, "/easel-admin usage", "kai") == await said_of(
        page, "/easel admin usage", "kai"
    )
    assert "grant @mina" in str(await said_of(page, "/easel-admin", "kai"))


DEFAULTS = {
    "--model sdxl --ar 16:9": {"model": "sdxl", "aspect": "16:9"},
    "m sdxl private": {"model": "sdxl", "private": "yes"},
    "model=sdxl private no": {"model": "sdxl", "private": "no"},
}


async def test_defaults_are_set_shown_and_cleared(page):
    for typed, kept in DEFAULTS.items():
        rows = (await said_of(page, f"/easel defaults {typed}"))["rows"]
        assert {row["label"]: row["value"].rpartition("/")[2] for row in rows} == kept, typed
        assert (await said_of(page, "/easel defaults clear"))["rows"] == []


async def test_a_default_that_cant_be_is_refused_by_name(page):
    answer = await say(page, "/easel defaults shoe 44")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "setting-unknown")


async def test_a_moderator_runs_the_community_from_the_page(page):
    """The same lines as everywhere; who may not is told so and nothing changes."""
    granted = await said_of(page, "/easel admin grant @mira 70 for the poster", "kai")
    assert "70 credits granted to Mira" in granted["title"]
    assert (await say(page, "/easel admin grant @robin 70 for me")).status_code == 403
    assert "500" in (await said_of(page, "/easel credits"))["title"]
    assert "allowance" in (await said_of(page, "/easel admin settings", "kai"))["text"]


async def test_two_hundred_at_once_with_credits_for_three_make_three_pictures(page):
    """One person, one instant: nothing is overspent; everyone else is told so."""
    for line in ("allowance 130 daily", "set per_requester 500", "set per_community 500"):
        await said_of(page, f"/easel admin {line}", "kai")
    answers = await asyncio.gather(*(say(page, "/imagine a red fox") for _ in range(200)))
    assert sorted(answer.status_code for answer in answers).count(200) == 3
    assert len(await board(page)) == 3
    assert await page.house.store.ledger.problems() == []


async def test_forgetting_asks_first(page):
    await drawn(page)
    asked = await said_of(page, "/easel forget")
    assert len(await board(page)) == 1
    await said_of(page, asked["confirms"])
    assert await board(page) == []


async def test_refusals_are_private_sentences_and_change_nothing(page):
    for text, status, code in [
        ("/imagine", 422, "prompt-empty"),
        ("/imagine a naked woman having sex", 422, "prompt-refused"),
        ("/imagine a fox --model nonsense", 422, "model-unknown"),
        ("/imagine a fox --n 4 --model gemini-3-pro", 402, "credits-missing"),
    ]:
        answer = await say(page, text)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.json()["error"]["message"].endswith((".", "snow", "?"))
    assert await board(page) == []


async def test_people_are_told_things_in_their_own_language(page):
    answer = await say(page, "/imagine", "jisoo")
    assert re.search("[가-힣]", answer.json()["error"]["message"])
    async with page.client("jisoo") as client:
        hello = (await client.get("/page/hello")).json()
    assert (hello["language"], hello["words"]["undo"]) == ("ko", "되돌리기")
    assert [re.search("[가-힣]", one["prompt"]) for one in hello["examples"]].count(None) == 0
    assert {"best", "cheap"} <= hello["leading"].keys()
    assert {"/imagine", "/easel credits", "/easel mydata"} <= {one["take"] for one in hello["commands"]}
    assert {m["name"] for m in hello["models"]} >= {"sdxl", "flux-2-pro"}


async def test_the_page_gets_the_table_of_flags_in_the_persons_language(page):
    async with page.client("jisoo") as client:
        hello = (await client.get("/page/hello")).json()
    assert [row["flag"] for row in hello["flags"]] == [flag.spelled for flag in FLAGS]
    shape = next(row for row in hello["flags"] if row["kind"] == "shape")
    assert shape == {
        "flag": "--ar",
        "spellings": ["ar", "aspect", "aspect_ratio"],
        "kind": "shape",
        "every": False,
        "about": "화면 비율",
        "label": "비율",
        "control": True,
    }
    assert hello["shapes"] == list(SHAPES)


# ── What must not come in, or go out ─────────────────────────────────────────────────────────────────


async def test_private_pictures_are_their_owners_alone(page):
    view = await drawn(page, "/imagine a red fox --private")
    async with events(page, "mira") as stream:
        assert (await stream.next())["messages"] == []
    for do in ("reroll", "remix", "delete", "report"):
        answer = await press(page, view["id"], do, "kai", text="x")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-there")
    async with page.client("mira") as client:
        url = view["pictures"][0]["url"]
        assert (
            await client.get(url)
        ).status_code == 200  # the link itself is the right to see it, for an hour
        for forged in (
            url[:-1] + ("A" if url[-1] != "A" else "B"),
            url.rpartition(".")[0],
            "/a/" + view["pictures"][0]["key"],
            "/a/x.y.z.w",
        ):
            assert (await client.get(forged)).status_code == 404


async def test_every_answer_carries_the_strict_headers(page):
    async with page.client() as client:
        for path in ("/", "/page/file/app.js", "/page/hello", "/page/nothing"):
            headers = (await client.get(path)).headers
            assert "unsafe" not in headers["content-security-policy"]
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"


async def test_the_documents_hold_no_inline_script_or_style_and_nothing_from_elsewhere(page):
    async with page.client() as client:
        for path in ("/", "/page/login"):
            html = (await client.get(path)).text
            assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []
            assert re.findall(r"\sstyle=|<style|\son\w+=|https?://", html) == []
            for file in re.findall(r'(?:src|href)="(/[^"]+)"', html):
                assert (await client.get(file)).status_code == 200, file


async def test_files_are_kept_by_the_browser_until_they_change(page):
    async with page.client() as client:
        first = await client.get("/page/file/style.css")
        again = await client.get("/page/file/style.css", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_only_the_pages_own_files_are_served(page):
    async with page.client() as client:
        for name in ["nothing.js", "index.html", "..%2Fguard.py", "%2e%2e/settings.py", ".", "app.js%00"]:
            assert (await client.get(f"/page/file/{name}")).status_code == 404, name


BAD_BODIES = [
    (b"{", 422, "bad-input"),
    (b"\xff\xfe", 422, "bad-input"),
    (b"[]", 422, "bad-input"),
    (b'{"text": 5, "key": "kkkkkkkkkkkk"}', 422, "bad-input"),
    (b'{"text": ["/imagine a"], "key": "kkkkkkkkkkkk"}', 422, "bad-input"),
    (b'{"text": "", "key": "kkkkkkkkkkkk"}', 422, "bad-input"),
    (b'{"text": "/imagine a fox"}', 422, "bad-input"),
    (b'{"text": "/imagine a fox", "key": "no spaces"}', 422, "bad-input"),
    (b'{"text": "/imagine a fox", "key": "kkkkkkkkkkkk", "admin": true}', 422, "bad-input"),
    (b'{"text": "' + b"x" * 9000 + b'", "key": "kkkkkkkkkkkk"}', 422, "bad-input"),
    (b'{"text": "' + b"x" * 70_000 + b'", "key": "kkkkkkkkkkkk"}', 413, "too-large"),
]


async def test_a_bad_body_gets_a_clear_error_and_changes_nothing(page):
    async with page.client() as client:
        for body, status, code in BAD_BODIES:
            answer = await client.post(
                "/page/say", content=body, headers={"Content-Type": "application/json"}
            )
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), body[:80]
    assert await board(page) == []


async def test_what_is_too_long_to_be_sent_is_said_in_the_persons_language(page):
    for length in (9_000, 70_000):
        for person, said in (("jisoo", "8,000자"), ("robin", "8,000 characters")):
            message = (await say(page, "x" * length, person)).json()["error"]["message"]
            assert said in message
            assert "should" not in message


async def test_a_body_without_an_end_is_cut_off(page):
    async def endless():
        for _ in range(40):
            yield b" " * 4096

    async with page.client() as client:
        answer = await client.post(
            "/page/say", content=endless(), headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 413


async def test_only_json_is_read(page):
    async with page.client() as client:
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]:
            answer = await client.post("/page/say", content=b"{}", headers={"Content-Type": kind})
            assert (answer.status_code, answer.json()["error"]["code"]) == (415, "not-json"), kind


BAD_PRESSES: list[dict[str, Any]] = [
    {"message": "x", "do": "delete"},
    {"message": "../../etc:main", "do": "delete"},
    {"message": "0" * 26 + ":main", "do": "explode"},
    {"message": "0" * 26 + ":pick:9", "do": "delete"},
    {"message": "0" * 26 + ":main", "do": "pick", "index": 99},
    {"message": "0" * 26 + ":main", "do": "pick", "index": "1"},
    {"message": "0" * 26 + ":main", "do": "original"},
]


async def test_a_bad_press_is_refused(page):
    async with page.client() as client:
        for body in BAD_PRESSES:
            answer = await client.post("/page/press", json={**body, "key": key()})
            assert answer.status_code == 422, body


async def test_a_press_on_what_isnt_there_says_so(page):
    answer = await press(page, "0" * 26 + ":main", "reroll")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-there")


async def test_an_unknown_person_is_nobody(page):
    assert (await say(page, "/imagine a fox", "mallory")).status_code == 403
    async with page.client() as client:
        assert (await client.get("/page/events?as=mallory")).status_code == 403
        assert (await client.get("/page/events")).status_code == 403


async def test_a_foreign_name_for_this_machine_is_turned_away(page):
    async with page.client() as client:
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", ""]:
            for path in ("/", "/page/hello", "/page/events?as=robin"):
                answer = await client.get(path, headers={"Host": host})
                assert answer.status_code in {400, 421}, host


async def test_this_machines_own_names_are_answered(page):
    port = page.url.rpartition(":")[2]
    async with page.client() as client:
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
            assert (await client.get("/", headers={"Host": host})).status_code == 200


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
]


async def test_another_sites_page_can_do_nothing(page):
    async with page.client() as client:
        for headers in FOREIGN:
            body = {"text": "/imagine a fox", "key": key()}
            answer = await client.post("/page/say", json=body, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other-site"), headers
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert (await client.get("/page/events?as=robin", headers=headers)).status_code == 403
    assert await board(page) == []


async def test_every_door_of_the_listener_knows_its_own_names(tmp_path):
    public = {"port": 0, "public_url": "https://easel.example"}
    async with served(tmp_path, http=public) as page:
        for path in ("/healthz", "/readyz", "/metrics", "/nothing"):
            for host in ("evil.example", "127.0.0.1.evil.example", "10.0.0.1", "easel.example.evil.example"):
                assert await asked(page.url, path, host=host) == 421, (path, host)
            for headers in CROSSING:
                assert await asked(page.url, path, *headers) == 403, (path, headers)
            for host in ("localhost", "[::1]:80", "easel.example", "easel.example:443"):
                assert await asked(page.url, path, host=host) in {200, 404}, (path, host)
            linked = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")
            assert await asked(page.url, path, *linked) in {200, 404}, path
        # A link to a picture is a secret of its own; chats fetch it by whatever name they know.
        assert await asked(page.url, "/a/x.y.z", "Sec-Fetch-Site: cross-site", host="cdn.example") == 404
        # The name for others is not one for the page, which has no token here.
        assert await asked(page.url, "/", host="easel.example") == 421


CROSSING = [
    ("Sec-Fetch-Site: cross-site",),
    ("Sec-Fetch-Site: same-site",),
    ("Sec-Fetch-Site: nonsense",),
    ("Origin: https://evil.example",),
    ("Origin: null",),
    ("Origin: http://[evil",),
    ("Origin: http://127.0.0.1:1",),
    ("Origin: http://127.0.0.1@evil.example",),
]


async def test_the_simulator_beside_the_page_obeys_no_other_sites_page(page):
    origin, fault = page.simulation.origin, ("Content-Type: text/plain", "Content-Length: 2")
    for headers in CROSSING:
        assert await asked(origin, "/_sim/billing", *headers) == 403, headers
        assert await asked(origin, "/_sim/faults", *headers, *fault, method="POST") == 403, headers
        assert await asked(origin, "/_sim/faults", *headers, method="DELETE") == 403, headers
    for host in ("evil.example", "127.0.0.1.evil.example:80"):
        assert await asked(origin, "/_sim/billing", host=host) == 421
        assert await asked(origin, "/v1/gateway/models/", "X-Api-Key: sim-key", host=host) == 421
    assert await asked(origin, "/_sim/billing") == 200
    for body in [b"[" * 200_000, b'{"name": "http_500", "model": []}', b"\xff"]:
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            assert (await client.post(f"{origin}/_sim/faults", content=body)).status_code == 400, body[:50]
    assert page.simulation.switchboard.armed == []


async def test_without_the_own_header_nothing_is_done(page):
    async with httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as client:
        answer = await client.post("/page/say", json={"text": "/imagine a fox", "key": key()})
    assert answer.status_code == 403


# ── The token ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5"])
async def test_the_page_is_never_open_to_others_without_a_token(tmp_path, host):
    with pytest.raises(ConfigError, match="admin_token"):
        async with served(tmp_path, http={"host": host, "port": 0}):
            pass


async def test_with_a_token_the_page_opens_after_it_was_typed(tmp_path):
    async with served(tmp_path, web={"enabled": True, "admin_token": TOKEN}) as page, page.client() as client:
        assert (await client.get("/")).headers["location"] == "/page/login"
        for path in ("/page/hello", "/page/events?as=robin"):
            assert (await client.get(path)).status_code == 401
        assert (await say(page, "/imagine a fox")).status_code == 401
        assert (await client.get("/page/login")).status_code == 200
        wrong = await client.post("/page/login", json={"token": "wrong"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "token-wrong")
        right = await client.post("/page/login", json={"token": TOKEN})
        cookie = right.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert TOKEN not in cookie
        assert (await client.get("/page/hello")).status_code == 200
        # The name doesn't matter any more: another site has no cookie.
        assert (await client.get("/", headers={"Host": "easel.example"})).status_code in {200, 303}


async def test_a_forged_session_is_none(tmp_path):
    async with served(tmp_path, web={"enabled": True, "admin_token": TOKEN}) as page, page.client() as client:
        for cookie in ["", "x", "9999999999.", "9999999999.00", "1.abc", "é", "²." + "0" * 64]:
            headers = {b"Cookie": f"easel_session={cookie}".encode()}
            assert (await client.get("/page/hello", headers=headers)).status_code == 401, cookie


@pytest.fixture
def short_pause(monkeypatch):
    monkeypatch.setattr("bot.board.entrance.PAUSE_S", 0.05)


@pytest.mark.usefixtures("short_pause")
async def test_tokens_cant_be_tried_without_end(tmp_path):
    async with served(tmp_path, web={"enabled": True, "admin_token": TOKEN}) as page, page.client() as client:
        answers = [await client.post("/page/login", json={"token": str(n)}) for n in range(12)]
        assert [a.status_code for a in answers] == [401] * 10 + [429] * 2


LOCKED = {"enabled": True, "admin_token": TOKEN}


async def login(page, token=TOKEN, **headers):
    async with page.client() as client:
        return await client.post("/page/login", json={"token": token}, headers=headers)


async def test_many_tokens_at_once_are_no_more_than_many_in_a_row(tmp_path, monkeypatch):
    judged = []
    fits = TokenDoor.fits

    def noted(self, key):
        judged.append(key)
        return fits(self, key)

    monkeypatch.setattr(TokenDoor, "fits", noted)
    monkeypatch.setattr("bot.board.entrance.PAUSE_S", 3600)
    monkeypatch.setattr("bot.board.entrance.WAITING_S", 0.2)
    tokens = [f"wrong token {n}" for n in range(199)] + [TOKEN]
    async with served(tmp_path, web=LOCKED) as page, page.client() as client:

        async def attempt(token):
            return (await client.post("/page/login", json={"token": token}, timeout=None)).status_code

        tries = [asyncio.create_task(attempt(token)) for token in tokens]
        first = itertools.islice(asyncio.as_completed(tries), len(tokens) - PAUSING_EACH)
        async with asyncio.timeout(PATIENCE_S):
            answered = [await answer for answer in first]
        for task in tries:  # those that wait for their pause
            task.cancel()
        await asyncio.gather(*tries, return_exceptions=True)
    assert (answered.count(401), len(judged)) == (TRIES_EACH, TRIES_EACH)
    assert set(answered) == {401, 429}


@pytest.mark.usefixtures("short_pause")
async def test_the_owner_gets_in_while_a_stranger_keeps_trying(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.board.entrance.PAUSE_S", 0.05)
    async with served(tmp_path, web=LOCKED) as page:
        known = await login(page)
        cookie = known.headers["set-cookie"].partition(";")[0]

        async def stranger():
            while True:
                await login(page, "a wrong token")

        strangers = [asyncio.create_task(stranger()) for _ in range(40)]
        try:
            for _ in range(20):
                assert (await login(page, "a wrong token")).status_code in {401, 429}
            # From the same address, and with nothing to show but the token.
            assert (await login(page)).status_code == 200
            # A browser that was in before doesn't even wait.
            assert (await login(page, "mistyped", Cookie=cookie)).status_code == 401
            assert (await login(page, Cookie=cookie)).status_code == 200
        finally:
            for task in strangers:
                task.cancel()
            await asyncio.gather(*strangers, return_exceptions=True)


async def test_a_new_address_has_its_own_tries_whatever_strangers_do(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.board.entrance.TRIES_ALL", 20)
    monkeypatch.setattr("bot.board.entrance.PAUSE_S", 60)
    proxied = {"port": 0, "trusted_proxies": ["127.0.0.1"]}
    async with served(tmp_path, web=LOCKED, http=proxied) as page:
        for n in range(30):
            answer = await login(page, "wrong", **{"X-Forwarded-For": f"203.0.113.{n}"})
            assert answer.status_code == 401
        assert (await login(page, **{"X-Forwarded-For": "198.51.100.1"})).status_code == 200


def test_neighbours_in_one_network_try_together():
    def caller(host):
        request = Request({"type": "http", "headers": [], "client": (host, 1)})
        return Sessions(TokenDoor(token=TOKEN), cast("Any", None)).caller(request)

    assert caller("2001:db8::1") == caller("2001:db8::2:1") != caller("2001:db8:1::1")
    assert caller("203.0.113.1") != caller("203.0.113.2")
    assert caller("unix") == "unix"


@pytest.mark.parametrize("token", ["a", "fifteen letters"])
async def test_a_token_that_could_be_guessed_is_none(tmp_path, token):
    with pytest.raises(ConfigError, match=r"(?s)admin_token.*16 characters.*token_urlsafe"):
        async with served(tmp_path, web={"enabled": True, "admin_token": token}):
            pass


async def test_signing_out_ends_the_session_in_every_process(tmp_path, sim, monkeypatch):  # noqa: F811 - the fixture
    monkeypatch.setattr("bot.board.streams.BEAT_S", 0.1)
    async with running(tmp_path, sim, web=LOCKED) as one, running(tmp_path, sim, web=LOCKED) as two:
        cookie = (await login(one)).headers["set-cookie"].partition(";")[0]
        other = (await login(one)).headers["set-cookie"].partition(";")[0]
        async with one.client() as here, two.client() as there:
            for client in (here, there):
                client.headers["Cookie"] = cookie
                assert (await client.get("/page/hello")).status_code == 200
            async with there.stream("GET", "/page/events?as=robin") as stream:
                answer = await here.post("/page/logout")
                assert (answer.status_code, "Max-Age=0" in answer.headers["set-cookie"]) == (200, True)
                async with asyncio.timeout(PATIENCE_S):  # it ends by itself
                    async for _ in stream.aiter_lines():
                        pass
            for client in (here, there):
                assert (await client.get("/page/hello")).status_code == 401
                client.headers["Cookie"] = other
                assert (await client.get("/page/hello")).status_code == 200


async def test_a_session_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.board.entrance.SESSION_S", 0)
    async with served(tmp_path, web=LOCKED) as page:
        cookie = (await login(page)).headers["set-cookie"].partition(";")[0]
        async with page.client() as client:
            assert (await client.get("/page/hello", headers={"Cookie": cookie})).status_code == 401


async def test_the_cookie_stays_on_safe_ways_where_it_came_by_one(tmp_path):
    async with served(tmp_path, web=LOCKED) as page:
        secure = "X-Forwarded-Proto"
        assert "secure" not in (await login(page, **{secure: "https"})).headers["set-cookie"].lower()
    proxied = {"port": 0, "trusted_proxies": ["127.0.0.1"]}
    async with served(tmp_path, web=LOCKED, http=proxied) as page:
        assert "secure" in (await login(page, **{secure: "https"})).headers["set-cookie"].lower()
        assert "secure" not in (await login(page)).headers["set-cookie"].lower()
        own = f"https://{page.url.removeprefix('http://')}"
        assert "secure" in (await login(page, Origin=own)).headers["set-cookie"].lower()


async def test_the_way_in_is_decided_by_the_path_alone(tmp_path):
    async with served(tmp_path, web=LOCKED) as page:
        for host in ("x/page/login?", "x/page/file/?", "127.0.0.1/page/login#"):
            assert await asked(page.url, "/page/hello", host=host) == 400
        for path in ("/page/login/../hello", "/page/loginhello", "/page/hello?/page/login", "//page/login"):
            assert await asked(page.url, path) in {401, 404}, path


def test_no_code_decides_by_an_address_put_together_from_headers():
    """`request.url` and its kin follow the header Host; the scope's path, scheme and client don't."""
    told = re.compile(r"request\.(url|base_url|url_for)\b|\burl_for\(|\bURL\(scope")
    for folder in ("bot", "integrations"):
        for file in (Path(__file__).parents[2] / folder).rglob("*.py"):
            assert not told.search(file.read_text(encoding="utf-8")), file


async def test_a_rule_names_only_roles_and_channels_that_the_page_has(page):
    """Saved by another name it would apply to nobody, or close the page to everybody."""
    kai = PEOPLE["kai"].requester
    for name, text in (
        ("roles", '{"nobody": {"exempt": true}}'),
        ("channels", "#nope"),
        ("channels", "page, art"),
    ):
        with pytest.raises(BadPrompt) as caught:
            await page.house.rulemaking.set_text(kai, name, text)
        assert caught.value.reason in ("setting-no-role", "setting-no-channel")
    await page.house.rulemaking.set_text(kai, "roles", '{"@Studio": {"exempt": true}}')
    await page.house.rulemaking.set_text(kai, "channels", "#Page")
    rules = await page.house.studio.rules(kai)
    assert (list(rules.roles), rules.channels) == (["studio"], ("page",))


async def test_nobody_can_have_all_the_pages(page, monkeypatch):
    monkeypatch.setattr("bot.board.streams.READERS_MAX", 4)
    async with contextlib.AsyncExitStack() as stack:
        greedy = [await stack.enter_async_context(events(page)) for _ in range(4)]
        for stream in greedy:
            await stream.next()
        # Kept: a stream that nobody holds any more is closed by the collector, and its place is free.
        others = [await stack.enter_async_context(events(page, person)) for person in ("mira", "sam")]
        assert [(await stream.next())["whole"] for stream in others] == [True, True]
        for stream in greedy[:2]:  # the oldest ones have made room
            with pytest.raises((EOFError, httpx.TransportError)):
                await stream.next()
        async with page.client() as client:
            answer = await client.get("/page/events?as=robin")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too-many-pages")


# ── Pictures that are given ──────────────────────────────────────────────────────────────────────────


async def sent_up(page, data):
    async with page.client() as client:
        return await client.post("/page/upload", content=data)


async def test_a_picture_of_25_mb_is_refused_in_a_sentence(page):
    answer = await sent_up(page, picture() + b"\0" * 25_000_000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "input-too-large")
    assert "20 MB" in answer.json()["error"]["message"]


async def test_how_many_pictures_are_taken_is_said_in_a_sentence(tmp_path):
    async with served(tmp_path, moderation={"inputs": "any"}) as page:
        refs = [(await sent_up(page, picture(seed=n))).json()["ref"] for n in range(17)]
        answer = await say(page, "/imagine all of them", pictures=[{"ref": ref} for ref in refs])
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "inputs-nowhere")


async def test_until_somebody_has_a_language_of_their_own_it_is_the_browsers(page):
    """Of the first document, of what the scripts are told, of answers, and of the messages."""
    korean = {"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"}
    await drawn(page)
    spoken = {}
    for wants, headers in (("ko", korean), ("en", {"Accept-Language": "fr"})):
        async with page.client("robin") as client:
            client.headers.update(headers)
            hello = (await client.get("/page/hello")).json()
            assert f'lang="{wants}"' in (await client.get("/")).text
            told = await client.post("/page/say", json={"text": "/easel credits", "key": key()})
            async with client.stream("GET", "/page/events?as=robin&last=") as answer:
                messages = await Events(lines=answer.aiter_lines()).until(finished())
        spoken[wants] = (
            hello["words"]["send"],
            told.json()["note"]["text"],
            [v["headline"] for v in messages.values()],
        )
        assert hello["language"] == wants
    assert all(korean != english for korean, english in zip(*spoken.values(), strict=True))
    async with page.client("jisoo") as client:
        assert (await client.get("/page/hello", headers={"Accept-Language": "en"})).json()["language"] == "ko"


async def test_what_could_be_drawn_instead_comes_with_the_refusal(page):
    refused = (await say(page, "/imagine a red fox --v 6 --ar 16:9")).json()["error"]
    assert refused["again"] == "a red fox --ar 16:9"
    assert (await say(page, f"/imagine {refused['again']}")).status_code == 200
    assert "again" not in (await say(page, "/imagine a red fox --qualty high")).json()["error"]
