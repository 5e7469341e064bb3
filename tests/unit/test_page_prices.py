"""What the page says that an order costs, while it is typed: its own scripts, run by node, beside what is held."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.ports import Ask, Place
from integrations.web.people import PEOPLE
from tests.fakes.page import served

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
import { hintsFor, priceOf } from "./hints.js";
const { known, texts, typed } = JSON.parse(readFileSync(0, "utf8"));
const prices = texts.map((text) => priceOf(`/imagine ${text}`, known).credits);
console.log(JSON.stringify({ prices, hints: hintsFor(typed, known) }));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="SKIPPED, NOT PASSED: there is no node here")
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
    folder = shutil.copytree(ROOT / "integrations" / "web" / "page", tmp_path / "page")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "asking.js").write_text(ASKING)
    asked = {"known": known, "texts": PRICED, "typed": "/imagine a fox --model gpt-2 --quality "}
    done = await asyncio.to_thread(
        subprocess.run,
        ["node", folder / "asking.js"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    said = json.loads(done.stdout)
    assert said["prices"] == held
    offer = next(offer for offer in offers if offer.model.id == "gpt-image-2")
    assert {hint["take"] for hint in said["hints"]} == set(offer.takes["--quality"])
    assert len(set(held)) > 5


async def _price_of(house, who, text):
    ask = Ask(requester=who, place=Place(address=None), text=text, request_key=text)
    return (await house.studio.imagine(ask)).job.order.credits
