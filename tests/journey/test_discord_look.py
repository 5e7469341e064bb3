"""What people see on Discord, captured for looking at: `EASEL_LOOK=look.json pytest -n 0 tests/journey/test_discord_look.py`,
then `python docs/discord_look.py look.json look.html`."""

import base64
import io
import json
import os
from pathlib import Path

import pytest

from tests.fakes.discord_process import house

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

    more = "[limits]\nper_requester = 50\n[quotas]\ndaily_allowance = 2000"
    full = {"tiny_images": False}
    async with house(tmp_path, more=more, simulation=full, public_url="http://127.0.0.1:1") as (
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
        nasty = "**bold** @everyone <@1> ||hidden|| [click](https://evil.example) `code`"
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
        assert server.violations == []
    Path(LOOK).write_text(json.dumps(panels), encoding="utf-8")
