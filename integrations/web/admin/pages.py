"""The operator's pages: each asks the office, and makes of it what its sheet shows."""

import secrets
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.board.entrance import Sessions
from bot.http.guard import Unwelcome
from bot.job import Job
from bot.order.fitting import tail
from bot.ports import Requester
from bot.staff.insight import LastHours, Money, total
from bot.tools import Tools
from integrations.web.admin import timeline
from integrations.web.admin.charts import ChartShapes, Column, columns, lines
from integrations.web.admin.sheets import Sheets
from integrations.web.admin.told import Teller

HOURS = (24, 72, 168)
DAYS_OF_MONEY = (7, 30, 90)
DAYS_OF_TROUBLE = (1, 7, 30)
DONE = ("granted", "taken", "refunded", "nothing")  # what may stand behind `done=`
LINES_MOST = 100  # of one table
_SUBJECT_MOST = 90
_ID_MOST = 200

T = TypeVar("T")


class Pages:
    """The GET endpoints."""

    def __init__(self, tools: Tools, sheets: Sheets, sessions: Sessions) -> None:
        self._office = tools.office
        self._sheets = sheets
        self._sessions = sessions

    async def now(self, request: Request) -> Response:
        told = self._sheets.teller(request)
        moment = await self._office.moment()
        oldest = [_job_row(job, told, now=moment.at) for job in moment.oldest]
        waited_s = moment.at - moment.since if moment.since is not None else None
        return await self._sheet(
            request, "now", moment=moment, oldest=oldest, waited=told.took(waited_s), lag=_worst(moment.lag, told)
        )  # fmt: skip

    async def pace(self, request: Request) -> Response:
        told, hours = self._sheets.teller(request), _chosen(request, "hours", HOURS)
        pace = await self._office.pace(hours)
        minutes = self._office.lag
        lag = lines(
            [told.minute(one.at) for one in minutes],
            {told.tell("lag-worst"): [one.worst_s for one in minutes]},
            unit=told.tell("unit"),
        )
        return await self._sheet(
            request,
            "pace",
            pace=pace,
            hours=hours,
            choices=HOURS,
            ended=_ended_chart(pace, told),
            took=_took_chart(pace, told),
            lag=lag,
            minutes=minutes,
        )

    async def money(self, request: Request) -> Response:
        told, days = self._sheets.teller(request), _chosen(request, "days", DAYS_OF_MONEY)
        money = await self._office.money(days)
        return await self._sheet(
            request,
            "money",
            money=money,
            days=days,
            choices=DAYS_OF_MONEY,
            chart=_money_chart(money, told),
            by_day=[(told.day(day.begins), total(day.rows)) for day in money.days if day.rows],
            by_model=money.by(lambda one: f"{one.model} · {one.provider}")[:LINES_MOST],
            by_community=money.by(lambda one: f"{one.surface} / {one.community}")[:LINES_MOST],
            total=total(one for day in money.days for one in day.rows),
        )

    async def trouble(self, request: Request) -> Response:
        told, days = self._sheets.teller(request), _chosen(request, "days", DAYS_OF_TROUBLE)
        trouble = await self._office.trouble(days)
        newest = [_job_row(job, told, now=self._office.now()) for job in trouble.newest]
        return await self._sheet(
            request,
            "trouble",
            trouble=trouble,
            days=days,
            choices=DAYS_OF_TROUBLE,
            most=max((cause.times for cause in trouble.causes), default=1),
            newest=newest,
        )

    async def find(self, request: Request) -> Response:
        typed = request.query_params.get("q", "")
        found = await self._office.find(typed)
        if found.job:
            return RedirectResponse(f"/admin/job/{found.job}", status_code=303)
        if len(found.people) == 1:
            return RedirectResponse(address_of(found.people[0]), status_code=303)
        people = [(who, address_of(who)) for who in found.people]
        return await self._sheet(request, "find", typed=typed, people=people)

    async def job(self, request: Request) -> Response:
        told = self._sheets.teller(request)
        story = await self._office.story(request.path_params["job"])
        job = story.job
        return await self._sheet(
            request,
            "job",
            story=story,
            job=job,
            state=told.known("state", job.state),
            why=told.why(job.reason, job.state) if job.state.ended and job.state != "finished" else "",
            to_do=told.known("do", job.reason) if told.has("do", job.reason) else "",
            went=timeline.credits_went(story, told),
            lines=timeline.timeline(story, told),
            books=[(row, timeline.entered(row, told)) for row in story.books],
            subject=_subject(job, told),
            person=address_of(job.requester),
            link=await self._office.link(job),
            refundable=timeline.is_refundable(story),
        )

    async def person(self, request: Request) -> Response:
        told = self._sheets.teller(request)
        who = _who(request)
        books = await self._office.books(who)
        jobs = [_job_row(job, told, now=self._office.now()) for job in books.jobs]
        name = next((job.requester.name for job in books.jobs if job.requester.name), "")
        return await self._sheet(request, "person", who=who, called=name, books=books, jobs=jobs)

    async def _sheet(self, request: Request, name: str, **facts: Any) -> Response:
        """A sheet with what its forms carry, and what was done just now."""
        done = request.query_params.get("done", "")
        return await self._sheets.sheet(
            request,
            name,
            mark=self._sessions.form_mark(request),
            key=secrets.token_hex(12),
            done=done if done in DONE else "",
            **facts,
        )


def address_of(who: Requester) -> str:
    """Where somebody's books are."""
    named = {"surface": who.surface, "community": who.community, "user": who.user}
    return f"/admin/person?{urlencode(named)}"


def _who(request: Request) -> Requester:
    asked = request.query_params
    surface, community, user = (asked.get(name, "") for name in ("surface", "community", "user"))
    if not all(0 < len(value) <= _ID_MOST and value.isprintable() for value in (surface, community, user)):
        raise Unwelcome(422, "no-person", "A person has a surface, a community and an id.")
    return Requester(surface=surface, community=community, user=user)


def _chosen(request: Request, name: str, choices: tuple[int, ...]) -> int:
    """One of the choices; the first where another stands there."""
    typed = request.query_params.get(name, "")
    return next((choice for choice in choices if str(choice) == typed), choices[0])


def _job_row(job: Job, told: Teller, *, now: float) -> dict[str, Any]:
    """A job as a row of a table."""
    return {
        "id": job.id,
        "at": job.created_at,
        "took": told.took((job.ended_at or now) - job.created_at),
        "state": str(job.state),
        "called": told.known("state", job.state),
        "why": told.why(job.reason, job.state) if job.state.ended and job.state != "finished" else "",
        "who": job.requester.name or job.requester.user,
        "person": address_of(job.requester),
        "model": tail(job.order.model),
        "provider": job.order.provider,
        "credits": job.order.credits if job.captured_credits is None else job.captured_credits,
        "subject": _subject(job, told)[:_SUBJECT_MOST],
    }


def _subject(job: Job, told: Teller) -> str:
    """What a private picture was of is its owner's alone."""
    return told.tell("private") if job.order.private else job.order.subject


def _worst(minutes: Iterable[Any], told: Teller) -> str:
    return told.took(max((one.worst_s for one in minutes), default=None))


# ── Charts ───────────────────────────────────────────────────────────────────────────────────────────


def _ended_chart(pace: LastHours, told: Teller) -> ChartShapes:
    finished, bad = told.tell("finished"), told.tell("bad")
    bars = [
        Column(label=told.hour(hour.begins), amounts={finished: hour.finished, bad: hour.bad})
        for hour in pace.hours
    ]
    return columns(bars, names=(finished, bad))


def _took_chart(pace: LastHours, told: Teller) -> ChartShapes:
    return lines(
        [told.hour(hour.begins) for hour in pace.hours],
        {
            told.tell("half"): [hour.half_s for hour in pace.hours],
            told.tell("most"): [hour.most_s for hour in pace.hours],
        },
        unit=told.tell("unit"),
    )


def _money_chart(money: Money, told: Teller) -> ChartShapes:
    """From the first day that brought something to today, days without among them."""
    days = list(money.days)
    while days and not days[-1].rows:
        days.pop()
    bars = []
    for day in reversed(days):
        models: dict[str, int] = {}
        for one in day.rows:
            models[tail(one.model)] = models.get(tail(one.model), 0) + one.credits
        bars.append(Column(label=told.day(day.begins)[5:], amounts=models))
    return columns(bars, others=told.tell("others"))
