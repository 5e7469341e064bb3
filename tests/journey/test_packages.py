"""What other people's packages bring keeps its word, and a broken one hurts nobody else."""

import asyncio
import json
import signal
import sqlite3

from tests.fakes.packages import Site
from tests.fakes.patience import PATIENCE_S

CRAYONS = """
    import io

    from PIL import Image
    from pydantic import BaseModel

    from bot.model import Model
    from bot.provider import (Finished, InlineImage, Standing)


    class Settings(BaseModel, extra="forbid"):
        colours: int
        api_key: str = ""


    class Crayons:
        name = "crayons"
        models = (Model(id="wax", provider="crayons", credits=3, way="sync"),)
        honours_keys = True
        polls_per_s = 5.0

        def __init__(self, section):
            self._colours = section.colours

        async def submit(self, order, *, key, inputs=(), webhook=""):
            file = io.BytesIO()
            Image.effect_noise((64, 64), self._colours).save(file, "PNG")
            return Finished(images=(InlineImage(file.getvalue()),))

        async def poll(self, operation, *, order):
            raise NotImplementedError

        async def cancel(self, operation, *, order):
            pass

        async def standing(self):
            return Standing(credits_left=7)

        async def aclose(self):
            pass
"""
POLITE = """
    import asyncio

    from bot.ports import Severity, Verdict


    class Polite:
        name = "polite"
        local = True

        def __init__(self, options):
            self._options = options

        async def judge_prompt(self, prompt, policy):
            if "bug" in prompt:
                raise KeyError(prompt)
            if "slow" in prompt:
                await asyncio.sleep(60)
            rude = self._options["word"] not in prompt
            return Verdict(severity=Severity.REFUSE if rude else Severity.ALLOW, category="own", layer=self.name)
"""
PINBOARD = """
    import asyncio
    import json
    import pathlib

    import typer

    from bot.ports import Handle


    class Pinboard:
        name = "pinboard"

        def __init__(self, section, tools):
            said = {language: tools.words.say("pinboard-hello", language) for language in ("en", "ko")}
            self._facts = {"section": section, "said": said}

        async def run(self):
            await asyncio.to_thread(pathlib.Path("pinned.json").write_text, json.dumps(self._facts))
            await asyncio.Event().wait()

        async def show(self, card, address, handle):
            return handle or Handle(key=card.job)

        async def tell(self, address, text):
            pass

        async def aclose(self):
            pass


    def texts():
        return pathlib.Path(__file__).with_name("words-of-pinboard")


    def pin(what: str):
        "Pins something."
        typer.echo(f"pinned: {what}")
"""


def site_of(folder):
    """Crayons draw, without a gateway; the other packages are there, and named or not by the configuration."""
    site = Site(folder)
    site.install(
        "crayons", CRAYONS, providers={"crayons": "crayons:Crayons"}, settings={"crayons": "crayons:Settings"}
    )
    return site


DRAWS = "[providers.crayons]\ncolours = 50\n"


def rows(site, table):
    with sqlite3.connect(site.folder / "easel.db") as connection:
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    return found


async def until(path, *, within_s=PATIENCE_S):
    async with asyncio.timeout(within_s):
        while not path.exists() or not path.read_text():
            await asyncio.sleep(0.05)
    return json.loads(path.read_text())


async def stopped(process):
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE_S):
        _, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return [json.loads(line) for line in err.decode().splitlines()]


# ── Providers ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_provider_alone_draws_and_nobody_misses_the_gateway(tmp_path):
    site = site_of(tmp_path)
    site.configure(DRAWS)
    words = ("models", "--json"), ("check", "--json"), ("imagine", "a red fox", "--json")
    models, check, drawn = [done.json() for done in await site.easel(*words)]
    assert [(m["id"], m["provider"], m["open"]) for m in models] == [("wax", "crayons", True)]
    assert check["ok"], check
    told = {row["name"]: row["detail"] for row in check["checks"]}
    assert told["crayons"] == "1 of 1 models open, 7 credits left"
    assert told["default_models"] == "wax is used"
    assert "gateway" not in told
    assert (drawn["state"], drawn["model"], drawn["credits"]) == ("finished", "wax", 3)


async def test_names_that_no_configured_provider_has_are_left_out_and_told_with_the_nearest_right_one(
    tmp_path,
):
    site = site_of(tmp_path)
    site.configure(
        DRAWS + "[bot]\ndefault_models = ['waxx', 'gemini-2.5-flash-image']\n"
        "[models.'gpt-image-1-mini']\ncredits = 5\n"
        "[models.dream]\nprovider = 'gateway'\ncredits = 5\n"
    )
    models, check = [done.json() for done in await site.easel(("models", "--json"), ("check", "--json"))]
    assert [m["id"] for m in models] == ["wax"]
    failed = {row["name"]: row for row in check["checks"] if not row["ok"]}
    assert set(failed) == {"default_models", "models"}
    assert "waxx, gemini-2.5-flash-image; wax is used" in failed["default_models"]["detail"]
    assert failed["default_models"]["fix"] == "did you mean 'wax'?"
    assert "gpt-image-1-mini, dream" in failed["models"]["detail"]


async def test_the_section_of_a_provider_is_read_by_its_model(tmp_path):
    site = site_of(tmp_path)
    site.configure("[providers.crayons]\ncolours = 5\napi_kee = 'x'\n")
    [done] = await site.easel(("models",))
    assert done.code == 2
    assert "[providers] crayons.api_kee: there is no such key; did you mean 'api_key'?" in done.err


async def test_without_any_provider_run_and_check_say_what_to_write(tmp_path):
    site = site_of(tmp_path)
    site.configure("")
    run, check, imagine = await site.easel(("run",), ("check", "--json"), ("imagine", "a fox"))
    for done in (run, imagine):
        assert done.code == 2
        assert "nobody would draw" in done.err
        assert {"[providers.crayons]", "[gateway]"} <= set(done.err.replace(",", " ").split())
    (row,) = [row for row in check.json()["checks"] if not row["ok"]]
    assert (row["name"], row["detail"]) == ("providers", "no image service is set up")
    assert "[gateway]" in row["fix"]


# ── Checks ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_local_check_speaks_before_accept(tmp_path):
    site = site_of(tmp_path)
    site.install("polite", POLITE, prompt_checks={"polite": "polite:Polite"})
    moderation = '[moderation]\nchecks = ["polite"]\noptions.polite = { word = "please" }\n'
    site.configure(DRAWS + moderation)
    refused = (await site.easel(("imagine", "a red fox", "--json")))[0].json()
    assert (refused["state"], refused["error"], refused["job"]) == ("refused", "prompt-refused", None)
    assert rows(site, "jobs") == rows(site, "transfers") == []
    assert [(r["action"], r["layer"], r["category"]) for r in rows(site, "audit")] == [
        ("verdict", "polite", "own")
    ]
    drawn = (await site.easel(("imagine", "a red fox please", "--json")))[0].json()
    assert drawn["state"] == "finished"


# ── Surfaces ─────────────────────────────────────────────────────────────────────────────────────────


def with_pinboard(folder):
    site = site_of(folder)
    site.install(
        "pinboard",
        PINBOARD,
        surfaces={"pinboard": "pinboard:Pinboard"},
        texts={"pinboard": "pinboard:texts"},
        commands={"pin": "pinboard:pin"},
    )
    texts = folder / "words-of-pinboard"
    texts.mkdir()
    (texts / "en.pinboard.ftl").write_text(
        "pinboard-hello = Pinned by { $bot }\nbutton-cancel = Mine\n", encoding="utf-8"
    )
    return site


async def test_a_surface_without_settings_gets_its_section_as_written_and_brings_its_texts(tmp_path):
    site = with_pinboard(tmp_path)
    site.configure(DRAWS + "[pinboard]\nboard = 'kitchen'\n")
    process = await site.start("run")
    told = await until(tmp_path / "pinned.json")
    log = await stopped(process)
    assert told["section"] == {"board": "kitchen"}
    assert told["said"] == {"en": "Pinned by Easel", "ko": "Pinned by Easel"}
    (started,) = [line for line in log if line["event"] == "started"]
    assert started["roles"] == ["pinboard", "worker"]


async def test_a_surface_without_settings_and_section_runs_when_it_is_named(tmp_path):
    site = with_pinboard(tmp_path)
    site.configure(DRAWS)
    process = await site.start("run", "--roles", "pinboard")
    assert (await until(tmp_path / "pinned.json"))["section"] == {}
    await stopped(process)
    [done] = await site.easel(("run", "--roles", "slack"))
    assert done.err.startswith("easel: --roles: [slack] is not set up")


async def test_a_section_that_nobody_knows_still_stops_the_start(tmp_path):
    site = with_pinboard(tmp_path)
    site.configure(DRAWS + "[pinbord]\nboard = 'kitchen'\n")
    [done] = await site.easel(("run",))
    assert done.code == 2
    assert "did you mean 'pinboard'?" in done.err


async def test_a_command_of_a_package_is_found_and_listed(tmp_path):
    site = with_pinboard(tmp_path)
    pinned, listed, mistyped = await site.easel(("pin", "a fox"), ("--help-all",), ("pinn",))
    assert pinned.out == "pinned: a fox\n"
    assert "Commands of other packages:\n  pin\n" in listed.out
    assert "did you mean 'pin'?" in mistyped.err


BROKEN = {
    "unlucky": ("raise RuntimeError('no luck')", "can't be loaded (RuntimeError: no luck)"),
    "keyless": ("def Surface(section, tools):\n    return section['x']", "can't be opened (KeyError: 'x')"),
    "shapeless": ("def Surface(section, tools):\n    return 7", "made a int, which is no Surface"),
    "unset": ("def Surface(section, tools):\n    return 7\nSettings = 7", "is no pydantic model"),
}


async def test_a_broken_surface_is_left_out_loudly_and_the_others_run(tmp_path):
    site = with_pinboard(tmp_path)
    for name, (code, _) in BROKEN.items():
        points = {"surfaces": {name: f"{name}:Surface"}}
        if "Settings" in code:
            points["settings"] = {name: f"{name}:Settings"}
        site.install(name, code, **points)
    site.configure(DRAWS + "[pinboard]\n" + "".join(f"[{name}]\n" for name in BROKEN))
    process = await site.start("run")
    await until(tmp_path / "pinned.json")
    log = await stopped(process)
    left_out = {line["surface"]: line for line in log if line["event"] == "a surface is left out"}
    assert {line["level"] for line in left_out.values()} == {"error"}
    for name, (_, said) in BROKEN.items():
        problem = left_out[name]["problem"]
        assert problem.startswith(f"the package {name}: '{name}' of easel."), problem
        assert said in problem
    # What does not ask for them does not hear of them.
    [asked] = await site.easel(("jobs", "list", "--json"))
    assert (asked.code, asked.err) == (0, "")


async def test_a_broken_package_that_is_needed_ends_in_one_line_that_names_it(tmp_path):
    site = Site(tmp_path)
    site.install("bent", "def Bent(section):\n    return object()", providers={"bent": "bent:Bent"})
    site.install("rude", "import nowhere_to_be_found", prompt_checks={"rude": "rude:Rude"})
    site.install("odd", "Command = 7", commands={"odd": "odd:Command"})
    site.configure("[providers.bent]\n")
    said = (
        "the package bent: 'bent' of easel.providers made a object, which is no Provider of bot/provider.py",
        "the package odd: 'odd' of easel.commands is neither a function nor a typer app",
    )
    for done, reason in zip(await site.easel(("models",), ("odd",)), said, strict=True):
        assert (done.code, len(done.err.splitlines())) == (2, 1), done.err
        assert reason in done.err
        assert "update the package or uninstall it" in done.err
    site.configure('[moderation]\nchecks = ["rude"]\n')
    check = (await site.easel(("check", "--json")))[0].json()
    (moderation,) = [row for row in check["checks"] if row["name"] == "moderation"]
    assert "needs the module 'nowhere_to_be_found'" in moderation["detail"]
    assert "see what rude asks for and install that, or uninstall rude" in moderation["detail"]
    assert "pip install" not in moderation["detail"]  # whoever holds that name may be anybody
