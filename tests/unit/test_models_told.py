"""`easel models`: who would draw, who could, at which prices, and how long a model lives."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.cli import check_services
from bot.cli.operate import _model, _row
from bot.cli.prices import _dollars
from bot.errors import ProviderError, Reached, Trouble
from bot.health import Health
from bot.house import chores
from bot.model import Model, Rate
from bot.order.catalog import Catalog
from bot.provider import Standing
from bot.words.words import Words

NOW = datetime(2026, 11, 28, tzinfo=UTC).timestamp()
RATES = (
    Rate(when={"quality": ("high",)}, usd_micros=211_000),
    Rate(when={"quality": ("low",)}, usd_micros=6_000),
)
FIRST = Model(
    id="m", provider="p", wire="p/m", maker="M", good_for="text", usd_micros=53_000, rates=RATES, inputs=4,
    parameters={"quality": ("low", "medium", "high")}, defaults={"quality": "medium"},
    ends=date(2026, 12, 1), successor="young", input_usd_micros=6_000,
)  # fmt: skip
SECOND = Model(id="m", provider="q", usd_micros=40_000)


def told(catalog: Catalog, now: float = NOW) -> dict[str, Any]:
    house: Any = SimpleNamespace(catalog=catalog, store=SimpleNamespace(now=lambda: now))
    return _model(house, catalog.find("m"))


def line_of(model: dict[str, Any]) -> str:
    return " | ".join(_row(model))


def test_the_contract_of_json():
    found = told(Catalog([FIRST, SECOND]))
    assert found["provider"] == "p"
    assert found["providers"] == ["p", "q"]
    assert (found["inputs"], found["inputs_min"], found["credits"], found["input_credits"]) == (4, 0, 53, 6)
    assert found["prices"] == [
        {"when": {"quality": ["low"]}, "credits": 6}, {"when": {}, "credits": 53},
        {"when": {"quality": ["high"]}, "credits": 211},
    ]  # fmt: skip
    assert (found["ends"], found["successor"], found["open"]) == ("2026-12-01", "young", True)
    assert (found["good_for"], found["maker"], found["way"], found["images_max"]) == ("text", "M", "async", 4)


def test_who_would_draw_now_follows_how_the_routes_fare():
    catalog = Catalog([FIRST, SECOND])
    catalog.openness.set_health({("p", "m"): Health(outcomes="---", opens=1, probe_at=NOW + 30)})
    found = told(catalog)
    assert (found["provider"], found["providers"], found["credits"]) == ("q", ["q"], 40)
    assert [(route["provider"], route["health"]) for route in found["routes"]] == [
        ("p", "out"),
        ("q", "well"),
    ]
    assert "p (out), q" in line_of(found)
    ended = told(Catalog([FIRST, SECOND]), NOW + 5 * 86_400)
    assert [route["health"] for route in ended["routes"]] == ["ended", "well"]
    catalog.openness.pause("q", until=NOW + 9)
    closed = told(catalog)
    assert (closed["open"], closed["providers"], [r["health"] for r in closed["routes"]]) == (
        False,
        [],
        ["out", "closed"],
    )


def test_a_line_says_the_range_of_prices_the_pictures_and_the_end():
    line = line_of(told(Catalog([FIRST, SECOND])))
    for part in ("| 6-211 |", "p, q", "pictures: 4", "ends 2026-12-01, then young"):
        assert part in line
    alone = line_of(told(Catalog([SECOND])))
    assert "| 40 |" in alone
    assert "ends" not in alone
    assert "mask" not in line


def test_a_line_says_who_takes_a_mask_and_who_makes_larger():
    kinds: list[dict[str, Any]] = [{"masks": True}, {"masks": True, "needs_mask": True}, {"upscales": True}]
    lines = [line_of(told(Catalog([replace(FIRST, rates=(), **kind)]))) for kind in kinds]
    assert ["or a mask" in line for line in lines] == [True, False, False]
    assert ["with a mask" in line for line in lines] == [False, True, False]
    assert ["makes larger" in line for line in lines] == [False, False, True]


# ── easel check ──────────────────────────────────────────────────────────────────────────────────────


class Service:
    """A provider that says how our account stands, or why not."""

    name = "p"

    def __init__(self, standing: Standing | ProviderError) -> None:
        self._standing = standing

    async def standing(self) -> Standing:
        if isinstance(self._standing, ProviderError):
            raise self._standing
        return self._standing


async def rows(standing: Standing | ProviderError, **settings: Any) -> list[dict[str, Any]]:
    given = {"providers": {}, "routing": SimpleNamespace(order=()), **settings}
    house: Any = SimpleNamespace(
        providers={"p": Service(standing)},
        catalog=Catalog([FIRST, SECOND], config={"m": {"routes": ["p", "nobody"]}}),
        store=SimpleNamespace(now=lambda: NOW),
        settings=SimpleNamespace(**given),
    )
    return [row async for row in check_services.providers(house)]


async def test_each_provider_is_one_row_with_what_is_left_and_what_ends():
    row, lost = await rows(Standing(open_models=frozenset({"p/m"}), usd_left=12.5, advice="look here"))
    assert (row["name"], row["ok"], row["detail"]) == ("p", True, "1 of 1 models open, $12.50 left")
    assert row["fix"] == "m ends 2026-12-01, then the next default model draws; look here"
    assert (lost["name"], lost["ok"], "m: nobody" in lost["detail"]) == ("routes", False, True)
    (told, _) = await rows(Standing(ends={"p/m": date(2026, 11, 1)}))
    assert told["fix"] == "m has ended, the next default model draws"


async def test_what_only_its_maker_has_ended_is_not_said_to_end():
    """A gateway may go on with it: then "ends 2026-06-25" is no news, and untrue."""
    past = replace(FIRST, ends=date(2026, 6, 25), ends_upstream=True)
    house: Any = SimpleNamespace(catalog=Catalog([past]), store=SimpleNamespace(now=lambda: NOW))
    service: Any = Service(Standing())
    said = "m: its maker ended it on 2026-06-25; when p does, the next default model draws"
    assert check_services.endings(house, service) == said
    assert "its maker ended it 2026-06-25" in line_of(told(Catalog([past])))
    assert "its maker ended it" not in line_of(told(Catalog([replace(past, ends=date(2026, 12, 1))])))


@pytest.mark.parametrize(
    ("ends", "upstream", "how"),
    [(date(2026, 6, 25), True, "by-maker"), (date(2026, 6, 25), False, "ended"), (date(2026, 12, 1), True, "soon")],
)  # fmt: skip
def test_moderators_and_the_log_are_told_how_it_ends(ends, upstream, how):
    model = replace(FIRST, ends=ends, ends_upstream=upstream)
    assert chores._how_it_ends(Catalog([model]).openness, model, NOW) == how
    said = {
        Words(language).say("event-model-ends-says", instead="", **facts)
        for language in ("en", "ko")
        for facts in ({"model": "m", "provider": "p", "ends": ends.isoformat(), "how": one} for one in chores._SAID_OF_AN_END)
    }  # fmt: skip
    assert len(said) == 6
    untold = Words("en").say("event-model-ends-says", model="m", provider="p", ends="2026-12-01", instead="")
    assert untold == "m of p ends on 2026-12-01.", "as it was told before"


async def test_an_empty_account_a_closed_model_and_a_wrong_key_are_named():
    (empty, _) = await rows(Standing(credits_left=0))
    assert empty["fix"].startswith("the account is empty: top it up")
    (closed, _) = await rows(Standing(open_models=frozenset()))
    assert (closed["ok"], closed["fix"].startswith("not open to this key: m")) == (False, True)
    (wrong, _) = await rows(ProviderError("401 no", reached=Reached.YES, trouble=Trouble.KEY))
    assert (wrong["name"], wrong["ok"], wrong["fix"]) == ("p", False, "set the right api_key")


async def test_many_credits_are_written_as_people_write_them():
    (row, _) = await rows(Standing(credits_left=10_000_000.0))
    assert "10,000,000 credits left" in row["detail"]
    (row, _) = await rows(Standing(credits_left=1_234.5))
    assert "1,234.5 credits left" in row["detail"]


async def test_a_section_without_its_key_and_an_order_of_nobody_are_told():
    found = await rows(
        Standing(), providers={"q": None}, routing=SimpleNamespace(order=("gateway", "nowhere"))
    )
    assert [(row["name"], row["ok"]) for row in found] == [
        ("q", False), ("p", True), ("routing", False), ("routes", False)
    ]  # fmt: skip
    assert "api_key" in found[0]["fix"]
    assert "'nowhere'" in found[2]["detail"]


def test_prices_are_told_so_that_a_difference_is_seen():
    assert [_dollars(12_000), _dollars(5_940), _dollars(1_234_560_000)] == [
        "$0.0120",
        "$0.0059",
        "$1,234.5600",
    ]
