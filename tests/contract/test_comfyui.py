"""A ComfyUI keeps the provider's laws, and its own: workflows, progress, its queue, and what an answer lost."""

import asyncio
import contextlib
import io
import json
import uuid
from importlib import resources
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr, ValidationError

from bot.configuration import config
from bot.errors import BadPrompt, ConfigError, Reached, Trouble
from bot.model import Order
from bot.order.catalog import Catalog
from bot.order.prompts import parse
from bot.provider import Absent, Failed, Finished, Input, Pending
from integrations.providers.comfyui import ComfyUI, ComfyUISettings, load_workflows, open_comfyui
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.beside import beside
from tests.fakes.command import command
from tests.fakes.packages import Site
from tests.fakes.patience import PATIENCE_S
from tests.fakes.scripted import Reply, scripted
from tests.fakes.services import comfyui as local
from tests.fakes.there import there

RUN = "11111111-1111-4111-8111-111111111111"
SDXL = "stability-ai/sdxl"
PNG = local.picture("teal", (8, 8))
OUTPUTS = {"7": {"images": [{"filename": "a 1&2.png", "subfolder": "easel", "type": "output"}]}}
QUEUED = {"queue_running": [[1, RUN, {}, {}, []]], "queue_pending": []}


def order(**more) -> Order:
    known: dict[str, Any] = {"provider": "comfyui", "model": SDXL, "prompt": PROMPT, "credits_each": 5}
    return Order(**(known | more))


def settings(url: str, **more) -> ComfyUISettings:
    return ComfyUISettings(base_url=url, **{"api_key": SecretStr(SECRET), **more})


def open_within(url: str, within_s: float) -> ComfyUI:
    return open_comfyui(settings(url, **dict.fromkeys(("timeout_s", "submit_timeout_s", "poll_timeout_s"), within_s)))  # fmt: skip


def over(status="success", *, outputs=OUTPUTS, messages=(), run=RUN) -> Reply:
    told = {"status_str": status, "completed": status == "success", "messages": list(messages)}
    return Reply(body={run: {"prompt": [1, run, {}, {}, []], "outputs": outputs, "status": told}})


def ours(key: str) -> str:
    """The id that is chosen for a key, as a service may check it."""
    return str(uuid.uuid5(uuid.UUID("5d0f3d3a-43f4-5c39-9d0f-0a4c8e7b8f3e"), key))


SUBJECT = Subject(
    open=open_within,
    order=order(),
    submitted=Reply(body={"prompt_id": RUN, "number": 1, "node_errors": {}}),
    operation=RUN,
    under_way=Reply(body={}),
    finished=over(),
    failed=over("error", messages=[["execution_error", {"node_type": "KSampler", "exception_type": "X"}]]),
    unreadable=(
        Reply(body={"node_errors": {}}),
        Reply(body={"prompt_id": 5}),
        Reply(body={"prompt_id": "../x"}),
    ),
    poll_limit_bytes=4 * 1024 * 1024,
    meanings={403: (Reached.YES, Trouble.KEY)},  # a proxy's word
    found=((Reply(body={}), Absent), (over(run=ours("k")), Finished)),
)


class TestComfyUI(ProviderContract):
    parameters = frozenset({"negative_prompt", "seed", "size"})
    costs_money = False  # but electricity

    @pytest.fixture
    def subject(self) -> Subject:
        return SUBJECT

    @pytest.fixture
    async def server(self):
        """A look may also take the queue, the picture and the websocket."""
        async with scripted() as server:
            server.by_path = {
                "/queue": Reply(body=QUEUED),
                "/view": Reply(body=PNG),
                "/ws": Reply(status=404),
            }
            yield server


@pytest.fixture
async def server():
    async with local.comfyui() as server:
        yield server


@pytest.fixture
def far():
    """The same, for commands in this very process."""
    with beside(local.comfyui()) as server:
        yield server


@contextlib.asynccontextmanager
async def opened(server: local.ComfyServer, **more):
    provider = open_comfyui(settings(server.url, **{"api_key": SecretStr(local.KEY), **more}))
    try:
        yield provider
    finally:
        await provider.aclose()


def written(folder, graph, name="own.json"):
    file = folder / name
    file.write_text(graph if isinstance(graph, str) else json.dumps(graph), encoding="utf-8")
    return file


def shipped(name="sdxl.json"):
    folder = resources.files("integrations.providers") / "workflows"
    return json.loads((folder / name).read_text("utf-8"))


def ordered(provider, text, **more) -> Order:
    return Catalog(provider.models).order(parse(text, {}), now=0.0, **more)


def values(graph, title, name):
    return [node["inputs"][name] for node in graph.values() if node["_meta"]["title"] == title]


# ── Workflows ────────────────────────────────────────────────────────────────────────────────────────


async def test_an_order_fills_the_nodes_by_their_titles(server):
    server.draws = False
    async with opened(server) as provider:
        asked = ordered(provider, "a red fox --ar 16:9 --no snow, ice --seed 7 --n 2 --model sdxl")
        await provider.submit(asked, key="k")
    graph = there(server.running).graph
    assert values(graph, "prompt", "text") == ["a red fox"]
    assert values(graph, "negative", "text") == ["snow, ice"]
    assert values(graph, "seed", "seed") == [7]
    assert [values(graph, "size", n) for n in ("width", "height", "batch_size")] == [[1344], [768], [2]]


async def test_every_order_has_a_seed_of_its_own_and_a_repeat_the_same(server):
    """The same graph with the same seed is answered from the cache: nothing new would be drawn."""
    server.draws = False
    async with opened(server) as provider:
        for key in ("a", "b", "a"):
            await provider.submit(order(), key=key)
    first, second, third = (
        run.graph["5"]["inputs"]["seed"] for run in (there(server.running), *server.pending)
    )
    assert first == third != second
    assert all(0 < seed < 2**63 for seed in (first, second))


@pytest.mark.parametrize("model", [SDXL, "sd3.5-large"])
async def test_the_workflows_that_come_with_easel_draw_every_shape_they_offer(server, model):
    async with opened(server) as provider:
        (offered,) = [one for one in provider.models if one.id == model]
        assert (offered.images_max, offered.inputs, offered.price().usd_micros) == (4, 0, 0)
        assert set(offered.parameters) == {"size", "negative_prompt", "seed"}
        assert offered.defaults == {"size": "1024x1024"}
        for size in offered.parameters["size"]:
            width, height = map(int, size.split("x"))
            assert 0.85 < width * height / 1024**2 < 1.15
            asked = order(model=model, parameters={"size": size}, images=2)
            pending = await provider.submit(asked, key=size)
            done = await provider.poll(pending.operation, order=asked)
            drawn = [Image.open(io.BytesIO(image.data)).size for image in done.images]
            assert drawn == [(width // 8, height // 8)] * 2


async def test_the_place_of_the_prompt_is_filled_in_any_string_and_once(server, tmp_path):
    graph = shipped()
    graph["2"]["inputs"]["text"] = "photo of {prompt}, 35 mm"
    graph["7"]["inputs"]["filename_prefix"] = "{prompt}"
    server.draws = False
    async with opened(server, workflows={"my-sdxl": written(tmp_path, graph)}) as provider:
        await provider.submit(ordered(provider, "a {prompt} fox --no {prompt} --model my-sdxl"), key="k")
    graph = there(server.running).graph
    assert graph["2"]["inputs"]["text"] == "photo of a {prompt} fox, 35 mm"
    assert graph["3"]["inputs"]["text"] == "{prompt}", "what a person types is no place to fill"
    assert graph["7"]["inputs"]["filename_prefix"] == "a {prompt} fox"


async def test_what_a_workflow_has_no_node_for_is_not_offered(server, tmp_path):
    graph = shipped()
    for node in ("3", "4", "5"):
        graph[node]["_meta"]["title"] = "something else"
    del graph["4"]["inputs"]["batch_size"]
    async with opened(server, workflows={"plain": written(tmp_path, graph)}) as provider:
        model = provider.models[0]
        assert (model.id, model.good_for, dict(model.parameters)) == ("plain", "own", {})
        assert (model.images_max, model.inputs, dict(model.defaults)) == (1, 0, {})
        for flag in ("--seed 5", "--size 512x512", "--ar 16:9"):
            with pytest.raises(BadPrompt):
                ordered(provider, f"a fox {flag} --model plain")


async def test_a_picture_is_uploaded_and_named_as_the_server_calls_it(server, tmp_path):
    graph = shipped()
    graph["4"] = {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": "Image"}}
    graph["8"] = {"class_type": "LoadImage", "inputs": {"image": "y.png"}, "_meta": {"title": "image 2"}}
    graph["9"] = {
        "class_type": "VAEEncode",
        "inputs": {"pixels": ["4", 0], "vae": ["1", 2]},
        "_meta": {"title": ""},
    }
    graph["5"]["inputs"]["latent_image"] = ["9", 0]
    given = tuple(
        Input(data=local.picture(color, (8, 8)), media_type="image/png", sha256=digit * 64, width=8, height=8)
        for color, digit in (("red", "a"), ("blue", "b"))
    )
    async with opened(server, workflows={"edit": written(tmp_path, graph)}) as provider:
        assert (provider.models[0].inputs, provider.models[0].inputs_min) == (2, 2)
        asked = ordered(provider, "bluer --model edit", inputs=2)
        pending = await provider.submit(asked, key="k", inputs=given)
        assert isinstance(await provider.poll(pending.operation, order=asked), Finished)
        drawn = server.history[pending.operation]["prompt"][2]
        names = [drawn[node]["inputs"]["image"] for node in ("4", "8")]
        assert names == server.uploads == [f"easel/kept-{digit * 32}.png" for digit in "ab"]
        assert [server.files["input", *name.split("/")] for name in names] == [one.data for one in given]


async def test_only_the_titled_output_counts_and_never_a_preview(server, tmp_path):
    graph = shipped()
    graph["8"] = {"class_type": "SaveImage", "inputs": {"filename_prefix": "raw", "images": ["6", 0]}}
    graph["9"] = {"class_type": "PreviewImage", "inputs": {"images": ["6", 0]}}
    untitled = json.loads(json.dumps(graph))
    untitled["7"]["_meta"]["title"] = "save"
    files = {"one": written(tmp_path, graph), "all": written(tmp_path, untitled, "all.json")}
    async with opened(server, workflows=files) as provider:
        counts = []
        for model in files:
            asked = order(model=model, images=4)
            pending = await provider.submit(asked, key=model)
            kept = server.history[pending.operation]["outputs"]
            assert len(kept) == 3
            counts.append(len((await provider.poll(pending.operation, order=asked)).images))
    assert counts == [4, 4], "never more than were ordered"


async def test_a_picture_comes_without_the_graph_that_quotes_the_prompt(server):
    async with opened(server) as provider:
        pending = await provider.submit(order(), key="k")
        (image,) = (await provider.poll(pending.operation, order=order())).images
    assert PROMPT.encode() in next(iter(server.files.values()))
    assert PROMPT.encode() not in image.data
    Image.open(io.BytesIO(image.data)).load()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no workflow"),
        ('{"nodes": [], "links": [], "version": 0.4}', "Export (API)"),
        ('{"3": {"class_type": "KSampler"}}', "API format"),
        ('{"3": {"class_type": "KSampler", "inputs": {"seed": 5}}}', "titled prompt"),
    ],
)
def test_a_file_that_is_no_workflow_is_refused_with_what_to_do(tmp_path, text, says):
    with pytest.raises(ConfigError) as caught:
        open_comfyui(ComfyUISettings(workflows={"own": written(tmp_path, text)}))
    assert says in str(caught.value)
    assert "own.json" in str(caught.value)


def test_a_file_that_is_not_there_and_a_name_that_nobody_can_type_are_refused(tmp_path):
    with pytest.raises(ConfigError):
        open_comfyui(ComfyUISettings(workflows={"own": tmp_path / "none.json"}))
    with pytest.raises(ValidationError):
        ComfyUISettings(workflows={"my own": tmp_path})


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_set_up_by_any_key_of_its_section():
    assert not ComfyUISettings().ready
    assert ComfyUISettings(base_url="http://127.0.0.1:8188").ready
    assert ComfyUISettings(credits=0).ready


def test_relative_files_follow_the_configuration(tmp_path, monkeypatch):
    (tmp_path / "workflows").mkdir()
    written(tmp_path / "workflows", shipped())
    file = tmp_path / "easel.toml"
    file.write_text('[providers.comfyui]\nworkflows = { "my-sdxl" = "workflows/own.json" }\n')
    for folder in (tmp_path, tmp_path / "workflows"):
        monkeypatch.chdir(folder)
        section = config.load(file, environ={}).section("comfyui")
        assert [model.id for model in open_comfyui(section).models] == ["my-sdxl", SDXL, "sd3.5-large"]


def test_people_pay_what_the_configuration_says(tmp_path):
    prices = [model.price() for model in open_comfyui(ComfyUISettings(credits=3)).models]
    assert {(price.credits, price.usd_micros) for price in prices} == {(3, 0)}


# ── Queue and progress ───────────────────────────────────────────────────────────────────────────────


async def told(provider, run, until) -> Pending:
    async with asyncio.timeout(PATIENCE_S):
        while not until(pending := await provider.poll(run, order=order())):
            await asyncio.sleep(0.01)
    return pending


async def test_a_place_in_the_queue_then_steps_then_the_picture(server):
    server.draws = False
    async with opened(server) as provider:
        runs = [(await provider.submit(order(), key=key)).operation for key in "abc"]
        looks = [await provider.poll(run, order=order()) for run in runs]
        assert [look.place for look in looks] == [None, 0, 1]
        await asyncio.wait_for(server.connected.wait(), PATIENCE_S)
        await server.step(3, 20)
        pending = await told(provider, runs[0], lambda pending: pending.steps)
        assert (pending.step, pending.steps, pending.place) == (3, 20, None)
        await server.say(server.running, "progress_state", nodes={
            "1": {"state": "finished", "value": 1, "max": 1},
            "5": {"state": "running", "value": 12, "max": 20},
        })  # fmt: skip
        await told(provider, runs[0], lambda pending: pending.step == 12)
        await server.go()
        assert isinstance(await provider.poll(runs[0], order=order()), Finished)
        assert (await provider.poll(runs[2], order=order())).place == 0


async def test_odd_messages_say_nothing_and_break_nothing(server):
    server.draws = False
    async with opened(server) as provider:
        run = (await provider.submit(order(), key="a")).operation
        await provider.poll(run, order=order())
        await asyncio.wait_for(server.connected.wait(), PATIENCE_S)
        (socket,) = server.sockets.values()
        for text in ("{", "[]", '{"type": 5}', '{"type": "progress", "data": {"prompt_id": [], "value": 1}}'):
            await socket.send_str(text)
        for data in ({"value": "x", "max": 5}, {"value": 9, "max": 5}, {"value": 1, "max": 1e300}, {}):
            await server.say(server.running, "progress", **data)
        await server.say(server.running, "progress_state", nodes=[5])
        await server.step(4, 8)
        pending = await told(provider, run, lambda pending: pending.steps)
        assert (pending.step, pending.steps) == (4, 8)


async def test_a_broken_websocket_is_no_end(server):
    server.draws = False
    async with opened(server) as provider:
        run = (await provider.submit(order(), key="a")).operation
        await provider.poll(run, order=order())
        await asyncio.wait_for(server.connected.wait(), PATIENCE_S)
        await server.step(3, 20)
        await told(provider, run, lambda pending: pending.steps)
        (socket,) = server.sockets.values()
        await socket.close()
        await told(provider, run, lambda pending: not pending.steps)
        await server.go()
        assert isinstance(await provider.poll(run, order=order()), Finished)


async def test_a_restart_forgets_it_and_it_is_worth_another_submit(server):
    server.draws = False
    async with opened(server) as provider:
        run = (await provider.submit(order(), key="a")).operation
        server.running = None
        failed = await provider.poll(run, order=order())
    assert isinstance(failed, Failed)
    assert failed.again
    assert not failed.refused


@pytest.mark.parametrize(("kind", "again"), [("torch.cuda.OutOfMemoryError", True), ("ValueError", False)])
async def test_only_a_full_card_is_worth_another_try(server, kind, again):
    server.run_error = (kind, f"it broke at '{PROMPT}'")
    async with opened(server) as provider:
        run = (await provider.submit(order(), key="a")).operation
        failed = await provider.poll(run, order=order())
    assert (failed.again, failed.refused) == (again, False)
    assert kind in failed.detail
    assert PROMPT not in failed.detail


async def test_a_run_without_pictures_is_a_failure(server):
    async with opened(server) as provider:
        run = (await provider.submit(order(), key="a")).operation
        server.history[run]["outputs"] = {}
        assert isinstance(await provider.poll(run, order=order()), Failed)


# ── Cancelling ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("new", [True, False])
async def test_cancelling_stops_ours_and_nobody_elses(new):
    async with local.comfyui(new=new, draws=False) as server, opened(server) as provider:
        runs = [(await provider.submit(order(), key=key)).operation for key in "abc"]
        await provider.cancel(runs[1], order=order())
        assert (there(server.running).id, [run.id for run in server.pending]) == (runs[0], [runs[2]])
        await provider.cancel(runs[0], order=order())
        assert (there(server.running).id, server.pending) == (runs[2], [])
        failed = await provider.poll(runs[0], order=order())
        assert isinstance(failed, Failed)
        assert not failed.again
        await provider.cancel(runs[0], order=order())
        assert there(server.running).id == runs[2]


# ── A lost answer ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("draws", [True, False])
async def test_a_lost_answer_is_found_in_the_queue_or_the_history(new, draws):
    """An old server chose the id itself, and nobody has heard it."""
    async with local.comfyui(new=new, draws=draws) as server, opened(server) as provider:
        await provider.submit(order(), key="job-0.1")
        assert await provider.find(order(), key="job-1.1", since=0) == Absent()
        server.lose_answers = 1
        assert (await error_of(provider.submit(order(), key="job-1.1"))).reached is Reached.UNKNOWN
        found = await provider.find(order(), key="job-1.1", since=0)
        if draws:
            assert isinstance(found, Finished)
        else:
            assert found == Pending(operation=server.pending[0].id, place=0)


async def test_another_process_finds_it_too_and_only_its_own(server):
    async with opened(server) as first:
        await first.submit(order(), key="job-0.1")
        server.lose_answers = 1
        await error_of(first.submit(order(), key="job-1.1"))
    server.draws = False
    async with opened(server) as second:
        assert isinstance(await second.find(order(), key="job-1.1", since=0), Finished)
        assert isinstance(await second.find(order(), key="job-2.1", since=0), Absent)
        server.lose_answers = 1
        await error_of(second.submit(order(), key="job-2.1"))
        found = await second.find(order(), key="job-2.1", since=0)
        assert found == Pending(operation=there(server.running).id)
    assert server.submits == 3


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_graph_that_the_server_refuses_says_which_node(server, tmp_path):
    unknown, absent, odd = shipped(), shipped(), shipped()
    unknown["4"]["class_type"] = "SomebodysNode"
    absent["1"]["inputs"]["ckpt_name"] = "mine.safetensors"
    odd["5"]["inputs"]["steps"] = "many"
    graphs = {"unknown": unknown, "absent": absent, "odd": odd}
    files = {name: written(tmp_path, graph, f"{name}.json") for name, graph in graphs.items()}
    async with opened(server, workflows=files) as provider:
        errors = {name: await error_of(provider.submit(order(model=name), key="k")) for name in files}
    assert {(e.reached, name): e.trouble for name, e in errors.items()} == {
        (Reached.YES, "unknown"): Trouble.MODEL_CLOSED,
        (Reached.YES, "absent"): Trouble.MODEL_CLOSED,
        (Reached.YES, "odd"): Trouble.ORDER,
    }
    assert "SomebodysNode" in errors["unknown"].detail
    assert "CheckpointLoaderSimple 1" in errors["absent"].detail
    assert "mine.safetensors" in errors["absent"].detail
    assert "KSampler 5" in errors["odd"].detail


async def test_an_upload_that_failed_has_made_nothing(tmp_path):
    graph = shipped()
    graph["8"] = {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": "image"}}
    given = Input(data=PNG, media_type="image/png", sha256="a" * 64, width=8, height=8)
    for reply, reached, trouble in (
        (Reply(cut_before=True), Reached.NO, Trouble.BROKEN),
        (Reply(status=500), Reached.NO, Trouble.BROKEN),
        (Reply(body={}), Reached.NO, Trouble.BROKEN),
        (Reply(status=413), Reached.YES, Trouble.ORDER),
        (Reply(status=401), Reached.YES, Trouble.KEY),
    ):
        async with scripted() as server:
            server.answer(reply)
            provider = open_comfyui(settings(server.url, workflows={"edit": written(tmp_path, graph)}))
            error = await error_of(provider.submit(order(model="edit"), key="k", inputs=[given]))
            await provider.aclose()
            assert (error.reached, error.trouble) == (reached, trouble), reply
            assert len(server.seen) == 1


# ── Standing ─────────────────────────────────────────────────────────────────────────────────────────


async def test_what_the_server_lacks_is_told_before_anybody_orders_it(server, tmp_path):
    lacking, unknown, paid = shipped(), shipped(), shipped()
    lacking["1"]["inputs"]["ckpt_name"] = "mine.safetensors"
    lacking["5"]["inputs"]["scheduler"] = "beta57"
    unknown["4"]["class_type"] = "SomebodysNode"
    paid["8"] = {"class_type": "PaidImageNode", "inputs": {"prompt": "x"}}
    graphs = {"lacking": lacking, "unknown": unknown, "paid": paid, "fine": shipped()}
    files = {name: written(tmp_path, graph, f"{name}.json") for name, graph in graphs.items()}
    async with opened(server, workflows=files) as provider:
        standing = await provider.standing()
    assert standing.open_models == frozenset({"fine", SDXL, "sd3.5-large"})
    for said in ("mine.safetensors", "beta57", "SomebodysNode", "PaidImageNode calls a paid service"):
        assert said in standing.advice
    assert server.submits == 0


async def test_a_proxys_wrong_key_is_told(server):
    async with opened(server, api_key=SecretStr("wrong")) as provider:
        for call in (provider.standing(), provider.submit(order(), key="k")):
            error = await error_of(call)
            assert (error.trouble, error.reached) == (Trouble.KEY, Reached.YES)


# ── The whole program ────────────────────────────────────────────────────────────────────────────────


def test_the_terminal_draws_with_a_comfyui_alone(far, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workflows").mkdir()
    written(tmp_path / "workflows", shipped())
    site = Site(tmp_path)
    section = f"""
        [providers.comfyui]
        base_url = "{far.url}/"
        api_key = "{local.KEY}"
        workflows = {{ "my-sdxl" = "workflows/own.json" }}
        """
    site.configure(section)
    done = command("imagine", "a red fox --ar 16:9 --n 2 --model my-sdxl", "--json")
    assert done.code == 0, done.err
    drawn = done.json()
    assert (drawn["state"], drawn["model"], drawn["provider"]) == ("finished", "my-sdxl", "comfyui")
    assert drawn["usd_micros"] == 0
    (run,) = far.history.values()
    assert run["prompt"][2]["2"]["inputs"]["text"] == "a red fox"
    assert run["prompt"][2]["4"]["inputs"] == {"width": 1344, "height": 768, "batch_size": 2}
    rows = {row["name"]: row for row in command("check", "--json").json()["checks"]}
    assert (rows["comfyui"]["ok"], rows["comfyui"]["detail"]) == (True, "3 of 3 models open")

    site.configure(section.replace(local.KEY, "wrong"))
    rows = {row["name"]: row for row in command("check", "--json").json()["checks"]}
    assert not rows["comfyui"]["ok"]
    assert "api_key" in rows["comfyui"]["fix"]


def test_the_shipped_workflows_are_those_of_the_catalogue():
    assert list(load_workflows()) == [SDXL, "sd3.5-large"]
    with pytest.raises(BadPrompt):
        Catalog(open_comfyui(ComfyUISettings()).models).order(parse("x --n 5 --model sdxl", {}), now=0.0)
