"""What people see on Discord, captured for looking at: `EASEL_LOOK=look.json pytest -n 0 tests/journey/test_discord_look.py`,
then `python docs/discord_look.py look.json look.html`. What moderators see comes into `room-look.json` beside it.
"""

import base64
import io
import json
import os
from pathlib import Path

import pytest

from tests.fakes.discord_process import house
from tests.fakes.free_ports import free_port

LOOK = os.environ.get("EASEL_LOOK", "")
FLUX = "black-forest-labs/flux-2-pro"
pytestmark = pytest.mark.skipif(not LOOK, reason="EASEL_LOOK names the file to capture into")


def _inlined(attachment):
    """A file as a small data link, so that the page needs no server."""
    image = attachment.image().convert("RGB")
    image.thumbnail((900, 900))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def seen(message):
    """A message as it stands now."""
    links = {one.url: _inlined(one) for one in message.attachments if one.size}
    plain = [
        {"name": one.filename, "url": links[one.url]}
        for one in message.attachments
        if one.size and one.id not in message.embedded
    ]
    embeds = json.loads(json.dumps(message.embeds))
    for embed in embeds:
        if "image" in embed:
            embed["image"]["url"] = links[embed["image"]["url"]]
    command = message.interaction is not None and message.type == 20
    return {
        "kind": "message", "embeds": embeds, "components": message.components, "files": plain,
        "private": message.ephemeral, "used": message.owner_id and command,
        "reply": message.referenced is not None,
    }  # fmt: skip


async def test_capture(tmp_path):
    panels = []

    def keep(title, *shown):
        panels.append({"title": title, "messages": list(shown)})

    more = '[limits]\nper_requester = 50\n[quotas]\ndaily_allowance = 2000\n[moderation]\ninputs = "any"'
    full = {"tiny_images": False}
    port = free_port()
    public = {"port": port, "public_url": f"http://127.0.0.1:{port}"}
    async with house(tmp_path, more=more, simulation=full, **public) as (
        server,
        _easel,
        sim,
    ):
        guild = await server.guild("Foxes")
        channel = await server.channel(guild)
        mina, tom = server.user("Mina"), server.user("Tom")
        server.join(guild, mina)
        server.join(guild, tom, server.role(guild, "mods", "manage_guild", "manage_messages"))

        async def slash(user, name, **options):
            inv = await server.slash(user, channel, name, options)
            await inv.response()
            return inv

        sim.arm(f"poll_500@{FLUX}")
        prompt = "a red fox in the snow, firs behind it"
        inv = await slash(mina, "imagine", prompt=prompt, model="flux-2-pro", aspect="16:9")
        keep("The placeholder, at once: Discord itself counts down", seen(inv.message))
        sim.switchboard.armed.clear()
        first = await inv.pictured()
        keep("The same message, some seconds later", seen(first))
        inv = await slash(tom, "imagine", prompt="a lighthouse on a cliff at dusk", images=4)
        sheet = await inv.pictured()
        pick = await (await server.press(mina, sheet, "2")).pictured()
        keep("Four images, and one of them picked", seen(sheet), seen(pick))
        sim.arm("operation_refused:1")
        inv = await slash(mina, "imagine", prompt="a small green frog", model="flux-2-pro")
        keep("When it is refused by the service", seen(await inv.shows("credits are back")))
        nasty = "**bold** @everyone <@1> ||hidden|| [click](evil) `code`"
        inv = await slash(mina, "imagine", prompt=f"a fox {nasty}", model="gpt-image-1-mini")
        await inv.pictured()
        keep("Whatever people type is shown letter by letter", seen(inv.message))
        inv = await slash(mina, "imagine", prompt="a fox --modell flux")
        own = [seen((await slash(mina, name)).message) for name in ("easel credits", "easel history")]
        keep("Private answers", seen(inv.message), *own)
        inv = await slash(mina, "imagine", prompt="a quiet lake in the morning --spoiler")
        await inv.pictured()
        keep("Hidden until clicked", seen(inv.message))
        desk = [seen((await slash(tom, f"easel-admin {name}")).message) for name in ("usage", "audit")]
        keep("For the community's moderators", *desk)
        last = [seen((await slash(mina, f"easel {name}")).message) for name in ("forget", "models")]
        keep("Before everything is erased, and the models", *last)
        form = await (await server.press(tom, first, "Remix")).response()
        panels.append({"title": "Remix", "form": form.modal})
        fox = server.file("fox.png", first.attachments[0].data)
        inv = await slash(mina, "imagine", prompt="as a woodcut", image=fox, image2=fox)
        woodcut = await inv.pictured()
        keep("Made from pictures that were given", seen(woodcut))
        form = await (await server.press(tom, sheet, "Edit")).response()
        panels.append({"title": "Edit, of several", "form": form.modal})
        theirs = await server.say(mina, channel, "my fox", fox)
        form = await (await server.message_command(tom, theirs, "Edit this picture")).response()
        panels.append({"title": "Edit this picture, of anybody's message", "form": form.modal})
        edited = await (await server.submit(form, {"prompt": "make it night"})).pictured()
        await server.reply(tom, edited, f"{server.bot.mention} add a moon")
        moon = await server.until(
            lambda: next((m for m in channel.visible if m.images and m.id > edited.id), None)
        )
        keep("An edit, and a reply that goes on from it", seen(edited), seen(moon))
        await server.say(tom, channel, f"{server.bot.mention} thanks!")
        await server.until(lambda: server.dm(tom).visible)
        inv = await slash(mina, "imagine", prompt="as a woodcut", model="stability-ai/sdxl", image=fox)
        broken = server.file("fox.png", b"no picture")
        wrong = await slash(mina, "imagine", prompt="as a woodcut", image=broken)
        keep("Small talk, a model that takes none, and a broken file", seen(server.dm(tom).visible[-1]),
             seen(inv.message), seen(await wrong.shows("credits are back")))  # fmt: skip
        assert server.violations == []
    Path(LOOK).write_text(json.dumps(panels), encoding="utf-8")


async def test_capture_of_what_moderators_see(tmp_path):
    panels = []

    def keep(title, *shown):
        panels.append({"title": title, "messages": list(shown)})

    more = "[limits]\nper_requester = 50\n[quotas]\ndaily_allowance = 2000\n[moderation]\nstrikes = 2\n"
    async with house(tmp_path, more=more, simulation={"tiny_images": False}) as (server, _easel, _sim):
        guild = await server.guild("Foxes")
        channel, room = await server.channel(guild), await server.channel(guild, "mods")
        mina, tom, kim = (server.user(name) for name in ("Mina", "Tom", "Kim"))
        for person, roles in ((mina, ()), (tom, ()), (kim, (server.role(guild, "mods", "manage_guild"),))):
            server.join(guild, person, *roles)
        booster = server.role(guild, "Booster")

        async def admin(verb, **options):
            inv = await server.slash(kim, channel, f"easel-admin {verb}", options)
            await inv.response()
            return inv.message

        async def told(words):
            def found():
                return next((m for m in reversed(room.visible) if words in m.text), None)

            return await server.until(found)

        named = [
            await admin("room", room=f"<#{room.id}>"),
            await admin("role", role=booster, allowance=1000, priority="relaxed", images=2),
            await admin("channel", channel=channel, level="strict", styles="anime, ink"),
        ]
        keep("Naming the room, a role's rules, a channel's", *map(seen, named))
        inv = await server.slash(
            mina, channel, "imagine", {"prompt": "a red fox in the snow, firs behind it"}
        )
        picture = await inv.pictured()
        pressed = await server.press(tom, picture, "Report")
        await pressed.response()
        report = pressed.message
        event = await told("was reported")
        keep("A report: what its member reads, and the room", seen(report), seen(event))
        await server.press(kim, event, "Hide")
        await server.until(lambda: "Hidden by" in event.text)
        keep("After Hide: in the room, and in the chat", seen(event), seen(picture))
        for prompt in ("explicit porn", "explicit porn again"):
            inv = await server.slash(tom, channel, "imagine", {"prompt": prompt})
            await inv.response()
        keep(
            "A refusal with Appeal, and a pause in the room", seen(inv.message), seen(await told("is paused"))
        )
        await admin("budget", amount=120, period="month")
        for prompt in ("a lighthouse", "a small green frog"):
            await (await server.slash(mina, channel, "imagine", {"prompt": prompt})).pictured()
        keep("The budget", seen(await told("80 %")))
        keep(
            "Who can't make pictures, and the audit",
            *[seen(await admin(one)) for one in ("blocked", "audit")],
        )
        assert server.violations == []
    look = Path(LOOK)
    look.with_name(f"room-{look.name}").write_text(json.dumps(panels), encoding="utf-8")
