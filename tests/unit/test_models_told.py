"""`easel models`: who would draw, who could, at which prices, and how long a model lives."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from bot.cli.operate import _line, _model
from bot.health import Health
from bot.model import Model, Rate
from bot.order.catalog import Catalog

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
    assert "p (out), q" in _line(found)
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
    line = _line(told(Catalog([FIRST, SECOND])))
    for part in ("6-211 credits", "p, q", "pictures: 4", "ends 2026-12-01, then young"):
        assert part in line
    alone = _line(told(Catalog([SECOND])))
    assert "     40 credits" in alone
    assert "ends" not in alone
