"""The operator's place: who comes in, what is told of a picture, and what is done there once and audited."""

import asyncio
import html
import re
import secrets
from pathlib import Path

import pytest

from bot.errors import Trouble
from bot.job import State
from bot.money import Transfer
from bot.order.openness import Fares
from bot.pictures.scales import STEPS, rounded
from bot.ports import Requester
from bot.process.lag import Lag
from bot.process.telemetry import Metrics
from bot.staff.insight import percentile, total
from bot.store.ended import EDGES_S
from bot.story import Became
from bot.words.words import Words
from integrations.discord.handles import key_at as key_of_discord
from integrations.slack.messages import key_at as key_of_slack
from integrations.web.admin import charts
from integrations.web.admin.told import Teller
from integrations.web.check import check
from integrations.web.people import spoken
from integrations.web.settings import WebSettings
from tests.fakes.page import events, served
from tests.fakes.patience import PATIENCE_S

ROOT = Path(__file__).parents[2] / "integrations" / "web"
TOKEN = "a token of some length"
MIRA = {"surface": "web", "community": "local", "user": "mira"}
WHO = Requester(surface="web", community="local", user="mira")


@pytest.fixture
async def page(tmp_path):
    async with served(tmp_path, web={"enabled": True, "admin_token": TOKEN}) as page:
        yield page


async def enter(page, client):
    assert (await client.post("/page/login", json={"token": TOKEN})).status_code == 200


async def failed(page, client, text="a fox [sim:unauthorized:9]"):
    """A picture of Mira's that came to nothing; its id."""
    body = {"text": f"/imagine {text}", "key": secrets.token_hex(8)}
    assert (await client.post("/page/say", json=body, headers={"X-Easel-Person": "mira"})).status_code == 200
    (job,) = await page.house.store.overview.of_person(WHO, limit=1)
    async with asyncio.timeout(PATIENCE_S):
        while not (found := await page.house.store.jobs.get(job.id)).state.ended:
            await asyncio.sleep(0.02)
    return found


def hidden(text):
    """What the first form of a sheet carries."""
    return {name: re.findall(rf'name="{name}" value="([^"]+)"', text)[0] for name in ("mark", "key")}


def plain(text):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)))


# ── Who comes in ─────────────────────────────────────────────────────────────────────────────────────


async def test_without_a_session_every_sheet_leads_to_the_door_and_back(page):
    async with page.client() as client:
        for path in ("/admin", "/admin/money?days=30", "/admin/job/nope"):
            answer = await client.get(path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/page/login?next=%2Fadmin")
        assert (await client.post("/admin/person/grant", data={"amount": "5"})).status_code == 303
    assert await page.house.store.audit.entries() == []


async def test_without_a_token_there_is_no_such_place(tmp_path):
    async with served(tmp_path) as page, page.client() as client:
        assert (await client.get("/admin")).status_code == 404
    rows = {row["name"]: row["detail"] for row in await check(WebSettings(enabled=True))}
    assert rows["operator's place"].startswith("off")
    on = await check(WebSettings(enabled=True, admin_token=TOKEN))
    assert "/admin" in on[1]["detail"]


async def test_another_sites_form_changes_nothing(page):
    async with page.client() as client:
        await enter(page, client)
        form = {**MIRA, "amount": "5", **hidden((await client.get("/admin/person", params=MIRA)).text)}
        grant = "/admin/person/grant"
        foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        assert (await client.post(grant, data=form, headers=foreign)).status_code == 403
        assert (await client.post(grant, data=form | {"mark": "0" * 64})).status_code == 403
        assert (await client.post(grant, data=form | {"mark": "é"})).status_code == 403
        assert (await client.post(grant, data=form | {"amount": "-5"})).status_code == 422
        assert (await client.post(grant, data=form | {"user": "a b"})).status_code == 422
        assert (await client.post(grant, content=b"\xff=" * 3)).status_code == 400
    assert await page.house.store.audit.entries() == []


async def test_what_a_form_or_an_address_cannot_hold_is_said_in_the_operators_language(page):
    korean = {"Accept-Language": "ko"}
    async with page.client() as client:
        await enter(page, client)
        form = {**MIRA, "amount": "5", **hidden((await client.get("/admin/person", params=MIRA)).text)}
        bad = [
            await client.post("/admin/person/grant", data=form | wrong, headers=korean)
            for wrong in ({"amount": "-5"}, {"amount": "x"}, {"days": "9" * 20}, {"memo": "x" * 201})
        ]
        bad.append(await client.get("/admin/person", params={"surface": "web"}, headers=korean))
    for answer in bad:
        sentence = answer.text.partition("<main")[2].partition("</main>")[0]
        assert answer.status_code == 422
        assert "Input" not in sentence
        assert re.search("[가-힣]", re.sub("<[^>]*>", "", sentence))


# ── Why did it fail, and where did its credits go ───────────────────────────────────────────────────


async def test_a_failed_pictures_sheet_says_why_and_where_its_credits_went(page):
    async with page.client() as client:
        await enter(page, client)
        job = await failed(page, client)
        found = await client.get("/admin/find", params={"q": f"look at {job.id}, please"})
        assert found.headers["location"] == f"/admin/job/{job.id}"
        link = await client.get("/admin/find", params={"q": f"http://127.0.0.1/#m-{job.id}:main"})
        assert link.headers["location"] == f"/admin/job/{job.id}"
        sheet = await client.get(f"/admin/job/{job.id}")
        text = plain(sheet.text)
        assert "Failed" in text
        assert "the provider isn't set up right" in text
        assert (
            f"Nothing was taken: all {job.order.credits} credits that were set aside are free again." in text
        )
        assert "401" in text, "what the service said"
        for line in ("is asked for", f"{job.order.credits} set aside", f"{job.order.credits} free again"):
            assert line in text
        korean = await client.get(
            f"/admin/job/{job.id}", headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"}
        )
        assert "실패" in korean.text
        assert 'lang="ko"' in korean.text
        trouble = plain((await client.get("/admin/trouble")).text)
        assert "failed-key" in trouble
        assert (await client.get("/admin/job/nope")).status_code == 404


async def test_days_are_read_one_by_one_until_it_is_too_much_and_that_is_said(page, monkeypatch):
    office = page.house.office
    async with page.client() as client:
        await enter(page, client)
        await failed(page, client)
        money, pace = await office.money(7), await office.pace(48)
        assert (len(money.days), money.whole, total(money.days[0].rows).jobs) == (7, True, 1)
        assert (len(pace.hours), pace.whole, pace.hours[-1].bad + pace.hours[-2].bad) == (48, True, 1)
        monkeypatch.setattr("bot.staff.office.ROWS_MOST", 1)
        assert [len((await office.money(7)).days), (await office.pace(48)).whole] == [1, False]
        assert "newest of it" in (await client.get("/admin/money")).text


async def test_what_a_private_picture_was_of_is_not_told(page):
    async with page.client() as client:
        await enter(page, client)
        job = await failed(page, client, "a secret garden [sim:unauthorized:9] --private")
        for path in (f"/admin/job/{job.id}", "/admin/trouble", "/admin/person?" + "&".join(
            f"{name}={value}" for name, value in MIRA.items()
        )):  # fmt: skip
            sheet = await client.get(path)
            assert sheet.status_code == 200
            assert "secret garden" not in sheet.text, path


async def test_what_somebody_typed_is_text_on_every_sheet(page):
    async with page.client() as client:
        await enter(page, client)
        await failed(page, client, "<b>fox</b> [sim:unauthorized:9]")
        for path in ("/admin/trouble", "/admin/find?q=<b>fox</b>"):
            sheet = await client.get(path)
            assert "<b>fox" not in sheet.text
            assert "&lt;b&gt;fox" in sheet.text


# ── Credits ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_grant_is_made_once_audited_and_taken_back(page):
    store = page.house.store
    async with page.client() as client:
        await enter(page, client)
        form = {
            **MIRA,
            "amount": "50",
            "memo": "sorry",
            **hidden((await client.get("/admin/person", params=MIRA)).text),
        }
        await client.post("/admin/person/grant", data=form)
        done = await client.post("/admin/person/grant", data=form)
        sheet = plain((await client.get(done.headers["location"])).text)
        assert "Granted" in sheet
        assert "+50" in sheet
        taken = await client.post("/admin/person/take", data=form | {"amount": "20"})
        assert taken.headers["location"].endswith("done=taken")
    told = [(line.action, line.actor, line.memo) for line in await store.audit.entries()]
    assert told == [("take", "operator", "20 sorry"), ("grant", "operator", "50 sorry")]
    assert (await page.house.desk.books(WHO)).balance.granted == 30


async def test_a_picture_is_refunded_once(page):
    async with page.client() as client:
        await enter(page, client)
        body = {"text": "/imagine a fox", "key": secrets.token_hex(8)}
        await client.post("/page/say", json=body, headers={"X-Easel-Person": "mira"})
        async with events(Signed(page, client), "mira") as stream:
            await stream.until(lambda ms: any(v["phase"] == "finished" for v in ms.values()))
        (job,) = await page.house.store.overview.of_person(WHO, limit=1)
        sheet = (await client.get(f"/admin/job/{job.id}")).text
        form = hidden(sheet[sheet.index("/refund") :])
        ways = [
            (await client.post(f"/admin/job/{job.id}/refund", data=form)).headers["location"] for _ in "ab"
        ]
        assert [way.partition("done=")[2] for way in ways] == ["refunded", "nothing"]
        after = await client.get(f"/admin/job/{job.id}")
        assert f"{job.captured_credits} of them were refunded later." in plain(after.text)
        assert "/refund" not in after.text
    assert await page.house.store.ledger.problems() == []


class Signed:
    """A page to whose events the same browser comes."""

    def __init__(self, page, client):
        self._page, self._client = page, client

    def client(self, person="robin", **more):
        return self._page.client(person, cookies=self._client.cookies, **more)


async def test_every_sheet_answers_and_the_way_out_ends_the_session(page):
    async with page.client() as client:
        await enter(page, client)
        for path in ("", "/pace?hours=168", "/pace?hours=no", "/money?days=90", "/trouble?days=30", "/find"):
            sheet = await client.get(f"/admin{path}")
            assert sheet.status_code == 200, path
            assert sheet.headers["cache-control"] == "no-store"
            assert "script-src 'self'" in sheet.headers["content-security-policy"]
        form = hidden((await client.get("/admin")).text)
        assert (await client.post("/admin/leave", data=form)).headers["location"] == "/page/login"
        assert (await client.get("/admin")).status_code == 303


# ── What the sheets are made of ──────────────────────────────────────────────────────────────────────


def test_every_sentence_of_the_place_is_there():
    words = Words()
    named = set()
    for path in (ROOT / "templates" / "admin").glob("*.html"):
        named |= set(re.findall(r'\bsay\(["\']([a-z-]+)["\'][,)]', path.read_text("utf-8")))
    for path in (ROOT / "admin").glob("*.py"):
        named |= set(re.findall(r'\btell\("([a-z-]+)"[,)]', path.read_text("utf-8")))
    assert len(named) > 60
    assert [name for name in sorted(named) if not words.knows(f"office-{name}")] == []


def test_every_word_of_the_code_has_words_of_people():
    words = Words()
    named = [f"{group}-{kind}" for kind in Transfer for group in ("book", "movement")]
    named += [f"state-{state}" for state in State] + [f"edit-{edit}" for edit in Became]
    named += [f"fares-{fares}" for fares in Fares] + [f"said-{trouble}" for trouble in Trouble]
    named += [f"step-{state}" for state in State if not state.ended] + ["step-finished"]
    assert [name for name in named if not words.knows(f"office-{name}")] == []


def test_percentiles_are_found_between_the_edges():
    counts = [0] * (len(EDGES_S) + 1)
    assert percentile(counts, 0.5) is None
    counts[1] = 10  # between half a second and a second
    assert percentile(counts, 0.5) == pytest.approx(0.75)
    counts[-1] = 90
    assert percentile(counts, 0.95) == EDGES_S[-1]


def test_an_axis_ends_where_its_steps_are_whole():
    for most in (0, 1, 4, 5, 9, 13, 21, 99, 101, 4321):
        assert rounded(most) >= most
        assert rounded(most) % STEPS == 0
    assert [rounded(most) for most in (7, 9, 50)] == [8, 12, 60]


def test_a_chart_stands_in_its_box_and_names_its_colours():
    bars = [charts.Column(label=str(n), amounts={f"m{n}": n, "a": 3}) for n in range(9)]
    drawn = charts.columns(bars, others="rest")
    assert drawn.legend[-1][1] == "rest"
    assert (len(drawn.labels), drawn.sampled, drawn.labels[-1]) == (7, True, "8")
    assert all(0 <= b.x <= 100 and b.y >= 0 and b.y + b.height <= 100.01 for b in drawn.blocks)
    broken = charts.lines(["a", "b", "c"], {"half": [1.0, None, 2.0]}, unit="s")
    assert len(broken.lines[0].pieces) == 2, "where there is nothing, the line is broken"


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("ko-KR,ko;q=0.9", "ko"),
        ("fr, ko;q=0.4, en;q=0.8", "en"),
        ("en ; q=0.4, ko ; q=0.8", "ko"),
        ("ko;q=0, fr", "en"),
        ("", "en"),
        ("x;q=y", "en"),
    ],
)
def test_the_language_is_the_browsers(accepts, language):
    assert spoken(accepts, Words("en")) == language


def test_numbers_are_told_as_people_write_them():
    told = Teller(words=Words(), language="en", time_zone="Asia/Seoul")
    assert told.clock(0) == "1970-01-01 09:00:00"
    assert (told.usd(-1234.5), told.micros(39_000)) == ("−$1,234.50", "$0.0390")
    assert (told.took(0.25), told.took(12.34), told.took(7300)) == ("0.25 s", "12.3 s", "2 h")


async def test_the_worst_lag_of_each_minute_is_kept():
    class Over(Exception):
        pass

    late, clock = iter((0.0, 0.4, 0.1, 0.2)), [0.0, 0.0]  # how late each sleep wakes; ticks and unix seconds

    async def sleep(seconds):
        try:
            passed = seconds + next(late)
        except StopIteration:
            raise Over from None
        clock[0] += passed
        clock[1] += 20.0

    lag = Lag(Metrics().loop_lag, clock=lambda: clock[1], ticks=lambda: clock[0], sleep=sleep)
    with pytest.raises(Over):
        await lag.run()
    assert [(one.at, round(one.worst_s, 3)) for one in lag.minutes] == [(0.0, 0.4), (60.0, 0.2)]


def test_a_link_leads_to_the_key_of_its_message():
    assert key_of_discord("see https://discord.com/channels/123456/234567/345678901 there") == "345678901"
    assert key_of_discord("https://example.com/channels/123456/234567/345678901") == ""
    assert (
        key_of_slack("https://acme.slack.com/archives/C024BE91L/p1358546515000008")
        == "C024BE91L:1358546515.000008"
    )
    assert key_of_slack("https://acme.slack.com/archives/C024BE91L") == ""
