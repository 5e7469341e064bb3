"""What people see in Slack, captured for looking at: `EASEL_LOOK=look.json pytest -n 0 tests/journey/test_slack_look.py`,
then `python docs/slack_look.py look.json look.html`."""

import base64
import json
import os
from pathlib import Path

from integrations.slack.manifest import manifest
from tests.fakes.hostile import gradient
from tests.fakes.services import drawing
from tests.fakes.services.openai import running
from tests.fakes.slack_process import finished, house


def drawn_by(service):
    """The section of a service that takes pictures."""
    provider = f'[providers.openai]\napi_key = "{drawing.KEY}"\nbase_url = "{service.url}"\n'
    return f'{provider}[moderation]\ninputs = "any"\n'


def with_pictures(slack, value):
    """The same blocks, with the bytes of Slack's files in them."""
    if isinstance(value, list):
        return [with_pictures(slack, item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: with_pictures(slack, item) for key, item in value.items()}
    if "slack_file" in found:
        file = slack.files.stored[found["slack_file"]["id"]]
        found["image_url"] = f"data:image/{file.format.lower()};base64,{base64.b64encode(file.data).decode()}"
    return found


def captured(slack, title, *messages):
    told = [
        {"text": m.text, "blocks": with_pictures(slack, m.blocks), "private": bool(m.ephemeral_for)}
        for m in messages
    ]
    return {"title": title, "kind": "messages", "messages": told}


async def given_and_gone_on_from(slack, mina, one, four):
    """A picture that came with a mention, an edit of it in its thread, and the private answers around them."""
    photo = slack.file(mina, gradient(640, 400), "our street.png")
    asked = await slack.mention(mina, slack.general, "our street as a woodcut", files=[photo])
    made = await finished(slack, asked)
    edited = await finished(slack, await slack.reply(mina, made, "make it night"))
    told = [(await (await slack.mention(mina, slack.general, "thanks!")).ephemeral())]
    slack.world.ephemerals.clear()
    told.append(await (await slack.react(mina, one, "star")).ephemeral())
    slack.world.ephemerals.clear()
    told.append(await (await slack.command(mina, slack.general, "/easel", "favourites")).ephemeral())
    slack.world.ephemerals.clear()
    lost = slack.file(mina, b"no picture", "street.png")
    sorry = await (await slack.mention(mina, slack.general, "as a woodcut", files=[lost])).message()
    await slack.until(lambda: "retry" in sorry.action_ids)
    form = await (await slack.click(mina, four, "edit")).modal()
    slack.fill(form, {"prompt": "make it night", "pictures": [photo]})
    panels = [
        captured(slack, "Given, and gone on from", made, edited),
        captured(slack, "What is said around it", *told, sorry),
        {"title": "The form of an edit", "kind": "view", "view": form.body, "state": form.values},
    ]
    await slack.close_view(mina, form)
    return panels


async def test_every_kind_of_message_and_view_is_seen(tmp_path):
    """Placeholder, pictures, ends, private answers, form and home: within Slack's limits, and captured."""
    look = []
    painted = {"latency": False, "tiny_images": "EASEL_LOOK" not in os.environ}
    async with (
        running() as service,
        house(tmp_path, simulation=painted, more=drawn_by(service), manifest=manifest()) as (slack, _),
    ):
        room, mina = slack.general, slack.world.add_person("mina")
        room.members.add(mina.id)

        async def draw(text):
            return await finished(slack, await slack.command(mina, room, "/imagine", text))

        stuck = await slack.command(
            mina,
            room,
            "/imagine",
            "an owl reading by candlelight [sim:never_completes] --model flux-2-pro --ar 4:3",
        )
        waiting = await stuck.message()
        look.append(captured(slack, "The placeholder", waiting))
        one = await draw("a red fox in the snow, *very* <soft> & warm light @here --ar 16:9")
        look.append(captured(slack, "One picture", one))
        four = await draw("a lighthouse above the sea at dusk --n 4")
        look.append(captured(slack, "Four pictures", four))
        await slack.click(mina, waiting, "cancel")
        await slack.until(lambda: "retry" in waiting.action_ids)
        failed = await slack.command(
            mina, room, "/imagine", "a cat [sim:operation_fails:9] --model flux-2-pro"
        )
        over = await failed.message()
        await slack.until(lambda: "retry" in over.action_ids)
        look.append(captured(slack, "Cancelled, and failed", waiting, over))
        hidden = await draw("a stormy sea --spoiler")
        press = await slack.click(mina, four, "pick:2")
        pick = await press.message(lambda m: "original" in m.action_ids and "reroll" not in m.action_ids)
        look.append(captured(slack, "A spoiler, and one picked", hidden, pick))
        told = []
        for words in ("credits", "models", "history", "help", "forget"):
            told.append(await (await slack.command(mina, room, "/easel", words)).ephemeral())
            slack.world.ephemerals.clear()
        wrong = await slack.command(mina, room, "/imagine", "a fox --modle flux")
        told.append(await wrong.ephemeral())
        look.append(captured(slack, "Private answers", *told))
        form = await (await slack.click(mina, one, "remix")).modal()
        look.append({"title": "The form", "kind": "view", "view": form.body, "state": form.values})
        look.extend(await given_and_gone_on_from(slack, mina, one, four))
        await slack.open_home(mina)
        await slack.until(lambda: mina.id in slack.world.homes)
        home = slack.world.homes[mina.id]
        look.append({"title": "App Home", "kind": "view", "view": with_pictures(slack, home.body)})
        assert slack.violations == []
        assert slack.possible_pings == []
    if wanted := os.environ.get("EASEL_LOOK"):
        Path(wanted).write_text(json.dumps(look))
