"""What the page says that an order costs, while it is typed: its own scripts, run by node, beside what is held."""

import asyncio
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import Source, Use, Where
from bot.ports import Ask, Place
from integrations.web.people import PEOPLE
from tests.fakes.free_ports import free_port
from tests.fakes.giving import picture
from tests.fakes.page import events, served

ROOT = Path(__file__).parents[2]
PRICED = [
    "a fox --model gpt-image-2",
    "a fox --model gpt-image-2 --quality high",
    "a fox --model gpt-2 --QUALITY=Low --ar 16:9 --n 3",
    "a fox --model gpt-2 --quality high --size 3840x2160",
    "a fox --model gemini-nano-banana-2.1 --thinking_level high --size 4K",
    "a fox --model gemini-nano-banana-2.1 --size 2K",
    "a fox --model sdxl --n 2",
    "a fox",
]
ASKING = """
import { readFileSync } from "node:fs";
import { givenWith, hintsFor, priceOf } from "./hints.js";
const { known, texts, typed } = JSON.parse(readFileSync(0, "utf8"));
const prices = texts.map(([text, ...given]) => priceOf(`/imagine ${text}`, known, givenWith(...given))?.credits ?? null);
console.log(JSON.stringify({ prices, hints: hintsFor(typed, known) }));
"""


pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="SKIPPED, NOT PASSED: there is no node here"
)


async def test_what_the_page_says_that_an_order_costs_is_what_is_held_for_it(tmp_path):
    keys = {name: {"base_url": "http://127.0.0.1:9", "api_key": "k"} for name in ("openai", "google")}
    limits = {"per_requester": 100, "per_community": 100}
    async with served(tmp_path, providers=keys, limits=limits, quotas={"daily_allowance": 100_000}) as page:
        robin = PEOPLE["robin"].requester
        await page.house.studio.set_defaults(robin, {"quality": "high"})
        async with page.client("robin") as client:
            known = (await client.get("/page/hello")).json()
        rules = await page.house.studio.rules(robin)
        offers = page.house.studio.offers(robin, rules)
        held = [await _price_of(page.house, robin, text) for text in PRICED]
    said = await _told_by_the_page(tmp_path, known, [[text, None, 0] for text in PRICED])
    assert said["prices"] == held
    offer = next(offer for offer in offers if offer.model.id == "gpt-image-2")
    assert {hint["take"] for hint in said["hints"]} == set(offer.takes["--quality"])
    assert len(set(held)) > 5


@pytest.mark.parametrize(
    ("own", "common"),
    [
        ({}, {}),
        ({"model": "gpt-image-1", "size": "1536x1024"}, {}),
        ({}, {"default_model": "gemini-2.5-flash-image"}),
        ({}, {"models": ["gpt-image-1", "sdxl"]}),
    ],
    ids=["defaults", "own", "community", "allowed"],
)
async def test_with_pictures_it_is_what_is_held_by_the_model_that_the_core_takes(tmp_path, own, common):
    """The page took the first model of its list that fits, and the core the first default one."""
    port = free_port()
    async with served(
        tmp_path,
        port=port,
        bot={"default_models": ["sdxl", "flux-2-pro"]},
        assets={"url": str(tmp_path / "pictures"), "public_url": f"http://127.0.0.1:{port}"},
        limits={"per_requester": 100, "per_community": 100},
        moderation={"inputs": "any"},
        quotas={"daily_allowance": 100_000},
    ) as page:
        studio, robin = page.house.studio, PEOPLE["robin"].requester
        await studio.set_defaults(robin, own)
        await page.house.rulemaking.change(PEOPLE["kai"].requester, common)
        given = [
            Source(where=Where.UPLOAD, ref=(await studio.keep_upload(robin, picture(seed=seed))).ref)
            for seed in range(3)
        ]
        async with page.client() as client:
            known = (await client.get("/page/hello")).json()
            for text, sources in (("a fox", given[:1]), ("a cat --model gpt-image-1 --size 1536x1024", ())):
                body = {
                    "text": text,
                    "pictures": [{"ref": one.ref} for one in sources],
                    "key": f"key-{text[2:5]}-1",
                }
                assert (await client.post("/page/say", json=body)).status_code == 200
            async with events(page) as stream:
                views = (await stream.until(_all_drawn)).values()
        texts, held = [], []
        for text in ("a fox", "a fox --n 2", "a fox --model gpt-image-1"):
            for count in range(3):
                ask = _ask(robin, text, given[:count])
                texts.append([text, None, count])
                held.append((await studio.imagine(ask)).job.order.credits)
        for view in views:
            job = view["id"].partition(":")[0]
            for count in range(2):
                for do, go_on in (("remix", studio.remix), ("edit", _edit(studio))):
                    ask = _ask(robin, f"a hen {do} {job}", given[1 : 1 + count])
                    texts.append([ask.text, view["begins"][do], count])
                    held.append((await go_on(job, ask)).job.order.credits)
            ask = _ask(robin, f"a masked hen {job}", [replace(given[2], use=Use.MASK)])
            texts.append([ask.text, view["begins"]["edit"], 0, True])
            held.append((await studio.edit(job, 0, ask)).job.order.credits)
    told = (await _told_by_the_page(tmp_path, known, texts))["prices"]
    assert list(zip(texts, told, strict=True)) == list(zip(texts, held, strict=True))


def _all_drawn(messages):
    return len(messages) == 2 and all(view["phase"] == "finished" for view in messages.values())


def _edit(studio):
    return lambda job, ask: studio.edit(job, 0, ask)


def _ask(who, text, sources=()):
    key = f"{text} {len(sources)}"
    return Ask(requester=who, place=Place(address=None), text=text, request_key=key, sources=tuple(sources))


async def _price_of(house, who, text):
    return (await house.studio.imagine(_ask(who, text))).job.order.credits


async def _told_by_the_page(folder, known, texts):
    """What the page's scripts say of these: each a text, what it begins with, and how many pictures are given."""
    scripts = shutil.copytree(ROOT / "integrations" / "web" / "page", folder / "page")
    (scripts / "package.json").write_text('{"type": "module"}')
    (scripts / "asking.js").write_text(ASKING)
    asked = {"known": known, "texts": texts, "typed": "/imagine a fox --model gpt-2 --quality "}
    done = await asyncio.to_thread(
        subprocess.run,
        ["node", scripts / "asking.js"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert not done.stderr
    return json.loads(done.stdout)
