"""The documents as a site: built without a warning and without a network, whole, and found by its own search."""

import asyncio
import contextlib
import http.server
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

from tests.fakes.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# What people ask the search, as they would, and the page with the answer.
ASKED = {
    "where did my credits go": "faq.html",
    "how do I add a moderator role": "faq.html",
    "how do I run three": "faq.html",
    "no key yet": "providers.html",
    "backup": "operations.html",
}


class Page(HTMLParser):
    """What a page links to, what can be linked to in it, and its paragraphs as they are read."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.paragraphs = set(), {""}, []
        self._inside = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.anchors |= {told[key] for key in ("id", "name") if told.get(key)}
        self.links |= {told[key] for key in ("href", "src") if told.get(key) is not None}
        if tag == "p":
            self.paragraphs.append("")
            self._inside += 1

    def handle_endtag(self, tag):
        self._inside -= tag == "p"

    def handle_data(self, data):
        if self._inside > 0:
            self.paragraphs[-1] += data


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents") / "site"
    built = subprocess.run(
        [sys.executable, "docs/build.py", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def pages_of(site):
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves files, and tells nobody."""

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    """The folder behind a plain web server on a free port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(PATIENCE_S)


async def test_the_site_is_whole_and_its_search_finds_the_answers_without_a_network(site):
    """One test, since the site is built once for all of it."""
    pages = pages_of(site)
    assert lost_links(site, pages) == []
    assert unread_marks(site, pages) == []
    if CHROMIUM is None:
        pytest.skip(
            "SKIPPED, NOT PASSED: there is no Chromium here; `apt-get install chromium` and run again"
        )
    with served(site) as url:
        found, elsewhere = await asked(url)
    assert elsewhere == []
    assert {words: page for words, page in ASKED.items() if page not in found[words][:2]} == {}, found


def lost_links(site, pages):
    """Links that lead to no file, or to no place in it."""
    lost = []
    for path, page in pages.items():
        for link in page.links:
            if urlsplit(link).scheme or path.name == "404.html":
                continue
            to, place = urldefrag(urljoin(f"/{path.relative_to(site).as_posix()}", link))
            there = site / unquote(to).lstrip("/")
            if not there.is_file():
                lost.append(f"{path.relative_to(site)}: {link}")
            elif there in pages and unquote(place) not in pages[there].anchors:
                lost.append(f"{path.relative_to(site)}: {link} leads to no heading")
    return sorted(lost)


def unread_marks(site, pages):
    """Paragraphs in which a list, a table or a fence was not understood: a forge reads them, the site did not."""
    return [
        f"{path.relative_to(site)}: {text[:80]!r}"
        for path, page in pages.items()
        for text in page.paragraphs
        if re.search(r"^\s*(?:[-*] |\d+\. |\|.*\||```)|```\w*$", text, re.MULTILINE)
    ]


async def asked(url):
    """The pages that the search names for each question, best first; and whatever was fetched from elsewhere."""
    from playwright.async_api import async_playwright

    elsewhere = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            tab = await browser.new_page()
            tab.set_default_timeout(PATIENCE_S * 1000)
            tab.on(
                "request",
                lambda r: None if r.url.startswith((url, "data:", "blob:")) else elsewhere.append(r.url),
            )
            await tab.goto(f"{url}/index.html")
            box = await opened(tab)
            found = {words: await one_search(tab, box, words) for words in ASKED}
        finally:
            await browser.close()
    return found, elsewhere


async def opened(tab):
    """The search's line, as soon as the page's script listens to the key that opens it."""
    box = tab.locator("input[role=combobox]")
    async with asyncio.timeout(PATIENCE_S):
        while not await box.is_visible():
            await tab.keyboard.press("Control+k")
            await asyncio.sleep(0.2)
    return box


async def one_search(tab, box, words):
    """The pages that are found, best first."""
    await box.fill("qqzzxxqq")  # found nowhere: what is found next is this question's
    await tab.locator("[role=option]").first.wait_for(state="detached")
    await box.fill(words)
    await tab.locator("[role=option] mark").first.wait_for()
    found = await tab.locator("[role=option]").evaluate_all("all => all.map(one => one.pathname)")
    return [path.lstrip("/") for path in found]


def test_every_page_stands_once_in_the_navigation():
    """A page that is not in docs/site.toml is found by nobody."""

    def names(entries):
        for entry in entries:
            for what in entry.values():
                yield from [what] if isinstance(what, str) else names(what)

    listed = list(
        names(tomllib.loads((ROOT / "docs/site.toml").read_text(encoding="utf-8"))["project"]["nav"])
    )
    assert sorted(listed) == sorted(set(listed))
    ours = {name for name in listed if not name.startswith("../")}
    assert ours == {path.name for path in (ROOT / "docs").glob("*.md")}
