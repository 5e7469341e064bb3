"""Slack's pure parts: text, cards, forms, home, manifest and settings, against Slack's limits."""

import asyncio
import contextlib
import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.exceptions import HTTPException

from bot.abilities import Named
from bot.errors import StoreBusy
from bot.limits.lanes import Resting
from bot.model import Source, Use, Where
from bot.ports import MAIN, Action, Card, Do, Phase, Pick, Picture
from bot.talk.answers import Choice, Field, FieldKind, Form
from bot.talk.deeds import Begun
from bot.words.words import Say, Words
from integrations.slack import deliveries, dispatch, failures, forms, manifest
from integrations.slack._text import (
    escaped,
    marked,
    naming,
    person_in,
    section,
    typed,
    typed_with_ids,
    without_mention,
)
from integrations.slack._throttle import PER_MINUTE, Throttle
from integrations.slack.cards import Face, block_id, digest, fallback, job_of, message_of
from integrations.slack.dispatch import Dispatch, bolt_app
from integrations.slack.failures import Obstacle
from integrations.slack.settings import SlackSettings
from tests.fakes.patience import PATIENCE_S
from tests.fakes.slack import manifest_problems, unescaped_in
from tests.fakes.slack.blocks import check_blocks
from tests.fakes.slack.escaping import pings_in, possible_pings_in
from tests.fakes.slack.http_delivery import signature
from tests.fakes.slack.view_rules import check_view

NASTY = st.text(
    st.sampled_from("&<>@!#*_~`\n ab:;|🦊한/") | st.characters(exclude_categories=["Cs"]), max_size=400
)
ACTIONS = tuple(
    [Action(do=Do.PICK, label=str(n), index=n) for n in range(1, 5)]
    + [Action(do=d, label=d) for d in Do if d not in (Do.PICK, Do.SHOW, Do.CANCEL, Do.RETRY, Do.TELL)]
)
PICTURE = Picture(key="k", media_type="image/png", width=1, height=1, size_bytes=1, alt="x" * 3000)


def errors_of(blocks, surface="message"):
    return check_blocks(blocks, surface=surface, at="/blocks", file_problem=lambda _: None).errors


def texts_of(value):
    if isinstance(value, list):
        return [t for item in value for t in texts_of(item)]
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + [t for item in value.values() for t in texts_of(item)]
    return []


@settings(deadline=None, max_examples=60)  # a loaded machine is no slow card
@given(NASTY)
def test_what_a_person_typed_comes_back_whole_and_shows_harmlessly(text):
    assert unescaped_in(escaped(text)) == []
    assert pings_in(escaped(text)) == []
    assert typed(escaped(text)) == text.strip()
    assert unescaped_in(marked(escaped(text) * 20)["text"]) == []
    assert len(section(escaped(text) * 20)["text"]["text"]) <= 3000


def test_mentions_and_links_in_a_prompt_become_plain():
    assert typed("a fox by <@U123|bob> in <#C1|art>") == "a fox by bob in art"
    assert (
        typed("like <https://example.org/a?b=1&amp;c=2|example.org>") == "like https://example.org/a?b=1&c=2"
    )
    assert person_in("grant <@U012ABC345|Bob Smith> 5") == "U012ABC345"
    assert person_in("grant &lt;@U012ABC345&gt; 5") == "U012ABC345"
    assert person_in("grant bob 5") == ""
    for mention in ("<@U012ABC345|Bob Smith>", "&lt;@U012ABC345|Bob Smith&gt;"):
        assert typed_with_ids(f"grant {mention} 5 R&amp;D &amp;lt;").split() == [
            "grant", "U012ABC345", "5", "R&D", "&lt;",
        ]  # fmt: skip
    assert typed_with_ids("channels <#C012ABC345|art>,<#G012ABC345>").split() == [
        "channels", "C012ABC345", ",", "G012ABC345",
    ]  # fmt: skip
    assert without_mention("<@U0EASEL01> ask <@U012ABC345>").strip() == "ask <@U012ABC345>"


@settings(deadline=None, max_examples=60)  # a loaded machine is no slow card
@given(NASTY, NASTY, st.sampled_from(["", "https://example.org/x"]), st.booleans())
def test_every_card_is_within_slacks_limits_and_escaped(prompt, name, url, spoiler):
    card = Card(
        job="j" * 26, version=3, phase=Phase.FINISHED, requester=name, prompt=prompt, headline=name, sentence=prompt,
        facts=((name or "a", prompt or "b"),) * 5, pictures=(PICTURE,), originals=(PICTURE,), actions=ACTIONS,
        spoiler=spoiler,
    )  # fmt: skip
    said = {"spoiler-note": name, "button-show": "show", "slack-sure": prompt, "slack-keep": "no"}
    for face in (Face(image_url=url), Face(file="F1"), Face(note=name, note_url=url), Face(bare=True)):
        message = message_of(card, face, said.__getitem__, original_url=url)
        assert errors_of(message["blocks"]) == []
        assert 0 < len(message["text"]) <= 4000
        for text in [message["text"], *texts_of(message["blocks"])]:
            assert unescaped_in(text) == []
            assert pings_in(text) == []
        assert all(possible_pings_in(t) == [] or "verbatim" in json.dumps(message) for t in [message["text"]])


def test_a_block_names_its_job_and_changes_with_each_edit():
    card = Card(job="job1", version=3, role=Pick(2))
    assert job_of(block_id(card, 1)) == ("job1", Pick(2))
    assert job_of("abc") == job_of("easel:job1:cover:3:1") == ("", MAIN)
    assert digest(card) == digest(Card(job="job1", version=9, role=Pick(2), ready_at=3))
    assert digest(card) != digest(Card(job="job1", version=3, headline="x"))
    assert fallback(Card(job="j", version=1, headline="Done", requester="Al"), Face()) == "Al · Done"


CHOICES = st.lists(st.builds(Choice, value=NASTY, label=NASTY, note=NASTY), max_size=120).map(tuple)
FIELDS = st.lists(
    st.builds(
        Field,
        name=st.sampled_from(["prompt", "model", "aspect", "quality", "style", "negative", "private"]),
        label=NASTY, kind=st.sampled_from(FieldKind), value=NASTY, choices=CHOICES, follows_model=st.booleans(),
        taken=st.booleans(), required=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda field: field.name,
)  # fmt: skip


@settings(deadline=None, max_examples=60)  # a loaded machine is no slow card
@given(NASTY, FIELDS, NASTY)
def test_every_form_is_within_slacks_limits_and_offers_what_is_taken(title, fields, model):
    form = Form(title=title, fields=tuple(fields), model=model * 20, begun=Begun(parent="j" * 26))
    view = forms.view_of(form, Say(Words()), where={"channel": "C1", "asked": "1"})
    report = check_view(view, file_problem=lambda _: None)
    assert [e for e in report.errors if "no more than" in str(e) or "additional" in str(e)] == []
    assert [b["element"]["action_id"] for b in view["blocks"]] == [f.name for f in fields if f.taken]
    origin = forms.kept_in(view)
    assert (origin.where, origin.begun, origin.about) == ({"channel": "C1"}, form.begun, str(form.begun))


def test_a_form_keeps_what_it_kept_in_and_brings_the_files_that_were_put_in():
    began = (
        Source(where=Where.ATTACHED, ref="F1", surface="slack"),
        Source(where=Where.OURS, ref="j/2", use=Use.STYLE),
    )
    field = Field(name="pictures", label="Pictures", kind=FieldKind.PICTURES, most=16, follows_model=True)
    form = Form(title="Edit", fields=(field,), model="m", begun=Begun(edits=True, index=2), pictures=began)
    where = {"channel": "C1", "url": "https://hooks.slack.com/" + "x" * 200, "user": "U1"}
    view = forms.view_of(form, Say(Words()), where=where)
    assert check_view(view, file_problem=lambda _: None).errors == []
    (block,) = view["blocks"]
    assert (block["block_id"], block["element"]["max_files"]) == ("pictures", 10)
    origin = forms.kept_in(view)
    assert (origin.begun, origin.pictures) == (form.begun, began)
    assert "user" not in origin.where
    state = {"pictures": {"pictures": {"type": "file_input", "files": [{"id": "F2"}, {"id": "F3"}]}}}
    filled = {**view, "state": {"values": state}}
    assert [source.ref for source in forms.files_in(filled)] == ["F2", "F3"]
    assert forms.values_of(filled) == {}
    untouched = {
        **view,
        "state": {"values": {"pictures": {"pictures": {"type": "file_input", "files": None}}}},
    }
    assert forms.files_in(untouched) == ()


@pytest.mark.parametrize("text", ["x" * 3_000, "a fox " * 900, "여우" * 4_000, "two\nlines " * 1_500])
def test_however_long_a_prompt_no_word_of_it_is_lost(text):
    prompt = Field(name="prompt", label="Prompt", kind=FieldKind.PARAGRAPH, value=text.strip(), required=True)
    view = forms.view_of(Form(title="Edit", fields=(prompt,), model="m"), Say(Words()), where={})
    assert check_view(view, file_problem=lambda _: None).errors == []
    states = {
        block["block_id"]: {
            block["element"]["action_id"]: {
                "type": "plain_text_input",
                "value": block["element"]["initial_value"],
            }
        }
        for block in view["blocks"]
    }
    assert sum(block["element"]["focus_on_load"] for block in view["blocks"]) == 1
    told = forms.values_of({"state": {"values": states}})["prompt"]
    assert "".join(told.split()) == "".join(text.split())


def test_a_form_of_an_older_version_is_read_and_one_with_ten_pictures_fits():
    old = {"private_metadata": json.dumps({"channel": "C1", "job": "j1"})}
    assert forms.kept_in(old) == forms.FormMetadata(channel="C1", parent="j1")
    sources = tuple(Source(where=Where.ATTACHED, ref=f"F0{n:09}", surface="slack") for n in range(10))
    form = Form(title="Edit", fields=(), model="m", begun=Begun(edits=True), pictures=sources)
    where = {"channel": "C1", "thread": "1700000000.000001", "url": "https://hooks.slack.com/" + "x" * 300}
    assert len(forms.view_of(form, Say(Words()), where=where)["private_metadata"]) <= 3_000


def test_without_the_right_to_read_files_a_form_says_so_and_takes_words():
    fields = (
        Field(name="prompt", label="Prompt", kind=FieldKind.PARAGRAPH),
        Field(name="pictures", label="Pictures", kind=FieldKind.PICTURES, most=3),
    )
    form = Form(title="Create", fields=fields, model="m")
    view = forms.view_of(form, Say(Words()), where={}, files=False)
    assert [block["type"] for block in view["blocks"]] == ["input", "context"]
    assert "files:read" in view["blocks"][-1]["elements"][0]["text"]
    assert check_view(view, file_problem=lambda _: None).errors == []


def test_what_is_chosen_is_offered_also_behind_the_first_hundred():
    choices = tuple(Choice(value=f"m{n}", label=f"Model {n}", note="3 credits") for n in range(200))
    field = Field(name="model", label="Model", kind=FieldKind.CHOICE, value="m150", choices=choices)
    other = Field(name="size", label="Size", kind=FieldKind.CHOICE, follows_model=True)
    form = Form(title="Create", fields=(field, other), model="m150")
    view = forms.view_of(form, Say(Words()), where={})
    assert check_view(view, file_problem=lambda _: None).errors == []
    model, size = view["blocks"]
    assert model["dispatch_action"]
    assert model["element"]["initial_option"]["value"] == "m150"
    assert len(model["element"]["options"]) == 100
    assert (size["block_id"], size["element"]["type"]) == ("size@m150", "plain_text_input")


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(
                [
                    "state",
                    "values",
                    "p",
                    "value",
                    "selected_option",
                    "files",
                    "id",
                    "pictures",
                    "index",
                    "where",
                ]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)


@given(ANYTHING, ANYTHING)
def test_a_form_of_another_shape_says_nothing_and_breaks_nothing(state, meta):
    view = {"state": state, "private_metadata": meta}
    assert all(isinstance(value, str) for value in forms.values_of(view).values())
    view["private_metadata"] = json.dumps(meta)
    began = forms.kept_in(view)
    assert isinstance(began.parent, str)
    assert all(isinstance(value, str) for value in began.where.values())
    assert all(isinstance(source.ref, str) for source in (*began.pictures, *forms.files_in(view)))


def test_a_form_is_read_back_as_an_order():
    values = {
        "p": {"prompt": {"type": "plain_text_input", "value": "a fox"}},
        "a": {"aspect": {"type": "static_select", "selected_option": {"value": "16:9"}}},
        "q": {"quality": {"type": "static_select", "selected_option": None}},
        "x": {"private": {"type": "checkboxes", "selected_options": [{"value": "yes"}]}},
    }
    read = forms.values_of({"state": {"values": values}})
    assert read == {"prompt": "a fox", "aspect": "16:9", "private": "yes"}


@pytest.mark.parametrize("url", ["", "https://easel.example.org/slack/events"])
def test_the_manifest_is_what_slack_takes(url):
    made = manifest.manifest(request_url=url)
    assert manifest_problems(made) == []
    assert yaml.safe_load(json.dumps(made)) == made
    assert made["settings"]["socket_mode_enabled"] == (not url)
    addressed = [made["settings"]["interactivity"], made["settings"]["event_subscriptions"]]
    assert [part.get("request_url", "") for part in addressed] == [url, url]
    assert {command.get("url", "") for command in made["features"]["slash_commands"]} == {url}


def declared(feature):
    return manifest.manifest()["features"][feature]


EDIT_IN_A_THREAD = {
    "type": "message", "channel_type": "channel", "user": "U1", "channel": "C1", "ts": "1.1", "thread_ts": "1.0",
    "text": "make it night",
}  # fmt: skip


class Ear:
    """Whoever hears something, by its name; `refusal` is what the talk says, None nothing yet."""

    def __init__(self, refusal: str | None = ""):
        self.heard: list[str] = []
        self.refusal = refusal

    def __getattr__(self, name):
        async def hear(body, receipt):
            self.heard.append(name)
            if self.refusal is None:
                await asyncio.Event().wait()
            receipt.refuse(self.refusal)

        return hear

    async def opened(self, user, team):
        self.heard.append("opened")


@contextlib.asynccontextmanager
async def listening(ear: Any):
    """Bolt's app with the ear behind it: tells a payload, answers what was heard, the status and the answer."""
    dispatch = Dispatch(Words())
    others: Any = {
        name: getattr(ear, name) for name in ("app_uninstalled", "channel_unarchive", "group_unarchive")
    }
    app = bolt_app(dispatch, hearing=ear, home=ear, others=others, client=AsyncWebClient())

    async def tell(payload):
        ear.heard.clear()
        answer = await app.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        return ear.heard.copy(), answer.status, answer.body

    yield tell
    await dispatch.aclose()


async def test_whatever_the_manifest_declares_is_heard_and_nothing_else_is():
    """Commands, shortcuts and events; what Slack does not send to this app is told from what is of no concern."""
    names: dict[str, str | None] = {
        "app_mention": "mention",
        "message.im": "direct",
        "message.channels": "in_thread",
        "message.groups": "in_thread",
        "reaction_added": "reacted",
        "app_home_opened": "opened",
        "tokens_revoked": None,  # it concerns nobody: only a removal erases
    }
    async with listening(Ear()) as tell:
        commands = [
            await tell({"command": one["command"], "user_id": "U1"}) for one in declared("slash_commands")
        ]
        assert commands == [(["imagine"], 200, ""), (["easel"], 200, "")]
        kinds = {"global": ("shortcut", "shortcut"), "message": ("message_action", "message_shortcut")}
        for one in declared("shortcuts"):
            kind, hear = kinds[one["type"]]
            shortcut = {"type": kind, "callback_id": one["callback_id"], "user": {"id": "U1"}}
            assert await tell(shortcut) == ([hear], 200, "")
        who = {"user": "U1", "channel": "C1", "ts": "1.1"}
        for name in manifest.manifest()["settings"]["event_subscriptions"]["bot_events"]:
            kind, _, place = name.partition(".")
            event = {
                **who,
                "type": kind,
                "channel_type": place,
                "tab": "home",
                "item": {"channel": "C1", "ts": "1.1"},
                "thread_ts": "1.0",
                "text": "make it night",
            }
            heard, status, _ = await tell({"type": "event_callback", "event": event})
            wanted = names.get(name, names.get(kind, kind))
            assert (heard, status) == ([wanted] if wanted else [], 200), name


@pytest.mark.parametrize(
    "event",
    [
        {"type": "news"},
        {"type": "message", "channel_type": "channel", "user": "U1", "channel": "C1", "ts": "1.1"},
        {**EDIT_IN_A_THREAD, "thread_ts": "1.1"},
        {**EDIT_IN_A_THREAD, "text": "what a lovely picture"},
        {**EDIT_IN_A_THREAD, "text": "<@U2> make it night"},
        {**EDIT_IN_A_THREAD, "subtype": "message_changed"},
        {**EDIT_IN_A_THREAD, "bot_id": "B1"},
        {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "ts": "1.1", "bot_id": "B1"},
        {"type": "message", "channel_type": "im", "channel": "D1", "ts": "1.1", "subtype": "message_changed"},
        {"type": "app_mention", "user": "U1", "channel": "C1"},
        {"type": "app_mention", "user": {"id": "U1"}, "channel": "C1", "ts": "1.1"},
        {"type": "reaction_added", "user": "U1", "item": {"type": "file"}},
        {"type": "reaction_added", "user": "U1"},
        {"type": "app_home_opened", "user": "U1", "tab": "messages"},
    ],
)
async def test_an_event_of_no_concern_is_acknowledged_and_nobody_hears_it(event):
    async with listening(Ear()) as tell:
        assert await tell({"type": "event_callback", "event": event}) == ([], 200, "")


@pytest.mark.parametrize("subtype", [{}, {"subtype": "file_share"}, {"subtype": "thread_broadcast"}])
async def test_words_that_begin_an_edit_are_heard_in_threads(subtype):
    async with listening(Ear()) as tell:
        event = {**EDIT_IN_A_THREAD, **subtype}
        assert await tell({"type": "event_callback", "event": event}) == (["in_thread"], 200, "")


async def test_forms_and_presses_find_who_hears_them():
    user, view = {"id": "U1"}, {"id": "V1", "type": "modal", "callback_id": forms.CALLBACK}
    press = {"type": "block_actions", "user": user}
    async with listening(Ear()) as tell:
        submitted = {"type": "view_submission", "user": user, "view": view}
        assert await tell(submitted) == (["submitted"], 200, "")
        model = {**press, "actions": [{"action_id": "model"}]}
        assert await tell({**model, "view": view}) == (["model_chosen"], 200, "")
        assert await tell(model) == (["pressed"], 200, "")
        assert await tell({**press, "actions": [{"action_id": "reroll"}]}) == (["pressed"], 200, "")


ODD: tuple[dict[str, Any], ...] = (
    {},
    {"command": "/other", "user_id": "U1"},
    {"command": "/imagine"},
    {"command": ["/imagine"], "user_id": "U1"},
    {"type": "shortcut", "callback_id": "x", "user": {"id": "U1"}},
    {"type": "shortcut", "callback_id": "create", "user": {"id": 1}},
    {
        "type": "view_submission",
        "user": {"id": "U1"},
        "view": {"id": "V1", "type": "modal", "callback_id": "other"},
    },
    {
        "type": "view_closed",
        "user": {"id": "U1"},
        "view": {"id": "V1", "type": "modal", "callback_id": forms.CALLBACK},
    },
    {"type": "view_submission", "user": {"id": "U1"}, "view": None},
    {"type": "view_submission", "user": {"id": "U1"}, "view": {"id": "V1", "callback_id": forms.CALLBACK}},
    {"type": "block_actions", "user": {"id": "U1"}, "actions": [5]},
    {"type": "block_actions", "user": {"id": "U1"}, "actions": []},
    {"type": "interactive_message", "user": {"id": "U1"}, "callback_id": "x", "actions": []},
    {"type": "block_suggestion", "user": {"id": "U1"}, "action_id": "x"},
    {"type": "event_callback", "event": {"type": {}}},
    {"type": "url_verification", "challenge": []},
)


@pytest.mark.parametrize("payload", ODD)
async def test_what_slack_does_not_send_to_this_app_is_refused_and_nobody_hears_it(payload):
    async with listening(Ear()) as tell:
        heard, status, _ = await tell(payload)
        assert (heard, status) == ([], 400)


IMAGINE = {"command": "/imagine", "user_id": "U1", "text": "a fox"}
PRESS = {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "reroll"}]}
SUBMIT = {
    "type": "view_submission",
    "user": {"id": "U1"},
    "view": {"id": "V1", "type": "modal", "callback_id": forms.CALLBACK},
}
EVENT = {"type": "event_callback", "event": {"type": "app_uninstalled"}}


@pytest.mark.parametrize(
    ("payload", "status", "answer"),
    [
        (IMAGINE, 200, {"text": "no"}),
        (SUBMIT, 200, {"response_action": "errors", "errors": {"prompt": "no"}}),
        (PRESS, 503, None),
        (EVENT, 503, None),
    ],
)
async def test_what_cannot_be_taken_on_is_told_where_slack_shows_it_or_not_acknowledged(
    payload, status, answer
):
    async with listening(Ear("no")) as tell:
        _, told, body = await tell(payload)
        assert told == status
        assert answer is None or json.loads(body) == answer


class Hindered(Ear):
    """Needs the store to find out what was meant, and the store can't answer."""

    def __getattr__(self, name: str) -> Any:
        async def hear(body: Any, receipt: Any) -> None:
            raise StoreBusy("the disk is full")

        return hear


@pytest.mark.parametrize(
    ("payload", "status", "answer"),
    [
        (IMAGINE, 200, {"text": Words().say("busy")}),
        (SUBMIT, 200, {"response_action": "errors", "errors": {"prompt": Words().say("busy")}}),
        (PRESS, 503, None),
        (EVENT, 503, None),
    ],
)
async def test_what_the_store_can_not_tell_before_the_talk_is_asked_is_no_silence(payload, status, answer):
    async with listening(Hindered()) as tell:
        _, told, body = await tell(payload)
        assert told == status
        assert answer is None or json.loads(body) == answer


@pytest.mark.parametrize("payload", [IMAGINE, SUBMIT, PRESS, EVENT])
async def test_nothing_is_acknowledged_before_it_is_durable_or_nearly_too_late(payload, monkeypatch):
    monkeypatch.setattr(dispatch, "_ACK_WAIT_S", 0.05)
    async with listening(Ear(None)) as tell:
        began = asyncio.get_running_loop().time()
        assert (await tell(payload))[1] == 200
        assert asyncio.get_running_loop().time() - began >= 0.04


class Slow(Ear):
    """Hears whose commands they are, and takes one at a time when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.next = asyncio.Semaphore(0)
        self.whose: list[str] = []

    async def imagine(self, body: Any, receipt: Any) -> None:
        self.whose.append(body["user_id"])
        await self.next.acquire()
        receipt.accept()


async def told_beside(tell: Any, user: str, times: int = 1) -> list[asyncio.Task[Any]]:
    """Commands of one person, each of which waits for its acknowledgement."""
    tasks = [asyncio.create_task(tell({**IMAGINE, "user_id": user})) for _ in range(times)]
    for _ in range(50):
        await asyncio.sleep(0)
    return tasks


async def test_one_person_with_many_commands_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr(dispatch, "_AT_ONCE", 2)
    monkeypatch.setattr(dispatch, "_EACH_MOST", 8)
    monkeypatch.setattr(dispatch, "_ACK_WAIT_S", PATIENCE_S)
    ear = Slow()
    async with listening(ear) as tell:
        minas = await told_beside(tell, "U1", 20)
        refused = [task.result() for task in minas if task.done()]
        assert [status for _, status, _ in refused] == [200] * 12
        assert {body for _, _, body in refused} == {json.dumps({"text": Words().say("busy")})}
        bobs = await told_beside(tell, "U2")
        assert ear.whose == ["U1", "U1"]
        for _ in range(9):
            ear.next.release()
        await asyncio.wait_for(asyncio.gather(*minas, *bobs), PATIENCE_S)
        assert ear.whose == ["U1"] * 3 + ["U2"] + ["U1"] * 5, (
            "the others' turn comes after one more of theirs"
        )


def test_settings_say_what_is_missing():
    assert not SlackSettings().ready
    assert SlackSettings(bot_token="b", app_token="a").ready
    assert SlackSettings(api_base_url="http://127.0.0.1:1/api").api_base_url.endswith("/api/")
    assert SlackSettings(admins=[1, "U2"]).admins == ("1", "U2")
    for wrong in ({"bot_token": "b"}, {"bot_token": "b", "mode": "http"}, {"api_base_url": "slack.com"}):
        with pytest.raises(ValidationError):
            SlackSettings(**wrong)
    assert "xoxb-1" not in repr(SlackSettings(bot_token="xoxb-1", app_token="xoxb-1"))


async def test_refused_places_give_each_message_a_turn_of_its_own():
    now = [100.0]
    throttle = Throttle(clock=lambda: now[0])

    async def wait_s(place, who):
        try:
            async with throttle.turn("chat.postMessage", place, who=who, within_s=0):
                pass
        except Resting as rest:
            return rest.wait_s
        return 0.0

    for name in ("first", "second", "third"):
        assert await wait_s("C1", name) == 0
    throttle.refused("chat.postMessage", "C1", 10, who="third")
    waits = {name: await wait_s("C1", name) for name in ("a", "b", "c")}
    assert waits["a"] == pytest.approx(10)
    assert waits["b"] < waits["c"]
    assert await wait_s("C2", "elsewhere") == 0
    now[0] += 9
    assert await wait_s("C1", "a") > 0, "nothing before Retry-After is over"
    now[0] += waits["b"] - 9
    assert await wait_s("C1", "b") == 0
    assert await wait_s("C1", "third") == 0, "who was refused is not sent to the end of the line"


async def test_every_method_rests_after_its_own_refusal_and_keeps_to_its_tier_from_then_on():
    now = [100.0]
    throttle = Throttle(clock=lambda: now[0])

    async def passes(method):
        try:
            async with throttle.turn(method):
                return True
        except Resting:
            return False

    for _ in range(PER_MINUTE["users.info"] + 20):
        assert await passes("users.info"), "a tier is the least that Slack takes"
    throttle.refused("users.info", "", 5)
    assert not await passes("users.info")
    assert await passes("conversations.open")
    throttle.refused("chat.update", "", 5)
    assert not throttle.quiet()
    now[0] += 65
    passed = [await passes("users.info") for _ in range(PER_MINUTE["users.info"] + 20)]
    assert sum(passed) == PER_MINUTE["users.info"]


async def test_more_than_a_tier_is_tried_one_call_at_a_time():
    """So that the first 429 is the only one."""
    throttle, under_way, most = Throttle(), [0], [0]

    async def call():
        async with throttle.turn("chat.update", within_s=9):
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
            await asyncio.sleep(0.001)
            under_way[0] -= 1

    await asyncio.gather(*(call() for _ in range(PER_MINUTE["chat.update"])))
    assert most[0] > 1
    most[0] = 0
    await asyncio.gather(*(call() for _ in range(30)))
    assert most[0] == 1


def test_every_obstacle_has_its_rule():
    assert set(failures.RULES) == set(Obstacle)


def test_each_word_of_slacks_stands_in_one_row():
    """In two it would be whatever the last one says."""
    assert sorted(failures.TABLE) == sorted(code for codes in failures.CODES.values() for code in codes)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_reason_has_a_sentence(language):
    sentences = {failures.sentence_of(code) for code in failures.TABLE}
    assert all(Words().knows(name) for name in sentences)
    assert all(Words().say(name, language, bot="Easel") for name in sentences)


def headers_of(body, *, at=None, secret="hush", kind="application/json"):
    at = int(time.time()) if at is None else at
    made = signature(secret, at, body) if isinstance(at, int) else "v0=0"
    return {deliveries.TIMESTAMP: str(at), deliveries.SIGNATURE: made, "content-type": kind}


def test_a_delivery_is_slacks_by_its_raw_bytes_and_within_five_minutes():
    now = int(time.time())
    assert deliveries.is_genuine("hush", headers_of("{}"), b"{}")
    assert not deliveries.is_genuine("hush", headers_of("{}"), b"{ }")
    assert not deliveries.is_genuine("hush", headers_of("{}", secret="loud"), b"{}")
    assert deliveries.is_genuine("hush", headers_of("{}", at=now - 280), b"{}")
    assert not deliveries.is_genuine("hush", headers_of("{}", at=now - 400), b"{}")
    assert not deliveries.is_genuine("hush", headers_of("{}", at=now + 400), b"{}")


@pytest.mark.parametrize("at", ["abc", "", "-1", "1e9", "٣", "9" * 5_000, "nan"])
def test_an_odd_timestamp_is_no_signature_and_no_trouble(at):
    assert not deliveries.is_genuine("hush", headers_of("{}", at=at), b"{}")


@pytest.mark.parametrize("mark", ["v0=ü", "v0=", "\udcff", "v1=" + "0" * 64])
def test_an_odd_signature_is_none(mark):
    headers = {**headers_of("{}"), deliveries.SIGNATURE: mark}
    assert not deliveries.is_genuine("hush", headers, b"{}")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"[]", 400),
        ("application/json", b"\xff", 400),
        ("application/x-www-form-urlencoded", b"payload=[]", 400),
        ("application/x-www-form-urlencoded", b"payload=" + b"[" * 200_000, 400),
        ("application/x-www-form-urlencoded", b"payload=%FF", 400),
        ("application/x-www-form-urlencoded", b"\xff=1", 400),
        ("application/x-www-form-urlencoded", b"no form at all", 400),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(200)), 400),
        ("text/plain", b"{}", 415),
        ("", b"{}", 415),
        ("multipart/form-data; boundary=x", b"{}", 415),
    ],
)
def test_a_body_that_no_slack_sends_is_refused_for_what_it_is(kind, body, status):
    with pytest.raises(HTTPException) as refused:
        deliveries.payload_of({"content-type": kind}, body)
    assert refused.value.status_code == status


def test_both_ways_of_slack_are_read():
    form = {"content-type": "Application/X-WWW-form-urlencoded; charset=utf-8"}
    assert deliveries.payload_of({"content-type": "application/json"}, b'{"type": "x"}') == {"type": "x"}
    assert deliveries.payload_of(form, b"payload=%7B%22type%22%3A1%7D") == {"type": 1}
    assert deliveries.payload_of(form, b"command=%2Fimagine&text=") == {"command": "/imagine", "text": ""}


def test_a_line_that_names_people_is_letter_by_letter_all_the_same():
    """A prompt that the audit quotes is no markup, and an id in it that nobody has told of calls nobody."""
    typed_words = "“*bold* <!here> U0OTHERONE :smile: <https://x.org|free>”"
    names = {"U0PERSON01": Named.PERSON, "C0CHANNEL1": Named.CHANNEL, "S0GROUP001": Named.ROLE}
    (block,) = naming([f"hide · U0PERSON01 · C0CHANNEL1 · S0GROUP001 · {typed_words}"], names)
    assert errors_of([block]) == []
    assert texts_of(block) == [], "nothing in it is mrkdwn"
    (line,) = block["elements"]
    mentions = [one for one in line["elements"] if one["type"] != "text"]
    assert mentions == [
        {"type": "user", "user_id": "U0PERSON01"},
        {"type": "channel", "channel_id": "C0CHANNEL1"},
    ]
    said = "".join(one["text"] for one in line["elements"] if one["type"] == "text")
    assert said == f"hide ·  ·  · S0GROUP001 · {typed_words}"
