"""One id, several providers: who draws, at which price, and what happens when one fails or a model ends."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.errors import BadInputs, BadPrompt, ConfigError, UnknownModel
from bot.health import DOUBT_S, PROBE_AFTER_MAX_S, PROBE_AFTER_S, PROBE_TAKES_S, Health
from bot.model import Model, Price, Rate, Source, Use, Where
from bot.order.catalog import Catalog
from bot.order.elsewhere import elsewhere
from bot.order.prompts import parse
from tests.fakes.there import there

NOW = datetime(2026, 11, 28, tzinfo=UTC).timestamp()
RATIOS = ("1:1", "16:9")
FAL = Model(
    id="ultra", provider="fal", wire="fal-ai/ultra", usd_micros=60_000, parameters={"aspect_ratio": RATIOS}
)
BFL = Model(
    id="ultra",
    provider="bfl",
    usd_micros=50_000,
    parameters={"aspect_ratio": (*RATIOS, "21:9")},
    images_max=1,
)
SMALL = Model(id="small", provider="fal", usd_micros=3_000)
GPT = Model(
    id="gpt",
    provider="openai",
    usd_micros=53_000,
    rates=(
        Rate(when={"quality": ("low",), "size": ("1024x1024",)}, usd_micros=6_000),
        Rate(when={"quality": ("low",)}, usd_micros=5_000),
        Rate(when={"quality": ("high",)}, usd_micros=211_000),
    ),
    input_usd_micros=6_000,
    parameters={"quality": ("low", "medium", "high"), "size": ("1024x1024", "1536x1024")},
    defaults={"quality": "medium"},
    inputs=4,
)  # fmt: skip
BROKEN = Health(outcomes="---", failed_at=NOW, opens=1, probe_at=NOW + 30)


def made(catalog, text="a fox", now=NOW, **more):
    return catalog.order(parse(text, {}), now=now, **more)


def next_of(catalog, order, *, passed=(), now=NOW, without="", permits=lambda _: True):
    return elsewhere(catalog, order, now=now, passed=passed, permits=permits, without=without)


# ── Who draws ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("more", "first"),
    [
        ({}, "fal"),
        ({"order": ["bfl", "fal"]}, "bfl"),
        ({"order": ["bfl"]}, "bfl"),
        ({"order": ["openai", "fal"]}, "fal"),
        ({"order": ["fal", "bfl"], "config": {"ultra": {"routes": ["bfl", "fal"]}}}, "bfl"),
        ({"config": {"ultra": {"routes": ["bfl"]}}}, "bfl"),
        ({"config": {"ultra": {"provider": "bfl"}}}, "bfl"),
    ],
)
def test_the_first_route_in_the_operators_order_draws(more, first):
    catalog = Catalog([FAL, BFL, SMALL], **more)
    order = made(catalog, "a fox --model ultra")
    assert (order.provider, order.model, order.wire) == (
        first,
        "ultra",
        {"fal": "fal-ai/ultra", "bfl": ""}[first],
    )
    assert [m.id for m in catalog.models] == ["ultra", "small"], "one id is one model"


def test_a_route_that_nobody_goes_is_told_of():
    catalog = Catalog([FAL], config={"ultra": {"routes": ["fal", "replicate"]}})
    assert catalog.unknown_routes == ("ultra: replicate",)


def test_what_only_another_route_takes_is_drawn_by_that():
    catalog = Catalog([FAL, BFL])
    assert made(catalog, "a fox --ar 21:9").provider == "bfl"
    with pytest.raises(BadPrompt) as caught:
        made(catalog, "a fox --ar 1:2")
    assert caught.value.facts["values"] == "1:1, 16:9", "the refusal names what the first takes"


def test_a_route_that_is_closed_paused_or_broken_is_passed_over():
    for act in (
        lambda o: o.close("ultra", until=NOW + 9, provider="fal"),
        lambda o: o.pause("fal", until=NOW + 9),
        lambda o: o.set_open("fal", ["something-else"]),
        lambda o: o.set_health({("fal", "ultra"): BROKEN}),
        lambda o: o.set_ends("fal", {"fal-ai/ultra": date(2026, 11, 28)}),
        lambda o: o.doubt("fal", until=NOW + 9),
        lambda o: o.set_health({("fal", "ultra"): Health(outcomes="+-", failed_at=NOW)}),
    ):
        catalog = Catalog([FAL, BFL])
        assert made(catalog).provider == "fal"
        act(catalog.openness)
        assert made(catalog).provider == "bfl"


def test_one_that_failed_a_moment_ago_is_still_asked_where_there_is_no_other():
    catalog = Catalog([FAL])
    catalog.openness.set_health({("fal", "ultra"): Health(outcomes="-", failed_at=NOW)})
    assert made(catalog, "a fox --model ultra").provider == "fal"
    assert made(catalog).provider == "fal"


def test_a_default_that_failed_a_moment_ago_lets_the_next_default_draw_and_says_so():
    catalog = Catalog([FAL, SMALL], default_models=["ultra", "small"])
    catalog.openness.set_health({("fal", "ultra"): Health(outcomes="-", failed_at=NOW)})
    order = made(catalog)
    assert (order.model, order.meant, order.credits_each) == ("small", "ultra", 3)
    assert made(catalog, now=NOW + DOUBT_S + 1).model == "ultra"


# ── Elsewhere ────────────────────────────────────────────────────────────────────────────────────────


def test_the_next_route_draws_the_same_at_the_price_that_was_shown():
    catalog = Catalog([BFL, FAL])
    order = made(catalog, "a fox --ar 16:9")
    moved = next_of(catalog, order, passed={("bfl", "ultra")})
    assert (moved.provider, moved.wire, dict(moved.parameters)) == (
        "fal",
        "fal-ai/ultra",
        {"aspect_ratio": "16:9"},
    )
    assert (moved.credits_each, moved.usd_micros_each, moved.meant) == (50, 60_000, "")
    assert next_of(catalog, moved, passed={("bfl", "ultra"), ("fal", "ultra")}) is None


def test_a_route_that_does_not_take_the_same_is_not_asked():
    catalog = Catalog([FAL, BFL])
    assert next_of(catalog, made(catalog, "a fox --n 2"), passed={("fal", "ultra")}) is None
    wide = made(Catalog([BFL]), "a fox --ar 21:9")
    assert next_of(catalog, wide, passed={("bfl", "ultra")}) is None


def test_a_mask_that_was_given_is_not_left_out_by_another_route_nor_does_an_upscaler_draw():
    def offer(provider, **more):
        return replace(Model(id="edit", provider=provider, usd_micros=9_000, inputs=1), **more)

    larger = offer("x", id="larger", upscales=True, usd_micros=1_000)
    catalog = Catalog(
        [
            offer("a", masks=True),
            offer("b"),
            offer("c", masks=True),
            offer("d", id="fill", masks=True, needs_mask=True),
            larger,
        ],
        default_models=["larger", "fill", "edit"],
    )
    plain = replace(made(catalog, "a hat --model edit", inputs=1), sources=())
    masked = replace(
        plain, sources=tuple(Source(where=Where.OURS, ref="J/1", use=use) for use in (Use.PICTURE, Use.MASK))
    )
    gone = [("a", "edit")]
    assert there(next_of(catalog, plain, passed=gone)).provider == "b"
    assert there(next_of(catalog, masked, passed=gone)).provider == "c"
    gone += [("b", "edit"), ("c", "edit")]

    def instead(order):
        return elsewhere(catalog, order, now=NOW, passed=gone, permits=lambda _: True, defaults=True)

    assert instead(plain) is None
    assert there(instead(masked)).model == "fill"


def test_a_successor_draws_for_less_and_never_for_more():
    new = Model(id="new", provider="bfl", usd_micros=20_000, parameters={"size": ("1024x1024", "1536x1024")})
    dear = Model(id="new", provider="bfl", usd_micros=900_000)
    old = Model(
        id="old", provider="fal", usd_micros=60_000, successor="new", parameters={"aspect_ratio": RATIOS}
    )
    for heir, price in ((new, 20), (dear, 60)):
        catalog = Catalog([old, heir])
        moved = next_of(catalog, made(catalog, "a fox --model old --ar 16:9"), passed={("fal", "old")})
        assert (moved.model, moved.meant, moved.credits_each) == ("new", "old", price)
        assert dict(moved.parameters) == ({"size": "1536x1024"} if heir is new else {})
        assert (
            next_of(
                catalog, made(catalog, "a fox --model old"), passed={("fal", "old")}, permits=lambda m: False
            )
            is None
        )


def test_a_default_of_the_first_is_no_wish_that_the_next_must_fulfil():
    sized = replace(
        FAL, parameters={**FAL.parameters, "resolution": ("1k", "2k")}, defaults={"resolution": "1k"}
    )
    catalog = Catalog([sized, BFL])
    moved = next_of(catalog, made(catalog), passed={("fal", "ultra")})
    assert (moved.provider, "resolution" in moved.parameters) == ("bfl", False)
    asked = made(catalog, "a fox --resolution 2k")
    assert next_of(catalog, asked, passed={("fal", "ultra")}) is None, "what was asked for is"


def test_where_nobody_was_asked_the_next_default_may_draw_for_no_more():
    catalog = Catalog([FAL, SMALL], default_models=["ultra", "small"])
    order = made(catalog, "a fox --model ultra")
    assert next_of(catalog, order, passed={("fal", "ultra")}) is None
    moved = elsewhere(
        catalog, order, now=NOW, passed={("fal", "ultra")}, permits=lambda _: True, defaults=True
    )
    assert moved is not None
    assert (moved.model, moved.meant, moved.credits_each) == ("small", "ultra", 3)


def test_a_provider_that_refuses_the_key_is_asked_for_nothing_else():
    old = Model(id="old", provider="fal", usd_micros=60_000, successor="small")
    catalog = Catalog([old, SMALL])
    assert next_of(catalog, made(catalog, "a fox --model old"), passed={("fal", "old")}).model == "small"
    assert (
        next_of(catalog, made(catalog, "a fox --model old"), passed={("fal", "old")}, without="fal") is None
    )


# ── Prices ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "inputs", "credits_", "usd_micros"),
    [
        ("a fox", 0, 53, 53_000),
        ("a fox --quality medium", 0, 53, 53_000),
        ("a fox --quality low", 0, 5, 5_000),
        ("a fox --quality low --ar 1:1", 0, 6, 6_000),
        ("a fox --quality low --size 1536x1024", 0, 5, 5_000),
        ("a fox --quality high --n 2", 0, 211, 211_000),
        ("a fox", 2, 65, 65_000),
    ],
)
def test_a_price_follows_what_is_asked_and_given(text, inputs, credits_, usd_micros):
    order = made(Catalog([GPT]), text, inputs=inputs)
    assert (order.credits_each, order.usd_micros_each) == (credits_, usd_micros)


def test_what_is_sent_is_what_is_priced():
    assert dict(made(Catalog([GPT])).parameters) == {"quality": "medium"}


def test_a_credit_is_worth_what_the_operator_says_and_rounds_up():
    assert made(Catalog([GPT], usd_micros_a_credit=10_000)).credits_each == 6
    assert made(Catalog([GPT], usd_micros_a_credit=500)).credits_each == 106


@pytest.mark.parametrize(
    ("entry", "text", "price"),
    [
        ({"credits": 9}, "--quality high", Price(credits=9, usd_micros=211_000)),
        ({"usd_micros": 70_000}, "--quality high", Price(credits=70, usd_micros=70_000)),
        (
            {"prices": [{"quality": "high", "credits": 300}]},
            "--quality high",
            Price(credits=300, usd_micros=53_000),
        ),
        ({"prices": [{"quality": ["low", "medium"], "usd": 0.01}]}, "", Price(credits=10, usd_micros=10_000)),
        (
            {"prices": [{"quality": "high", "usd": 0.5}], "credits": 7},
            "",
            Price(credits=7, usd_micros=53_000),
        ),
    ],
)
def test_the_configuration_prices_anew(entry, text, price):
    order = made(Catalog([GPT], config={"gpt": entry}), f"a fox {text}")
    assert Price(credits=order.credits_each, usd_micros=order.usd_micros_each) == price


@pytest.mark.parametrize("row", [{}, {"quality": "low"}, {"usd": -1}, {"usd": True}, {"credits": "5"}])
def test_a_row_without_a_price_is_refused(row):
    with pytest.raises(ConfigError, match="models"):
        Catalog([GPT], config={"gpt": {"prices": [row]}})


def test_the_table_is_told_cheapest_first():
    rows = [(dict(when), price.credits) for when, price in GPT.prices()]
    assert rows == [
        ({"quality": ("low",)}, 5),
        ({"quality": ("low",), "size": ("1024x1024",)}, 6),
        ({}, 53),
        ({"quality": ("high",)}, 211),
    ]


def test_what_only_fills_is_no_stand_in_and_wants_its_mask():
    plain = Model(id="edit", provider="a", usd_micros=9_000, inputs=1)
    fill = replace(plain, id="fill", inputs_min=1, masks=True, needs_mask=True)
    catalog = Catalog([fill, plain])
    assert made(catalog, "a hat", inputs=1).model == "edit"
    assert made(catalog, "a hat", inputs=1, masked=True).model == "fill", (
        "where a mask is given, who takes it goes before"
    )
    assert made(Catalog([plain]), "a hat", inputs=1, masked=True).model == "edit", "else the words alone"
    with pytest.raises(BadPrompt) as caught:
        made(catalog, "a hat --model fill", inputs=1)
    assert (caught.value.reason, caught.value.facts["takers"]) == ("mask-needed", "edit")
    assert not fill.edits


def test_pictures_are_given_only_where_they_are_taken():
    catalog = Catalog([SMALL, GPT, Model(id="edit", provider="p", usd_micros=1, inputs=1, inputs_min=1)])
    for text, inputs, reason in (
        ("a fox --model small", 1, "inputs-not-taken"),
        ("a fox --model gpt", 5, "inputs-too-many"),
        ("a fox --model edit", 0, "inputs-needed"),
    ):
        with pytest.raises(BadPrompt) as caught:
            made(catalog, text, inputs=inputs)
        assert caught.value.reason == reason
    assert made(catalog, inputs=2).model == "gpt", "without a name, one that takes them draws"
    assert (
        made(Catalog([Model(id="edit", provider="p", usd_micros=1, inputs=1, inputs_min=1), SMALL])).model
        == "small"
    )


def test_a_service_that_fetches_takes_none_where_it_can_not_reach_us():
    linked = Model(id="gw", provider="gateway", credits=3, inputs=4, inputs_by="link")
    assert (Catalog([linked]).find("gw").inputs, Catalog([linked], links=False).find("gw").inputs) == (4, 0)
    assert Catalog([GPT], links=False).find("gpt").inputs == 4


# ── The life of a model ──────────────────────────────────────────────────────────────────────────────

OLD = Model(id="old", provider="p", credits=40, ends=date(2026, 12, 1), successor="young")
YOUNG = Model(id="young", provider="p", credits=10)
OTHER = Model(id="other", provider="p", credits=5)
DAY_S = 86_400.0
BEFORE, AFTER = NOW + 2 * DAY_S, NOW + 3 * DAY_S


def test_who_names_a_model_that_has_ended_never_pays_more_than_it_cost():
    dear = replace(YOUNG, credits=90)
    catalog = Catalog([OTHER, OLD, dear], default_models=["old", "other"])
    assert made(catalog, "a fox --model old", now=AFTER).credits_each == 40
    assert made(catalog, "a fox --model young", now=AFTER).credits_each == 90
    assert made(catalog, now=AFTER).credits_each == 90, "what is used by default is shown with its own price"


def test_past_its_end_the_successor_draws_named_or_not_and_the_order_says_which():
    catalog = Catalog([OTHER, OLD, YOUNG], default_models=["old", "other"])
    for text in ("a fox", "a fox --model old"):
        assert made(catalog, text, now=BEFORE).model == "old"
        order = made(catalog, text, now=AFTER)
        assert (order.model, order.meant, order.credits_each) == ("young", "old", 10)
    assert [m.id for m in catalog.open_models(AFTER)] == ["other", "young"]
    assert made(catalog, defaults={"model": "old"}, now=AFTER).meant == "old"


def test_without_a_successor_the_next_default_draws():
    catalog = Catalog([OLD, OTHER], default_models=["old", "other"])
    assert (made(catalog, "a fox --model old", now=AFTER).model, made(catalog, now=AFTER).model) == (
        "other",
        "other",
    )
    with pytest.raises(UnknownModel):
        made(Catalog([OLD]), now=AFTER)


def test_the_place_of_a_model_that_ended_is_taken_by_who_takes_the_pictures_that_are_given():
    catalog = Catalog(
        [
            replace(OLD, inputs=2),
            Model(id="young", provider="p", credits=3, successor="younger"),
            Model(id="younger", provider="p", credits=3),
            Model(id="fills", provider="p", credits=3, inputs=1, needs_mask=True),
            Model(id="draws", provider="p", credits=3, inputs=1),
        ]
    )
    later = datetime(2026, 12, 2, tzinfo=UTC).timestamp()
    order = made(catalog, "night --model old", now=later, inputs=1)
    assert (order.model, order.meant) == ("draws", "old")
    assert made(catalog, "night --model old", now=later).model == "young"
    with pytest.raises(BadInputs) as refused:  # nobody takes as many
        made(catalog, "night --model old", now=later, inputs=2)
    assert refused.value.facts["model"] == "young"


def test_the_place_of_what_makes_larger_is_taken_by_what_makes_larger():
    old = replace(OLD, inputs=1, inputs_min=1, upscales=True, successor="")
    draws = Model(id="draws", provider="p", credits=3, inputs=1)
    larger = Model(id="larger", provider="p", credits=3, inputs=1, inputs_min=1, upscales=True)
    later = datetime(2026, 12, 2, tzinfo=UTC).timestamp()
    assert made(Catalog([old, draws, larger]), "larger --model old", now=later, inputs=1).model == "larger"


def test_successors_that_go_in_a_circle_end():
    a = Model(id="a", provider="p", credits=1, ends=date(2020, 1, 1), successor="b")
    b = Model(id="b", provider="p", credits=1, ends=date(2020, 1, 1), successor="a")
    with pytest.raises(UnknownModel):
        made(Catalog([a, b]), "a fox --model a")


def test_the_configuration_and_the_service_say_when_it_ends():
    catalog = Catalog([OLD, YOUNG], config={"old": {"ends": date(2026, 1, 1)}})
    assert made(catalog, "a fox --model old").model == "young"
    told = Catalog([OLD, YOUNG])
    told.openness.set_ends("p", {"OLD": date(2026, 11, 1)})
    assert made(told, "a fox --model old").model == "young"


def test_the_makers_day_alone_does_not_end_what_another_draws():
    gateway = Model(
        id="old", provider="gw", credits=40, ends=date(2026, 1, 1), ends_upstream=True, successor="young"
    )
    catalog = Catalog([gateway, YOUNG], default_models=["old"])
    assert made(catalog, "a fox --model old").model == "old", "the service may go on with it: it is asked"
    assert made(catalog).model == "young", "and by itself it is not chosen any more"
    catalog.openness.set_open("gw", ["old"])
    assert made(catalog).model == "old", "unless the service says that it goes on"


def test_a_month_before_its_end_the_operator_is_warned():
    openness = Catalog([OLD]).openness
    days = [day for day in range(-40, 5) if openness.ends_soon(OLD, AFTER + day * DAY_S)]
    assert days == list(range(-30, 5))


# ── The breaker ──────────────────────────────────────────────────────────────────────────────────────


def after(outcomes, health=None, now=NOW):
    health = health or Health()
    for outcome in outcomes:
        health = health.after(worked=outcome == "+", now=now)
    return health


@pytest.mark.parametrize(
    ("outcomes", "opens"),
    [("--", 0), ("---", 1), ("-+-+-", 1), ("--++++-", 0), ("+++++---", 1), ("--+++-", 0), ("-", 0), ("", 0)],
)
def test_three_failures_of_the_last_five_open_it(outcomes, opens):
    assert after(outcomes).opens == opens


def test_one_probe_goes_after_thirty_seconds_then_after_twice_as_long_and_at_most_ten_minutes():
    health, now, pauses = after("---"), NOW, []
    for _ in range(8):
        pauses.append(health.probe_at - now)
        assert health.bars(health.probe_at - 0.1)
        assert not health.bars(health.probe_at)
        now = health.probe_at
        probed = health.probed(now)
        assert probed.bars(now + PROBE_TAKES_S - 1), "nobody else goes meanwhile"
        assert not probed.bars(now + PROBE_TAKES_S), "unless it is lost"
        health = probed.after(worked=False, now=now)
    assert pauses == [30, 60, 120, 240, 480, 600, 600, 600]
    assert (PROBE_AFTER_S, PROBE_AFTER_MAX_S) == (30, 600)


def test_a_probe_that_works_closes_it_and_what_was_asked_before_teaches_nothing():
    opened = after("---")
    assert opened.after(worked=False, now=NOW + 1).probe_at == opened.probe_at
    closed = opened.probed(NOW + 30).after(worked=True, now=NOW + 31)
    assert (closed.opens, closed.outcomes, closed.clean) == (0, "+", True)
    assert after("--", closed).opens == 0, "it begins anew"
