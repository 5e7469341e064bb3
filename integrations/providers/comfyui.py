"""A ComfyUI of one's own: workflows as templates, filled with what was ordered. It costs nothing, and judges nothing."""

import asyncio
import dataclasses
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import httpx
import pydantic

from bot.errors import ConfigError, ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import Absent, Failed, Finder, Finished, InlineImage, Input, Outcome, Pending, Standing
from integrations.providers import _comfyui_answers as _answers
from integrations.providers import _comfyui_workflows as _workflows
from integrations.providers import _forms, _models, _wire
from integrations.providers._comfyui_steps import RunWatch
from integrations.providers._settings import ProviderSettings

NAME = "comfyui"
BASE_URL = "http://127.0.0.1:8188"
FOLDER = "easel"  # of uploads on the server, which has no call to delete them
CREDITS = 5

_USUAL_S = 20.0
_QUEUE_BYTES = 32 * 1024 * 1024  # it quotes the whole graph of each run
_CLASS_BYTES = 4 * 1024 * 1024
_PICTURE_BYTES = 64 * 1024 * 1024
_HISTORY_RUNS = 200  # of the last ones, where an old server chose the id
_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
_SPACE_OF_IDS = uuid.UUID("5d0f3d3a-43f4-5c39-9d0f-0a4c8e7b8f3e")
_NO_ENTRY = (401, 403)
_NOT_FOUND = 404
_ERRORS_NAMED = 5


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────


class ComfyUISettings(ProviderSettings, frozen=True):
    """The section [providers.comfyui] of the configuration."""

    first_keys: ClassVar[Mapping[str, object]] = {"base_url": None}

    base_url: str = pydantic.Field(default=BASE_URL, description="Where the server is.")
    api_key: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr(""),
        description="Sent as a bearer token, for a proxy before the server: it asks for no key itself.",
    )
    workflows: dict[str, Path] = pydantic.Field(
        default_factory=dict,
        description="Models of your own: a name, and the file of its workflow in API format.",
    )
    credits: int = pydantic.Field(
        default=CREDITS, ge=0, description="What an image costs a person, where [models] says nothing else."
    )

    @property
    def ready(self) -> bool:
        """It needs no key: whoever writes anything in its section wants it."""
        return bool(self.model_fields_set)

    @classmethod
    def rooted(cls, written: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """Relative paths follow the configuration's file."""
        files = written.get("workflows")
        if not isinstance(files, Mapping):
            return dict(written)
        below = {name: str(folder / file) if isinstance(file, str) else file for name, file in files.items()}
        return {**written, "workflows": below}

    @pydantic.field_validator("workflows")
    @classmethod
    def _names_can_be_typed(cls, files: dict[str, Path]) -> dict[str, Path]:
        for name in files:
            if re.fullmatch(r"[\w.+-]+(/[\w.+-]+)*", name) is None:
                raise ValueError("a model's name has letters, digits and . _ + - /")
        return files


def open_comfyui(settings: ComfyUISettings, *, client: httpx.AsyncClient | None = None) -> "ComfyUI":
    """The server as configured, with its workflows. Raises ConfigError for a file that is none."""
    own = {name: _read(name, file) for name, file in settings.workflows.items()}
    return ComfyUI(client or _wire.open_client(connections=settings.connections), own, settings)


def _read(name: str, file: Path) -> _workflows.Workflow:
    where = f'[providers.comfyui] workflows."{name}": {file}'
    try:
        if file.stat().st_size > _workflows.FILE_BYTES:
            raise ConfigError(f"{where}: is larger than any workflow")
        text = file.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where}: can't be read ({type(error).__name__})") from None
    return _workflows.parse(text, model=name, where=where)


# ── Models ───────────────────────────────────────────────────────────────────────────────────────────


def load_workflows() -> dict[str, _workflows.Workflow]:
    """Those that come with Easel, by their models."""
    folder = resources.files(__package__).joinpath("workflows")
    own = _models.load("comfyui_models.toml", provider=NAME).own
    files = {model: str(facts["workflow"]) for model, facts in own.items()}
    return {
        model: _workflows.parse(folder.joinpath(file).read_text(encoding="utf-8"), model=model, where=file)
        for model, file in files.items()
    }


def _models_of(workflows: Mapping[str, _workflows.Workflow], credits_: int) -> Iterator[Model]:
    shipped = {model.id: model for model in _models.load("comfyui_models.toml", provider=NAME).models}
    for name, workflow in workflows.items():
        plain = Model(id=name, provider=NAME, good_for="own", usual_s=_USUAL_S)
        yield dataclasses.replace(
            shipped.get(name, plain),
            credits=credits_,
            images_max=workflow.images_max,
            parameters=workflow.parameters,
            defaults={"size": workflow.sizes[0]} if workflow.sizes else {},
            inputs=workflow.inputs,
            inputs_min=workflow.inputs,
            masks=workflow.masks,
            needs_mask=workflow.masks,
        )


# ── The provider ─────────────────────────────────────────────────────────────────────────────────────


class ComfyUI(Finder):
    """Translates orders into filled workflows, and the server's history into our answers."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        own: Mapping[str, _workflows.Workflow],
        settings: ComfyUISettings,
    ) -> None:
        self._wire = _wire.Wire(client, connections=settings.connections)
        self._settings = settings
        self._key = settings.key
        self._workflows = {**own, **{k: v for k, v in load_workflows().items() if k not in own}}
        self._models = tuple(_models_of(self._workflows, settings.credits))
        self._client_id = (
            uuid.uuid4().hex
        )  # of this process: a second socket with the same takes the first's place
        self._progress = RunWatch(settings.base_url, self._client_id, self._headers())

    @property
    def name(self) -> str:
        return NAME

    @property
    def models(self) -> Sequence[Model]:
        return self._models

    @property
    def honours_keys(self) -> bool:
        """It runs a second submit with the same id as well."""
        return False

    @property
    def polls_per_s(self) -> float:
        return self._settings.polls_per_s

    async def submit(
        self,
        order: Order,
        *,
        key: str,
        inputs: Sequence[Input] = (),
        webhook: str = "",  # noqa: ARG002  # it has none
    ) -> Outcome:
        workflow = self._workflows.get(order.wire_name)
        if workflow is None:
            raise ProviderError(
                f"there is no workflow {order.wire_name}", reached=Reached.NO, trouble=Trouble.MODEL_CLOSED
            )
        pictures, mask = _forms.parted(inputs)
        if workflow.masks and mask is None:
            raise _forms.no_mask(order)
        names = [await self._uploaded(one, key) for one in pictures]
        grey = await _forms.grey_of(mask) if workflow.masks and mask is not None else None
        masked = await self._uploaded(grey, key) if grey is not None else ""
        answer = await self._wire.post(
            self._settings.url("prompt"),
            body={
                "prompt": workflow.filled(order, key=key, images=names, mask=masked),
                "client_id": self._client_id,
                "prompt_id": _run_of(key),
                "extra_data": {_answers.MARK: key},
            },
            headers=self._headers(),
            within_s=self._settings.submit_timeout_s,
            limit_bytes=_wire.POLL_BODY_BYTES,
            hidden=self._hidden(order),
        )
        if not answer.good:
            raise _answers.refused(answer)
        run = (await _wire.json_of(answer)).get("prompt_id")
        if not isinstance(run, str) or _ID.fullmatch(run) is None:
            raise _wire.unreadable(answer, "holds no prompt_id")
        return Pending(operation=run)

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        """History before queue before history: runs only move that way, so that none slips through."""
        self._progress.listen()
        if (over := await self._over(operation, order)) is not None:
            return over
        if (known := self._progress.of(operation)) is not None:
            return Pending(operation=operation, step=known.step, steps=known.steps)
        waiting = (await self._queue()).pending(operation)
        if waiting is not None:
            return waiting
        over = await self._over(operation, order)
        return over or Failed(detail="neither in the queue nor in the history: it was restarted", again=True)

    async def find(
        self,
        order: Order,
        *,
        key: str,
        inputs: Sequence[Input] = (),  # noqa: ARG002  # its key is enough
        since: float,  # noqa: ARG002  # the same
    ) -> Outcome | Absent | None:
        """By the id that we chose, or by our mark where an old server chose its own."""
        run = _run_of(key)
        queue = await self._queue()
        for entry in (*queue.running, *queue.waiting):
            if entry.run == run or entry.mark == key:
                return queue.pending(entry.run)
        if (over := await self._over(run, order)) is not None:
            return over
        history = await self._asked(f"history?max_items={_HISTORY_RUNS}", limit_bytes=_QUEUE_BYTES)
        for other, told in history.items():
            if isinstance(told, dict) and _answers.ComfyRun.of(told.get("prompt")).mark == key:
                return await self._outcome(other, told, order)
        return Absent()

    async def cancel(self, operation: str, *, order: Order) -> None:  # noqa: ARG002  # the run's id is enough
        """Out of the queue, or stopped. An old server stops whatever runs: so only where that is ours."""
        answer = await self._post(f"api/jobs/{quote(operation, safe='')}/cancel", {})
        if answer.good:
            return
        if answer.status in _NO_ENTRY:
            raise _answers.error_of(answer)
        removed = await self._post("queue", {"delete": [operation]})
        if not removed.good:
            raise _answers.error_of(removed)
        if (await self._queue()).runs(operation):
            stopped = await self._post("interrupt", {"prompt_id": operation})
            if not stopped.good:
                raise _answers.error_of(stopped)

    async def standing(self) -> Standing:
        """Which workflows the server could run: it knows their nodes, and has their files."""
        await self._asked("system_stats")
        classes = sorted({name for workflow in self._workflows.values() for name in workflow.classes})
        told = dict(zip(classes, await asyncio.gather(*map(self._class, classes)), strict=True))
        problems = {name: _answers.problems(workflow, told) for name, workflow in self._workflows.items()}
        advice = [f"{name}: {'; '.join(found[:_ERRORS_NAMED])}" for name, found in problems.items() if found]
        return Standing(
            open_models=frozenset(name for name, found in problems.items() if not found),
            advice=". ".join(advice),
        )

    async def aclose(self) -> None:
        await self._progress.aclose()
        await self._wire.aclose()

    # ── Asking the server ────────────────────────────────────────────────────────────────────────────

    async def _uploaded(self, given: Input, key: str) -> str:
        """The name by which a graph names the picture: the server may have chosen another than ours."""
        form = _forms.form(
            {"type": "input", "subfolder": FOLDER, "overwrite": "true"},
            [("image", _forms.file_of(given))],
            key=key,
        )
        try:
            answer = await self._wire.post_form(
                self._settings.url("upload/image"),
                form=form,
                headers=self._headers(),
                within_s=self._settings.submit_timeout_s,
                limit_bytes=_wire.POLL_BODY_BYTES,
                hidden=(self._key,),
            )
            if not answer.good:
                raise _answers.error_of(answer)
            told = await _wire.json_of(answer)
            name, folder = told.get("name"), told.get("subfolder")
            if not isinstance(name, str) or not name:
                raise _wire.unreadable(answer, "holds no name")
        except ProviderError as error:
            if error.reached.doubtful:
                error.reached = Reached.NO  # of the order: a picture was given, and nothing asked for yet
            raise
        return f"{folder}/{name}" if isinstance(folder, str) and folder else name

    async def _over(self, run: str, order: Order) -> Outcome | None:
        """What became of a run; None while it has not ended."""
        history = await self._asked(f"history/{quote(run, safe='')}", limit_bytes=_CLASS_BYTES)
        entry = history.get(run)
        if entry is None:
            if history:
                raise ProviderError("a history of something else", reached=Reached.UNKNOWN)
            return None
        if not isinstance(entry, dict):
            raise ProviderError("a history that can't be read", reached=Reached.UNKNOWN)
        return await self._outcome(run, entry, order)

    async def _outcome(self, run: str, entry: Mapping[str, object], order: Order) -> Outcome:
        status = entry.get("status")
        if isinstance(status, dict) and status.get("status_str") == "error":
            return _answers.failed(status, self._hidden(order))
        workflow = self._workflows.get(order.wire_name)
        kept = _answers.kept(entry.get("outputs"), frozenset() if workflow is None else workflow.outputs)
        if not kept:
            return Failed(detail=f"{run} ended without pictures")
        pictures = await asyncio.gather(*(self._picture(place) for place in kept[: order.images]))
        return Finished(images=tuple(pictures))

    async def _picture(self, place: Mapping[str, str]) -> InlineImage:
        answer = await self._wire.get(
            self._settings.url("view"),
            params=place,
            headers={**self._headers(), "Accept": "image/*"},
            within_s=self._settings.poll_timeout_s,
            limit_bytes=_PICTURE_BYTES,
            hidden=(self._key,),
        )
        if not answer.good:
            raise _answers.error_of(answer, trouble=Trouble.BROKEN if answer.status == _NOT_FOUND else None)
        return InlineImage(await asyncio.to_thread(_answers.without_graph, answer.body))

    async def _queue(self) -> _answers.Queue:
        return _answers.Queue.of(await self._asked("queue", limit_bytes=_QUEUE_BYTES))

    async def _class(self, name: str) -> Mapping[str, Any] | None:
        """What the server says of a class of nodes, {} of one that it does not know; None where it tells nothing."""
        try:
            told = await self._asked(f"object_info/{quote(name, safe='')}", limit_bytes=_CLASS_BYTES)
        except ProviderError as error:
            if error.trouble is Trouble.KEY:
                raise
            return None  # the server is there, and this alone is not told: then the run will tell
        found = told.get(name, {})
        return found if isinstance(found, dict) else None

    async def _asked(self, path: str, *, limit_bytes: int = _wire.POLL_BODY_BYTES) -> dict[str, object]:
        answer = await self._wire.get(
            self._settings.url(path),
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            limit_bytes=limit_bytes,
            hidden=(self._key,),
        )
        if not answer.good:
            raise _answers.error_of(answer, trouble=Trouble.BROKEN if answer.status == _NOT_FOUND else None)
        return await _wire.json_of(answer)

    async def _post(self, path: str, body: Mapping[str, object]) -> _wire.Reply:
        return await self._wire.post(
            self._settings.url(path),
            body=body,
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            limit_bytes=_wire.POLL_BODY_BYTES,
            hidden=(self._key,),
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def _hidden(self, order: Order) -> tuple[str, ...]:
        return (self._key, order.prompt, str(order.parameters.get("negative_prompt", "")))


def _run_of(key: str) -> str:
    """The id that we choose for a submit; a server that lets nobody choose answers with its own."""
    return str(uuid.uuid5(_SPACE_OF_IDS, key))
