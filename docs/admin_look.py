"""Draws docs/admin.png: a failed picture's story in the operator's place, as a browser shows it. Needs Chromium."""

import asyncio
import io
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import async_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fakes.page import Served, served  # noqa: E402 - the repository's root must be found first

TOKEN = secrets.token_urlsafe(24)
WIDTH, HEIGHT = 1100, 960
PROMPT = "/imagine a lighthouse in a storm [sim:operation_fails] --model flux-2-pro"


async def main() -> None:
    """Orders a picture that fails, and looks at its sheet."""
    web = {"enabled": True, "admin_token": TOKEN}
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder), drawing={"speed": 2, "tiny_images": True}, web=web) as page:
            shot = await _look(page, await _fail(page))
    image = Image.open(io.BytesIO(shot)).convert("RGB").quantize(128)
    await asyncio.to_thread(image.save, ROOT / "docs" / "admin.png", "PNG", optimize=True)


async def _fail(page: Served) -> str:
    async with page.client("mira") as client:
        (await client.post("/page/login", json={"token": TOKEN})).raise_for_status()
        said = await client.post("/page/say", json={"text": PROMPT, "key": secrets.token_hex(8)})
        said.raise_for_status()
    while not (ended := await page.house.store.overview.newest(limit=1)):  # noqa: ASYNC110 - a store calls nobody
        await asyncio.sleep(0.2)
    await asyncio.sleep(1)  # its message is told
    return ended[0].id


async def _look(page: Served, job: str) -> bytes:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        tab = await browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, locale="en", color_scheme="light"
        )
        await tab.goto(f"{page.url}/admin/job/{job}")
        await tab.fill("#token", TOKEN)
        await tab.keyboard.press("Enter")
        await tab.wait_for_url(f"**/admin/job/{job}")
        shot = await tab.screenshot()
        await browser.close()
        return shot


if __name__ == "__main__":
    asyncio.run(main())
