"""`easel jobs`: what is under way and what has been, for operators."""

import secrets
from typing import Annotated, Any

import typer

from bot.cli.common import ConfigOption, JsonOption, operator, run, settings_of
from bot.cli.tables import number, show_table, when
from bot.errors import NotThere
from bot.house.app import open_app
from bot.job import Job, State
from bot.ports import Ask, Place, Requester
from bot.process.out import say, show_json

app = typer.Typer(help="Jobs.", add_completion=False, rich_markup_mode=None, no_args_is_help=True)

_WORDS_SHOWN = 60
JobArgument = Annotated[str, typer.Argument(help="The job's id.")]


@app.command("list")
def list_jobs(
    state: Annotated[State | None, typer.Option("--state", help="Only jobs in this state.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the newest so many.")] = None,
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """List jobs, newest first."""
    settings = settings_of(config)

    async def work() -> list[Job]:
        async with open_app(settings, roles=(), create=False) as house:
            return await house.store.jobs.recent(state=state, limit=limit)

    found = run(work())
    if json:
        show_json([as_dict(job) for job in found])
        return
    if not found:
        say("No jobs yet." if state is None else f"No jobs are {state}.")
        return
    show_table(
        ("When", "Job", "State", "Who", "Model", "Credits", "Words"),
        [
            (
                when(job.created_at), job.id, job.state, job.requester.user, job.order.model,
                number(_credits(job)), job.order.subject[:_WORDS_SHOWN],
            )
            for job in found
        ],
    )  # fmt: skip


@app.command()
def show(job: JobArgument, config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Show one job whole."""
    settings = settings_of(config)

    async def work() -> Job:
        async with open_app(settings, roles=(), create=False) as house:
            return await _job(house.store, job)

    found = as_dict(run(work()), whole=True)
    if json:
        show_json(found)
        return
    for name, value in found.items():
        told = when(value) if name.endswith("_at") else value
        say(f"{name:16} {'' if told is None else told}")


@app.command()
def cancel(job: JobArgument, config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Stop a job; the person's credits are back at once."""
    settings = settings_of(config)

    async def work() -> Job:
        async with open_app(settings, roles=(), create=False) as house:
            found = await _job(house.store, job)
            return await house.studio.cancel(job, _as_moderator(found))

    _tell(run(work()), as_json=json)


@app.command("end")
def end_stranded(job: JobArgument, config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """End a job whose row can't be read, so that nobody carries it; the person's credits are back at once."""
    settings = settings_of(config)

    async def work() -> int:
        async with open_app(settings, roles=()) as house:
            return await house.store.stranded.end(job, actor=operator(), now=house.store.now())

    freed = run(work())
    if json:
        show_json({"id": job, "state": str(State.FAILED), "freed": freed})
    else:
        say(f"{job}  {State.FAILED}  {freed} credits are free again")


@app.command()
def retry(job: JobArgument, config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Order an ended job once more, for the same person; a running worker draws it."""
    settings = settings_of(config)

    async def work() -> Job:
        async with open_app(settings, roles=(), create=False) as house:
            found = await _job(house.store, job)
            ask = Ask(
                requester=found.requester,
                place=Place(address=None, channel=found.channel, age_restricted=found.age_restricted),
                text="",
                request_key=f"retry-{job}-{secrets.token_hex(4)}",
            )
            return (await house.studio.reroll(job, ask)).job

    _tell(run(work()), as_json=json)


async def _job(store: Any, job: str) -> Job:
    found: Job | None = await store.jobs.get(job)
    if found is None:
        raise NotThere
    return found


def _as_moderator(job: Job) -> Requester:
    who = job.requester
    return Requester(surface=who.surface, community=who.community, user=operator().user, moderator=True)


def _tell(job: Job, *, as_json: bool) -> None:
    if as_json:
        show_json(as_dict(job))
    else:
        say(f"{job.id}  {job.state}")


def _credits(job: Job) -> int:
    """What it cost, or would."""
    return job.order.credits if job.captured_credits is None else job.captured_credits


def as_dict(job: Job, *, whole: bool = False) -> dict[str, Any]:
    """A job as --json prints it. Outside tools rely on these names."""
    result: dict[str, Any] = {
        "id": job.id,
        "state": str(job.state),
        "surface": job.requester.surface,
        "community": job.requester.community,
        "user": job.requester.user,
        "model": job.order.model,
        "credits": _credits(job),
        "held": job.order.credits,
        "captured": job.captured_credits,
        "cost_usd_micros": job.cost_usd_micros,
        "created_at": job.created_at,
        "ended_at": job.ended_at,
        "error": job.reason or None if job.state.ended and job.state != "finished" else None,
    }
    if whole:
        result |= {
            "prompt": job.order.subject,
            "parameters": dict(job.order.parameters),
            "images": [a.key for a in job.images],
            "operation": job.operation,
            "attempt": job.attempt,
            "parent": job.parent,
            "doubtful": job.doubtful,
            "deleted": job.deleted,
            "detail": job.detail,
        }
    return result
