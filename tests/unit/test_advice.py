"""What is advised where credits are missing would really pass: the same order, for the model that is named."""

import re

import pytest

from bot.errors import NotEnoughCredits
from bot.ports import Ask, Place, Requester
from tests.fakes.services.drawing import drawing_house

TEXTS = [
    "a fox --model gpt-image-2 --quality high",
    "a fox --model gpt-image-2 --quality high --n 4",
    "a fox --model gpt-image-2 --quality high --background opaque",
    "a fox --model gpt-image-2 --size 3840x2160 --quality high",
    "a fox --model gemini-3-pro-image --size 4K --ar 21:9",
    "a fox --model gemini-3-pro-image --ar 21:9 --n 2",
    "a fox --model grok-2 --quality medium --size 2k --n 4 --ar 19.5:9",
    "a fox --model gpt-image-2 --quality high --no rain",
]
ALLOWANCES = [6, 14, 60]


@pytest.fixture
async def house(tmp_path):
    keys = {
        name: {"base_url": "http://127.0.0.1:9", "api_key": "k"}
        for name in ("openai", "google", "xai", "stability")
    }
    async with drawing_house(tmp_path, **keys) as house:
        yield house


async def _asked(house, user, text):
    who = Requester(surface="cli", community="local", user=user)
    ask = Ask(requester=who, place=Place(address=None), text=text, request_key=f"{user}:{text}")
    return (await house.studio.imagine(ask)).job.order


async def test_the_model_that_is_advised_takes_the_same_order_for_what_is_left(house, monkeypatch):
    advised = []
    for allowance in ALLOWANCES:
        monkeypatch.setattr("bot.community.quotas.allowance_of", lambda who, rules, most=allowance: most)
        for at, text in enumerate(TEXTS):
            user = f"u{allowance}.{at}"
            with pytest.raises(NotEnoughCredits) as caught:
                await _asked(house, user, text)
            instead = caught.value.facts["cheaper"]
            advised.append(instead)
            if instead is None:
                continue
            order = await _asked(house, user, re.sub(r"--model \S+", f"--model {instead}", text))
            assert order.credits <= caught.value.facts["available"], (text, instead)
            assert order.images == (int(found[1]) if (found := re.search(r"--n (\d)", text)) else 1)
    assert len({*advised} - {None}) > 1, advised
    assert None in advised
