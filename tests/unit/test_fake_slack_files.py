"""The local Slack hands files over as the real one does, to unmodified slack_bolt and slack_sdk."""

import io
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from PIL import Image
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.hostile import gradient, picture
from tests.fakes.slack import BadInput, SlackServer

FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "edit",
    "title": {"type": "plain_text", "text": "Edit this picture"},
    "submit": {"type": "plain_text", "text": "Edit"},
    "blocks": [
        {
            "type": "input",
            "block_id": "pictures",
            "optional": True,
            "label": {"type": "plain_text", "text": "Pictures"},
            "element": {
                "type": "file_input",
                "action_id": "pictures",
                "filetypes": ["png", "jpg", "jpeg"],
                "max_files": 2,
            },
        }
    ],
}
HEARD = ("app_mention", "message.channels", "message.groups", "message.im", "reaction_added")
SCOPES = (
    "commands", "chat:write", "files:write", "files:read", "reactions:read", "app_mentions:read", "im:write",
    "im:history", "channels:history", "groups:history", "users:read",
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack():
    async with SlackServer(events=HEARD, scopes=SCOPES) as server:
        yield server


def client_of(slack):
    return AsyncWebClient(slack.tokens.bot, base_url=slack.api_base_url, retry_handlers=[])


class Listener(AsyncApp):
    """An app that keeps what it heard, in order of arrival."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def of(self, kind):
        return [said for name, said in self.heard if name == kind]


@asynccontextmanager
async def listening(slack):
    app = Listener(client=client_of(slack), signing_secret=slack.http.secret)

    @app.event("app_mention")
    async def mentioned(event):
        app.heard.append(("app_mention", event))

    @app.event("message")
    async def said(event):
        app.heard.append(("message", event))

    @app.event("reaction_added")
    async def reacted(event):
        app.heard.append(("reaction_added", event))

    @app.shortcut("edit")
    async def chosen(ack, body, client):
        await ack()
        app.heard.append(("shortcut", body))
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("edit")
    async def submitted(ack, view):
        await ack()
        app.heard.append(("view", view["state"]["values"]))

    handler = AsyncSocketModeHandler(app, slack.tokens.app, ping_interval=0.3)
    await handler.connect_async()
    await slack.sockets.wait(1)
    try:
        yield app
    finally:
        await handler.close_async()


async def fetch(url, token=None, *, follow=True):
    """(status, type, bytes), as an ordinary client gets them."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers, allow_redirects=follow) as answer,
    ):
        return answer.status, answer.content_type, await answer.read()


async def refused(call, error):
    with pytest.raises(SlackApiError) as caught:
        await call
    assert caught.value.response["error"] == error
    return caught.value.response


# --- What is heard ---


async def test_a_mention_with_files_brings_them_in_both_events_and_no_team(slack):
    cat, dog = picture(40, 30), picture(30, 40, kind="JPEG")
    async with listening(slack) as app:
        done = await slack.mention(
            slack.alice, slack.general, "make it night",
            files=[slack.file(slack.alice, cat, "My cat.png"), slack.file(slack.alice, dog, "dog.jpg")],
        )  # fmt: skip
        await slack.until(lambda: len(app.heard) == 2)
        [mention], [message] = app.of("app_mention"), app.of("message")
        assert done.acked
        assert "subtype" not in mention
        assert message["subtype"] == "file_share"
        assert (mention["files"], "team" in mention, "team" in message) == (message["files"], False, False)
        assert [(f["mimetype"], f["original_w"], f["size"]) for f in mention["files"]] == [
            ("image/png", 40, len(cat)),
            ("image/jpeg", 30, len(dog)),
        ]
        for file, data in zip(mention["files"], (cat, dog), strict=True):
            assert (await fetch(file["url_private"], slack.tokens.bot))[2] == data
            assert (await fetch(file["url_private_download"], slack.tokens.bot))[2] == data
    assert slack.violations == []


async def test_a_direct_message_may_be_a_file_without_a_word(slack):
    async with listening(slack) as app:
        await slack.dm(slack.bob, "", files=[picture()])
        with pytest.raises(BadInput):
            await slack.dm(slack.bob, "")
        await slack.until(lambda: bool(app.heard))
    [message] = app.of("message")
    assert (message["text"], message["channel_type"], len(message["files"])) == ("", "im", 1)


async def test_thread_messages_are_heard_where_the_app_is_a_member_and_tell_whose_thread_it_is(slack):
    private = slack.world.add_channel("private", kind="group")
    away = slack.world.add_channel("away", bot_in=False)
    private.members.add(slack.alice.id)
    async with listening(slack) as app:
        for place in (slack.general, private, away):
            root = (await slack.say(slack.alice, place, "look")).said
            await slack.reply(slack.bob, root, "make it night", files=[picture()])
        await slack.until(lambda: len(app.heard) == 4)
    replies = [m for m in app.of("message") if "thread_ts" in m]
    assert [(m["channel"], m["channel_type"]) for m in replies] == [
        (slack.general.id, "channel"),
        (private.id, "group"),
    ]
    assert {m["parent_user_id"] for m in replies} == {slack.alice.id}


async def test_a_reply_to_a_reply_is_in_the_same_thread_and_one_sent_to_the_channel_says_so(slack):
    async with listening(slack) as app:
        root = (await slack.say(slack.alice, slack.general, "look")).said
        first = (await slack.reply(slack.bob, root, "nice")).said
        await slack.reply(slack.alice, first, "is it not?")
        await slack.say(slack.bob, slack.general, "it is", thread_ts=root.ts, broadcast=True)
        await slack.until(lambda: len(app.heard) == 4)
    assert {m["thread_ts"] for m in app.of("message")[1:]} == {root.ts}
    last = app.of("message")[-1]
    assert (last["subtype"], last["root"]["ts"]) == ("thread_broadcast", root.ts)


async def test_an_edit_by_its_person_comes_as_a_change(slack):
    async with listening(slack) as app:
        said = (await slack.say(slack.alice, slack.general, "make it nite")).said
        await slack.rewrite(said, "make it night")
        await slack.until(lambda: len(app.heard) == 2)
    assert app.of("message")[-1]["message"]["text"] == "make it night"


# --- Shortcuts and forms ---


async def test_a_message_shortcut_carries_the_message_with_its_files(slack):
    async with listening(slack) as app:
        message = (await slack.say(slack.alice, slack.general, "our cat", files=[picture()])).said
        form = await (await slack.message_shortcut(slack.bob, message, "edit")).modal()
        [body] = app.of("shortcut")
        assert (body["message"]["ts"], body["message"]["user"]) == (message.ts, slack.alice.id)
        assert [f["id"] for f in body["message"]["files"]] == message.files
        assert form.shown.startswith("Edit")
        elsewhere = slack.world.add_channel("elsewhere", kind="group")
        hidden = (await slack.say(slack.alice, elsewhere, "hidden")).said
        with pytest.raises(BadInput):
            await slack.message_shortcut(slack.bob, hidden, "edit")
    assert slack.violations == []


async def test_files_of_a_form_come_with_its_submission_and_can_be_read(slack):
    async with listening(slack) as app:
        message = (await slack.say(slack.alice, slack.general, "our cat")).said
        form = await (await slack.message_shortcut(slack.bob, message, "edit")).modal()
        data = gradient(20, 10)
        await slack.submit_view(slack.bob, form, {"pictures": [slack.file(slack.bob, data, "cat.PNG")]})
        empty = await (await slack.message_shortcut(slack.bob, message, "edit")).modal()
        await slack.submit_view(slack.bob, empty)
    first, second = (values["pictures"]["pictures"] for values in app.of("view"))
    assert (first["type"], [f["name"] for f in first["files"]]) == ("file_input", ["cat.PNG"])
    assert (await fetch(first["files"][0]["url_private"], slack.tokens.bot))[2] == data
    assert not second["files"]
    assert slack.violations == []


@pytest.mark.parametrize(
    ("names", "size_bytes"),
    [(["a.png", "b.png", "c.png"], 10), (["cat.webp"], 10), (["cat.png"], 10 * 1024 * 1024 + 1)],
)
async def test_a_form_takes_no_more_no_other_and_no_larger_files_than_it_says(slack, names, size_bytes):
    async with listening(slack):
        message = (await slack.say(slack.alice, slack.general, "our cat")).said
        form = await (await slack.message_shortcut(slack.bob, message, "edit")).modal()
        files = [slack.file(slack.bob, bytes(size_bytes), name) for name in names]
        with pytest.raises(BadInput):
            await slack.submit_view(slack.bob, form, {"pictures": files})


async def test_a_form_for_files_wants_the_scope_and_stands_in_no_message(slack):
    client = client_of(slack)
    await refused(
        client.chat_postMessage(channel=slack.general.id, text="x", blocks=FORM["blocks"]), "invalid_blocks"
    )
    slack.tokens.scopes.discard("files:read")
    trigger = slack.triggers.make(slack.alice.id)
    answer = await refused(client.views_open(trigger_id=trigger, view=FORM), "missing_scope")
    assert answer["needed"] == "files:read"


@pytest.mark.parametrize("change", [{"max_files": 0}, {"max_files": 11}, {"filetypes": [".png" * 9]}])
async def test_a_file_field_beyond_its_limits_is_refused(slack, change):
    block = {**FORM["blocks"][0], "element": {**FORM["blocks"][0]["element"], **change}}
    view = {**FORM, "blocks": [block]}
    trigger = slack.triggers.make(slack.alice.id)
    await refused(client_of(slack).views_open(trigger_id=trigger, view=view), "invalid_arguments")


async def test_of_two_forms_that_stand_open_the_one_that_is_named_is_changed(slack):
    client = client_of(slack)
    first, second = [
        (await client.views_open(trigger_id=slack.triggers.make(who.id), view=FORM))["view"]
        for who in (slack.alice, slack.bob)
    ]
    changed = {**FORM, "title": {"type": "plain_text", "text": "Changed"}}
    await client.views_update(view_id=second["id"], hash=second["hash"], view=changed)
    titles = [slack.world.views[view["id"]].body["title"]["text"] for view in (first, second)]
    assert titles == ["Edit this picture", "Changed"]


# --- Who may read ---


async def test_a_download_without_the_bots_token_is_a_page_where_people_sign_in(slack):
    message = (await slack.say(slack.alice, slack.general, "our cat", files=[picture()])).said
    file = (await client_of(slack).files_info(file=message.files[0]))["file"]
    for token in (None, "xoxb-wrong", slack.tokens.app):
        assert (await fetch(file["url_private"], token, follow=False))[0] == 302
        status, kind, page = await fetch(file["url_private"], token)
        assert (status, kind) == (200, "text/html")
        assert b"Sign in" in page
    slack.tokens.scopes.discard("files:read")
    assert (await fetch(file["url_private"], slack.tokens.bot))[1] == "text/html"
    assert len(slack.called("sign_in")) == 4


async def test_without_files_read_a_message_tells_no_more_than_the_id_and_files_info_names_the_scope(slack):
    slack.tokens.scopes.discard("files:read")
    async with listening(slack) as app:
        message = (await slack.mention(slack.alice, slack.general, "night", files=[picture()])).said
        await slack.until(lambda: bool(app.of("app_mention")))
    [file] = app.of("app_mention")[0]["files"]
    assert (file["id"], file["file_access"]) == (message.files[0], "access_denied")
    assert "url_private" not in file
    answer = await refused(client_of(slack).files_info(file=file["id"]), "missing_scope")
    assert answer["needed"] == "files:read"


async def test_files_of_conversations_that_the_bot_is_not_in_are_not_found(slack):
    away = slack.world.add_channel("away", bot_in=False)
    message = (await slack.say(slack.alice, away, "our cat", files=[picture()])).said
    await refused(client_of(slack).files_info(file=message.files[0]), "file_not_found")
    slack.world.channels[away.id].members.add(slack.world.bot_user)
    file = (await client_of(slack).files_info(file=message.files[0]))["file"]
    assert (await fetch(file["url_private"], slack.tokens.bot))[0] == 200


async def test_another_organisations_file_is_a_stub_until_it_is_asked_for(slack):
    shared = slack.world.add_channel("shared", shared=True)
    guest = slack.world.add_person("guest", team_id="T0OTHER")
    async with listening(slack) as app:
        stub = slack.file(guest, picture(), foreign=True)
        await slack.mention(guest, shared, "make it night", files=[stub])
        await slack.until(lambda: bool(app.of("app_mention")))
    [mention] = app.of("app_mention")
    assert mention["files"] == [
        {"id": stub.id, "mode": "file_access", "file_access": "check_file_info", "created": 0, "timestamp": 0, "user": ""}
    ]  # fmt: skip
    whole = (await client_of(slack).files_info(file=stub.id))["file"]
    assert (whole["mimetype"], whole["user_team"], mention["user_team"]) == (
        "image/png",
        "T0OTHER",
        "T0OTHER",
    )


async def test_a_deleted_and_a_hidden_file_leave_a_mark_and_no_address(slack):
    slack.tokens.scopes.add("channels:history")
    cat, old = slack.file(slack.alice, picture()), slack.file(slack.alice, picture(), hidden_by_limit=True)
    await slack.say(slack.alice, slack.general, "cats", files=[cat, old])
    address = (await client_of(slack).files_info(file=cat.id))["file"]["url_private"]
    slack.delete_file(cat)
    [message] = (await client_of(slack).conversations_history(channel=slack.general.id))["messages"]
    assert message["files"] == [
        {"id": cat.id, "mode": "tombstone"},
        {"id": old.id, "mode": "hidden_by_limit"},
    ]
    await refused(client_of(slack).files_info(file=cat.id), "file_deleted")
    await refused(client_of(slack).files_info(file=old.id), "file_not_found")
    assert (await fetch(address, slack.tokens.bot))[0] == 404


async def test_a_file_that_lies_elsewhere_and_a_redirect_catch_whoever_takes_the_token_along(slack):
    far = slack.elsewhere.put("cat.png", picture())
    file = slack.file(slack.alice, b"", "cat.png", external_url=far)
    await slack.say(slack.alice, slack.general, "cat", files=[file])
    face = (await client_of(slack).files_info(file=file.id))["file"]
    assert (face["url_private"], face["mode"], "url_private_download" in face) == (far, "external", False)
    assert (await fetch(far))[2] == picture()
    assert slack.violations == []
    own = (await slack.say(slack.alice, slack.general, "cat", files=[picture()])).said
    slack.faults.redirect("download", far)
    near = (await client_of(slack).files_info(file=own.files[0]))["file"]["url_private"]
    assert (await fetch(near, slack.tokens.bot, follow=False))[0] == 302
    assert slack.elsewhere.asked == ["cat.png"]
    await fetch(far, slack.tokens.bot)
    assert [v.kind for v in slack.violations] == ["token_elsewhere"]


async def test_a_file_that_slack_cannot_open_goes_by_its_name(slack):
    names = ("cat.png", "IMG_1.HEIC", "notes.txt", "what")
    made = [slack.file(slack.alice, b"no picture", name) for name in names]
    await slack.say(slack.alice, slack.general, "", files=made)
    faces = [(await client_of(slack).files_info(file=f.id))["file"] for f in made]
    assert [f["mimetype"] for f in faces] == [
        "image/png",
        "image/heic",
        "text/plain",
        "application/octet-stream",
    ]
    assert not any("original_w" in f for f in faces)


async def test_a_turned_picture_tells_that_it_is(slack):
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif)
    file = slack.file(slack.alice, out.getvalue(), "cat.jpg")
    await slack.say(slack.alice, slack.general, "", files=[file])
    face = (await client_of(slack).files_info(file=file.id))["file"]
    assert (face["image_exif_rotation"], face["original_w"]) == (6, 40)


# --- Where answers go ---


async def test_a_star_and_an_envelope_are_heard_and_a_direct_message_can_be_opened(slack):
    client = client_of(slack)
    await client.chat_postMessage(channel=slack.general.id, text="a picture")
    async with listening(slack) as app:
        await slack.react(slack.bob, slack.messages[0], "star")
        await slack.react(slack.bob, slack.messages[0], "envelope")
        await slack.until(lambda: len(app.of("reaction_added")) == 2)
    assert [e["reaction"] for e in app.of("reaction_added")] == ["star", "envelope"]
    direct = (await client.conversations_open(users=slack.bob.id))["channel"]["id"]
    done = await client.files_upload_v2(channel=direct, file=picture(), filename="cat.png")
    assert slack.messages[-1].channel == direct
    assert (await client.files_info(file=done["file"]["id"]))["file"]["original_w"] == 64
