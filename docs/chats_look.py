"""Draws a finished order of each chat side by side, docs/chats.png.

`python docs/chats_look.py discord.json slack.json docs/chats.png`, out of what the two tests of looks have captured
(docs/discord.md and docs/slack.md say how); it needs Chromium.
"""

import html
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from docs import discord_look, slack_look

_STYLE = """
body{margin:0;display:flex;gap:24px;align-items:flex-start;padding:24px;background:#e9e6df;width:1180px;box-sizing:border-box}
iframe{border:0;border-radius:14px;flex:1;height:632px;box-shadow:0 6px 24px #0003}
"""
_PLAIN = "body{columns:1;margin:0;padding:14px 20px} .panel{border:0;margin:0;padding:0} h2{display:none}"
_FIRST = {"discord": "The same message, some seconds later", "slack": "Four pictures"}


def page(discord: list[dict[str, Any]], slack: list[dict[str, Any]]) -> str:
    """One of Discord, one of Slack."""
    left = discord_look.page([_named(discord, _FIRST["discord"])])
    right = slack_look.page([_named(slack, _FIRST["slack"])])
    frames = "".join(
        f'<iframe srcdoc="{html.escape(f"{one}<style>{_PLAIN}body{{background:{ground}}}</style>")}"></iframe>'
        for one, ground in ((left, "#313338"), (right, "#fff"))
    )
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>{frames}"


def _named(look: list[dict[str, Any]], title: str) -> dict[str, Any]:
    """The panel of this title, with the first of its messages."""
    [panel] = [one for one in look if one["title"] == title]
    return {**panel, "messages": panel["messages"][:1]}


def shoot(document: str, target: str) -> None:
    """Takes the picture."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only for this

    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1180, "height": 680})
        tab.set_content(document, wait_until="networkidle")
        tab.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    given = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3]]
    shoot(page(*given), sys.argv[3])
