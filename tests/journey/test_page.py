"""The page in a real browser: from the typed command to the picture, through reloads and lost connections."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
import pytest_asyncio

from integrations.web.people import PEOPLE
from tests.fakes.free_ports import free_port
from tests.fakes.giving import picture
from tests.fakes.page import running, served
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

PATIENCE_MS = 1000 * PATIENCE_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="SKIPPED, NOT PASSED: there is no Chromium here; `apt-get install chromium` and run again",
    ),
]
ROOT = Path(__file__).parents[2]
BRISK = {"speed": 6, "tiny_images": True}  # long enough to be seen painting
SLOW = {"speed": 0.05, "tiny_images": True}  # never finished while a test looks
LOST = re.compile("Failed to load resource|net::ERR")  # what a browser says itself of refusals and lost lines
# What stands in the first message when it is drawn.
WITNESS = """() => {
    new MutationObserver(() => { window.seen ??= document.querySelector(".message")?.dataset.phase; })
        .observe(document.getElementById("messages"), { childList: true });
}"""


class Visitor:
    """Somebody before the page. What the browser complains of fails the test at its end."""

    def __init__(self, tab, url):
        self.tab = tab
        self.url = url
        self.complaints: list[str] = []
        tab.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def come(self, person=None):
        await self.tab.goto(self.url)
        await self.tab.wait_for_selector('#wire[data-state="online"]')
        if person:
            await self.be(person)

    async def be(self, person):
        """Chooses who one is, by the menu as one does."""
        await self.tab.click("#me")
        await self.tab.click(f'.person[data-person="{person}"]')
        await self.tab.wait_for_selector(f'#me[data-person="{person}"]')
        await self.tab.wait_for_selector('#wire[data-state="online"]')

    async def type(self, text):
        await self.tab.fill("#box", text)
        await self.tab.press("#box", "Enter")

    async def messages(self, count, phase=None):
        """Waits until so many messages stand there (in this phase), and no more."""
        which = f'[data-phase="{phase}"]' if phase else ""
        await self.count(f".message{which}", count)

    async def count(self, selector, count):
        from playwright.async_api import expect

        await expect(self.tab.locator(selector)).to_have_count(count, timeout=PATIENCE_MS)

    async def has(self, purse):
        """Waits until the person can spend so much, and nothing is held."""
        from playwright.async_api import expect

        await expect(self.tab.locator("#me .purse")).to_have_text(purse, timeout=PATIENCE_MS)

    async def press(self, label, message=0):
        await self.tab.locator(".message").nth(message).get_by_role("button", name=label, exact=True).click()

    async def more(self, label, message=0):
        """What is seldom wanted, in the menu."""
        await self.press("More", message)
        await self.tab.locator(":popover-open").get_by_role("menuitem", name=label, exact=True).click()

    async def note(self):
        note = self.tab.locator(".note").last
        await note.wait_for()
        return await note.inner_text()

    async def texts(self):
        return await self.tab.locator(".message blockquote").all_inner_texts()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    """One for all: what a visitor leaves behind is in a context of its own."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
def visiting(browser):
    """Opens one tab at a page, as nobody has been there."""

    @contextlib.asynccontextmanager
    async def visit(url, **options):
        context = await browser.new_context(**options)
        try:
            context.set_default_timeout(PATIENCE_MS)
            visitor = Visitor(await context.new_page(), url)
            yield visitor
        finally:
            await context.close()
        assert [c for c in visitor.complaints if not LOST.search(c)] == []

    return visit


async def test_a_command_shows_its_placeholder_and_then_the_picture(tmp_path, visiting):
    async with served(tmp_path, drawing=BRISK) as page, visiting(page.url) as visitor:
        await visitor.come()
        await visitor.tab.evaluate(WITNESS)
        await visitor.type("/imagine a red fox in the snow --ar 16:9")
        await visitor.messages(1)
        assert await visitor.tab.evaluate("window.seen") in ("waiting", "painting")
        assert "a red fox in the snow" in await visitor.texts()
        await visitor.messages(1, "finished")
        image = visitor.tab.locator(".message img")
        assert await image.get_attribute("alt") == "Picture: a red fox in the snow"
        assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


async def test_reactions_picks_and_remixes_make_one_message_each(tmp_path, visiting):
    async with served(tmp_path) as page, visiting(page.url) as visitor:
        await visitor.come()
        await visitor.type("/imagine a red fox --n 4 --model sdxl")
        await visitor.messages(1, "finished")
        again = visitor.tab.locator(".message").get_by_role("button", name="Re-roll")
        await again.click(click_count=2)
        await visitor.messages(2, "finished")
        await visitor.tab.locator(".message").first.locator(".picture").nth(1).click()
        await visitor.tab.keyboard.press("ArrowRight")
        assert await visitor.tab.inner_text("#lightbox-count") == "3 / 4"
        await visitor.tab.get_by_role("button", name="Post it alone").click()
        await visitor.messages(3, "finished")
        await visitor.press("Remix")
        await visitor.tab.fill("#form-text", "a blue fox --model sdxl")
        await visitor.tab.get_by_role("button", name="Draw").click()
        await visitor.messages(4, "finished")
        assert await visitor.texts() == ["a red fox", "a red fox", "a red fox", "a blue fox"]
        await visitor.has("455 credits")


async def test_what_is_deleted_can_be_taken_back_and_goes_when_its_person_leaves(tmp_path, visiting):
    async with served(tmp_path) as page, visiting(page.url) as visitor:
        await visitor.come()
        await visitor.type("a red fox --model sdxl")  # plain words draw, too
        await visitor.messages(1, "finished")
        await visitor.more("Delete")
        assert await visitor.tab.locator(".message .picture").is_hidden()
        await visitor.tab.keyboard.press("Enter")  # Undo has the focus
        assert await visitor.tab.locator(".message .picture").is_visible()
        await visitor.more("Delete")
        await visitor.be("jisoo")
        await visitor.messages(0)
        assert await visitor.tab.locator(".examples img").count() == 6
        spoken = [
            await visitor.tab.get_attribute("#box", "placeholder"),
            await visitor.tab.inner_text("#empty h2"),
        ]
        assert all(re.search("[가-힣]", words) for words in spoken), "the whole page follows its reader"


async def test_a_double_click_on_an_example_draws_one_picture(tmp_path, visiting):
    async with served(tmp_path) as page, visiting(page.url) as visitor:
        await visitor.come()
        await visitor.tab.locator(".examples button").first.dblclick()
        await visitor.messages(1, "finished")
        await visitor.type("a blue fox --model sdxl")  # what a second click had ordered would stand before it
        await visitor.messages(2, "finished")


async def test_a_refused_command_stays_to_be_mended(tmp_path, visiting):
    async with served(tmp_path) as page, visiting(page.url) as visitor:
        await visitor.come("kai")
        await visitor.type("/easel admin grant @robin banana")
        await visitor.count("#box[aria-invalid]", 1)
        assert await visitor.tab.input_value("#box") == "/easel admin grant @robin banana"
        await visitor.type("/easel admin allowance 1234567")
        await visitor.count('.note:not([data-kind="refusal"])', 1)
        assert await visitor.tab.input_value("#box") == ""
        await visitor.tab.click('#places a[href="#credits"]')
        await visitor.tab.get_by_text("1,234,567", exact=True).first.wait_for()


async def test_who_may_not_is_shown_no_button_and_remix_asks_before_its_form_opens(tmp_path, visiting):
    async with (
        served(tmp_path) as page,
        visiting(page.url, viewport={"width": 900, "height": 500}) as visitor,
    ):
        await visitor.come()
        await visitor.type("a red fox --model sdxl")
        await visitor.messages(1, "finished")
        await visitor.type("a blue fox --model sdxl")
        await visitor.messages(2, "finished")
        kai = PEOPLE["kai"].requester
        await visitor.tab.locator("#log").evaluate("log => log.scrollTo(0, 0)")
        await visitor.press("Re-roll")
        await visitor.tab.click("#jump")  # the new one is below, and announced
        await visitor.messages(3, "finished")
        assert await visitor.tab.evaluate("document.activeElement.classList.contains('message')")
        await visitor.be("sam")
        await visitor.messages(3)
        await visitor.press("More")
        assert await visitor.tab.locator(":popover-open").all_inner_texts() == [
            "Original\n✉️ Its number\nReport"
        ]
        await visitor.tab.keyboard.press("Escape")
        await page.house.rulemaking.change(kai, {"press": "requester"})
        await visitor.press("Remix")
        assert "Only the person" in await visitor.note()
        assert not await visitor.tab.locator("#form").is_visible()
        await visitor.be("kai")
        await visitor.tab.click("#desk-open")
        await visitor.tab.focus("#box")
        await visitor.tab.keyboard.press("Escape")  # from anywhere
        assert await visitor.tab.locator("#desk").is_hidden()


async def test_cancel_stops_it_and_try_again_begins_anew(tmp_path, visiting):
    async with served(tmp_path, drawing=SLOW, worker={"grace_s": 1}) as page, visiting(page.url) as visitor:
        await visitor.come()
        await visitor.type("/imagine a red fox")
        await visitor.messages(1)
        await visitor.press("Cancel")
        await visitor.messages(1, "over")
        assert "Your credits are back" in await visitor.tab.locator(".message").inner_text()
        await visitor.press("Try again")
        await visitor.messages(2)
        assert await visitor.tab.locator('.message[data-phase="over"]').count() == 1


async def test_settings_of_another_program_are_drawn_as_they_were_corrected_with_one_click(
    tmp_path, visiting
):
    async with served(tmp_path) as page, visiting(page.url) as visitor:
        await visitor.come()
        pasted = "a red fox\nNegative prompt: blur\nSteps: 20, Sampler: Euler a, CFG scale: 7, Size: 512x768"
        await visitor.type(f"/imagine {pasted}")
        button = visitor.tab.locator(".note .buttons button:has-text('Draw it · 39 credits')")
        await button.wait_for()
        at_bottom = "([one, log]) => one.getBoundingClientRect().bottom <= log.getBoundingClientRect().bottom"
        ends = [await button.element_handle(), await visitor.tab.query_selector("#log")]
        assert await visitor.tab.evaluate(at_bottom, ends), "nobody looks for a button behind the line"
        await button.click()
        await visitor.messages(1, "finished")
        assert await visitor.texts() == ["a red fox"]
        assert await visitor.tab.input_value("#box") == "", "what was mended need not be mended again"
        await visitor.count(".note", 0)


def _number(text):
    return int("".join(letter for letter in text if letter.isdigit()))


async def test_a_corrected_edit_costs_what_its_button_says(tmp_path, visiting):
    """With the picture that is edited: only a model that takes pictures draws it."""
    port = free_port()
    drawn = {"default_models": ["sdxl", "gemini-2.5-flash-image"]}
    pictures = {"url": str(tmp_path / "pictures"), "public_url": f"http://127.0.0.1:{port}"}
    async with (
        served(tmp_path, port=port, assets=pictures, moderation={"inputs": "any"}, bot=drawn) as page,
        visiting(page.url) as visitor,
    ):
        await visitor.come()
        await visitor.type("/imagine a red fox")
        await visitor.messages(1, "finished")
        await visitor.has("495 credits")
        await visitor.press("Edit")
        await visitor.tab.fill("#form-text", "a blue fox\nNegative prompt: blur\nSteps: 20, Sampler: Euler a")
        await visitor.tab.get_by_role("button", name="Draw").click()
        button = visitor.tab.locator(".note .buttons button:has-text('Draw it')")
        told = _number(await button.inner_text())
        await button.click()
        await visitor.messages(2, "finished")
        await visitor.has(f"{495 - told} credits")


async def test_what_the_page_says_that_an_order_with_pictures_costs_is_what_is_paid(tmp_path, visiting):
    """No default model but the second takes pictures, and others of the list do before it; a remix takes its own along."""
    from playwright.async_api import expect

    port, left = free_port(), 500
    drawn = {"default_models": ["sdxl", "flux-2-pro"]}
    pictures = {"url": str(tmp_path / "pictures"), "public_url": f"http://127.0.0.1:{port}"}
    async with (
        served(tmp_path, port=port, assets=pictures, moderation={"inputs": "any"}, bot=drawn) as page,
        visiting(page.url) as visitor,
    ):
        tab = visitor.tab
        await visitor.come()
        given = {"name": "a.png", "mimeType": "image/png", "buffer": picture()}
        await tab.locator("#files").set_input_files(given)
        await expect(tab.locator("#tray li[data-state=there]")).to_have_count(1)
        await tab.fill("#box", "a red fox")
        told = _number(await tab.inner_text("#price"))
        await tab.press("#box", "Enter")
        await visitor.messages(1, "finished")
        await visitor.has(f"{left - told} credits")
        for count, label in enumerate(("Edit", "Remix"), 2):
            left -= told
            await visitor.press(label)
            await tab.fill("#form-text", f"a blue fox {count}")
            note = await tab.inner_text("#form-note")
            assert note.startswith("flux-2-pro · ")
            told = _number(note.partition("·")[2])
            await tab.get_by_role("button", name="Draw").click()
            await visitor.messages(count, "finished")
            await visitor.has(f"{left - told} credits")


async def test_refusals_and_shortages_are_said_to_that_person_alone(tmp_path, visiting):
    async with served(tmp_path, quotas={"daily_allowance": 60}) as page, visiting(page.url) as visitor:
        await visitor.come("sam")
        await visitor.type("/imagine a naked woman having sex")
        assert "I can't draw that" in await visitor.note()
        await visitor.type("/imagine a castle --n 4")
        await visitor.count(".note", 2)
        assert "96 are missing" in await visitor.note()
        assert await visitor.texts() == []
        await visitor.type("/imagine a castle [sim:refused]")
        await visitor.messages(1, "over")
        assert (
            "declined this prompt. Your credits are back."
            in await visitor.tab.locator(".message").inner_text()
        )


async def test_a_reload_in_the_middle_loses_and_doubles_nothing(tmp_path, visiting):
    async with served(tmp_path, drawing=BRISK) as page, visiting(page.url) as visitor:
        await visitor.come("mira")
        await visitor.type("/imagine a red fox")
        await visitor.messages(1)
        await visitor.type("/imagine a blue fox --private")
        await visitor.messages(2)
        await visitor.tab.reload()
        await visitor.messages(2, "finished")
        assert await visitor.texts() == ["a red fox", "a blue fox"]
        await visitor.count('#me[data-person="mira"]', 1)
        await visitor.be("kai")
        await visitor.messages(1, "finished")
        assert await visitor.texts() == ["a red fox"]


async def test_a_lost_connection_comes_back_and_nothing_is_lost_or_doubled(tmp_path, visiting):
    async with served(tmp_path) as page, visiting(page.url) as visitor:
        await visitor.come()
        await visitor.type("/imagine a red fox")
        await visitor.messages(1, "finished")
        await visitor.tab.context.set_offline(True)
        await visitor.tab.wait_for_selector('#wire[data-state="offline"]')
        await visitor.type("/imagine a blue fox")  # waits, and is sent once the line is back
        async with page.client("mira") as client:
            await client.post("/page/say", json={"text": "/imagine a green fox", "key": "x" * 12})
        await visitor.tab.context.set_offline(False)
        await visitor.tab.wait_for_selector('#wire[data-state="online"]')
        await visitor.messages(3, "finished")
        assert sorted(await visitor.texts()) == ["a blue fox", "a green fox", "a red fox"]
        await asyncio.sleep(0.6)
        assert len(await visitor.texts()) == 3


async def test_a_server_that_goes_and_comes_back_finds_the_page_waiting(tmp_path, visiting):
    from integrations.simulator.app import simulator

    async with simulator(latency=False, tiny_images=True) as simulation, contextlib.AsyncExitStack() as stack:
        async with running(tmp_path, simulation) as page:
            port = int(page.url.rpartition(":")[2])
            visitor = await stack.enter_async_context(visiting(page.url))
            await visitor.come()
            await visitor.type("/imagine a red fox")
            await visitor.messages(1, "finished")
        await visitor.tab.wait_for_selector('#wire[data-state="offline"]')
        await visitor.type("/imagine a blue fox")
        async with running(tmp_path, simulation, port=port):
            await visitor.tab.wait_for_selector('#wire[data-state="online"]')
            await visitor.messages(2, "finished")
            assert await visitor.texts() == ["a red fox", "a blue fox"]
            await stack.aclose()


async def test_who_signs_out_is_at_the_door_again(tmp_path, visiting):
    token = "a token of some length"
    locked = {"enabled": True, "admin_token": token}
    async with served(tmp_path, web=locked) as page, visiting(page.url) as visitor:
        await visitor.tab.goto(page.url)
        await visitor.tab.fill("#token", token)
        await visitor.tab.press("#token", "Enter")
        await visitor.tab.wait_for_selector('#wire[data-state="online"]')
        await visitor.tab.get_by_role("button", name="Sign out").click()
        await visitor.tab.wait_for_selector("#token")
        await visitor.tab.goto(page.url)
        await visitor.tab.wait_for_selector("#token")


async def test_the_page_works_by_keyboard_alone(tmp_path, visiting):
    async with served(tmp_path) as page, visiting(page.url, reduced_motion="reduce") as visitor:
        await visitor.come()
        keys = visitor.tab.keyboard

        async def focused():
            return await visitor.tab.evaluate(
                "document.activeElement.id || document.activeElement.dataset.act || ''"
            )

        async def tab_to(name):
            for _ in range(30):
                if await focused() == name:
                    return
                await keys.press("Tab")
            raise AssertionError(f"Tab never reaches {name}")

        await keys.press("Tab")
        await keys.press("Enter")  # "Skip to the message box"
        await keys.type("/im")
        await keys.press("Tab")  # completes it
        await keys.type("a red fox --model sdx")
        await keys.press("ArrowDown")
        assert await visitor.tab.get_attribute("#box", "aria-activedescendant") == "hint-0"
        await keys.press("Tab")
        assert await visitor.tab.input_value("#box") == "/imagine a red fox --model sdxl "
        assert await visitor.tab.inner_text("#price") == "5 credits"
        await keys.press("Enter")
        await visitor.messages(1, "finished")
        await visitor.tab.focus("#log")
        await tab_to("reroll")
        await keys.press("Enter")
        await visitor.messages(2, "finished")
        assert await focused() == "reroll"
        await tab_to("remix")
        await keys.press("Enter")
        await visitor.tab.wait_for_selector("#form[open]")
        await keys.press("Escape")
        assert await focused() == "remix"
        assert re.search("Done|Painting", await visitor.tab.inner_text("#live"))


async def test_suggestions_follow_the_table_of_flags_and_the_model(tmp_path, visiting):
    high = {"width": 1280, "height": 1500}  # there is room for all of them
    async with served(tmp_path) as page, visiting(page.url, viewport=high) as visitor:
        await visitor.come()

        async def offered(text):
            await visitor.tab.fill("#box", text)
            return [
                hint.split("\n")[0].strip()
                for hint in await visitor.tab.locator("#hints li").all_inner_texts()
            ]

        flags = await offered("/imagine a fox --model gpt-image-1 --")
        assert {"--ar", "--n", "--no", "--quality", "--size", "--private", "--background"} <= set(flags)
        assert "--model" not in flags
        assert "--quality" not in await offered("/imagine a fox --model sdxl --")
        assert await offered("/imagine a fox -m gpt-image-1 -q ") == ["low", "medium", "high"]
        assert (await offered("/imagine a fox --model gpt-image-1 --Aspect-Ratio "))[:3] == [
            "1:1",
            "16:9",
            "9:16",
        ]
        assert await offered("/imagine a fox --private ") == []
        assert await offered("/imagine a fox --model sdxl --ar ") == [], "nothing that is refused"
        assert "--ar" not in await offered("/imagine a fox --model gpt-image-1 --size auto --")
        models = await offered("/imagine a fox --quality high --model ")
        assert "gpt-image-1" in models
        assert "sdxl" not in models
        await offered("/imagine a fox --model sdxl --private -n 3 --number-of-images 2 ")
        assert await visitor.tab.inner_text("#price") == "10 credits"


async def test_controls_write_flags_into_the_line_and_read_them_there(tmp_path, visiting):
    async with served(tmp_path) as page, visiting(page.url) as visitor:
        await visitor.come()
        tab = visitor.tab

        async def choose(flag, value):
            await tab.click(f'[data-flag="{flag}"] button')
            await tab.locator(":popover-open").get_by_role("menuitemradio", name=value).click()
            return await tab.input_value("#box")

        await tab.fill("#box", "a red fox")
        assert await choose("--ar", "16:9") == "a red fox --ar 16:9"
        assert await choose("--ar", "9:16") == "a red fox --ar 9:16"
        await tab.keyboard.type(" at dawn")
        assert await choose("--n", "2") == "a red fox at dawn --ar 9:16 --n 2"
        assert await choose("--model", "Cheap") == "a red fox at dawn --n 2 --model sdxl", "it takes no shape"
        assert await tab.locator('[data-flag="--ar"]').is_hidden()
        await tab.click('[data-flag="--private"] button')
        await tab.fill("#box", (await tab.input_value("#box")).replace("sdxl", "gpt-image-1 -q high"))
        assert await tab.inner_text('[data-flag="--quality"] button') == "Quality\nhigh"
        assert await choose("--model", "As usual") == "a red fox at dawn --n 2 -q high --private"
        await tab.fill("#box", "a red fox --model nosuch")
        await tab.press("#box", "Enter")
        await visitor.note()
        marked = "box => box.value.slice(box.selectionStart, box.selectionEnd)"
        assert await tab.locator("#box").evaluate(marked) == "nosuch"


async def test_places_are_opened_by_their_address_and_left_by_escape(tmp_path, visiting):
    async with served(tmp_path) as page, visiting(page.url) as visitor:
        await visitor.come()
        await visitor.type("/imagine a red fox --model sdxl")
        await visitor.messages(1, "finished")
        await visitor.tab.get_by_role("link", name="Gallery").click()
        await visitor.tab.click(".shelves .picture")
        await visitor.tab.locator("dialog.shown .message").wait_for()
        await visitor.tab.keyboard.press("Escape")
        await visitor.count("dialog.shown", 0)
        await visitor.tab.keyboard.press("Escape")
        await visitor.tab.wait_for_selector("main:not([hidden])")
        await visitor.tab.get_by_role("link", name="Models").click()
        await visitor.tab.locator(".models li", has_text="sdxl").get_by_role("button").click()
        assert "--model sdxl" in await visitor.tab.input_value("#box")
        await visitor.tab.go_back()
        await visitor.tab.wait_for_selector(".models")


async def test_axe_finds_nothing(tmp_path, visiting):
    import axe_playwright_python

    axe = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
    async with served(tmp_path) as page, visiting(page.url, bypass_csp=False) as visitor:
        await visitor.come()

        async def check(what):
            await visitor.tab.evaluate(axe)
            found = (await visitor.tab.evaluate("axe.run()"))["violations"]
            assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == [], what

        await check("empty")
        await visitor.tab.fill("#box", "/imagine a red fox --")
        await check("suggestions")
        for text in ("/imagine a red fox --n 2 --model sdxl", "/imagine", "/easel models", "/easel credits"):
            await visitor.type(text)
        await visitor.messages(1, "finished")
        await visitor.type("/easel history")
        await visitor.tab.wait_for_selector(".gallery img")
        await check("light")
        await visitor.tab.emulate_media(color_scheme="dark")
        await check("dark")
        await visitor.tab.set_viewport_size({"width": 390, "height": 800})
        await visitor.tab.click("#me")
        await check("phone")
        await visitor.tab.keyboard.press("Escape")
        await visitor.tab.emulate_media(color_scheme="light")
        await visitor.tab.locator(".picture").first.click()
        await check("a picture alone")
        for place, there in (("gallery", ".shelves .picture"), ("models", ".models"), ("credits", ".moves")):
            await visitor.tab.goto(f"{page.url}/#{place}")
            await visitor.tab.wait_for_selector(there)
            await check(place)


async def test_easel_play_is_one_command_and_survives_being_killed(tmp_path, visiting):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("EASEL")}
    command = [sys.executable, "-m", "bot", "play", "--no-browser", "--port", "0", "--speed", "20"]

    async def start():
        process = await asyncio.create_subprocess_exec(
            *command, "--data", str(tmp_path), cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
        )
        line = (await asyncio.wait_for(there(process.stdout).readline(), PATIENCE_S)).decode()
        return process, there(re.search(r"http://127\.0\.0\.1:\d+", line))[0]

    process, url = await start()
    try:
        async with visiting(url) as visitor:
            await visitor.come()
            await visitor.type("/imagine a red fox --model sdxl")
            await visitor.messages(1, "finished")
        process.kill()
        await process.wait()
        process, url = await start()
        async with visiting(url) as visitor:
            await visitor.come()
            await visitor.messages(1, "finished")
            await visitor.be("sam")
            await visitor.has("60 credits")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_door_leads_back_to_the_operators_place_where_axe_finds_nothing(tmp_path, visiting):
    import axe_playwright_python

    axe = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
    token = "a token of some length"
    async with (
        served(tmp_path, web={"enabled": True, "admin_token": token}) as page,
        visiting(page.url) as visitor,
    ):
        tab = visitor.tab
        await tab.goto(f"{page.url}/admin/money?days=30")
        await tab.fill("#token", token)
        await tab.keyboard.press("Enter")
        await tab.wait_for_url("**/admin/money?days=30")
        for path in ("", "/pace", "/money", "/trouble", "/person?surface=web&community=local&user=mira"):
            await tab.goto(f"{page.url}/admin{path}")
            await tab.evaluate(axe)
            found = (await tab.evaluate("axe.run()"))["violations"]
            assert [(v["id"], v["nodes"][0]["target"]) for v in found] == [], path
        await tab.fill("#grant-amount", "25")
        await tab.keyboard.press("Enter")
        await tab.wait_for_url("**&done=granted")
        await visitor.count("text=+25", 1)
