"""Draws captured messages as an HTML page in Discord's look: `python docs/discord_look.py look.json look.html`."""

import html
import json
import re
import sys
from pathlib import Path
from typing import Any

STYLE = """
*{box-sizing:border-box} body{font:16px/1.375 "gg sans","Noto Sans","Helvetica Neue",Arial,sans-serif;color:#dbdee1;
background:#1e1f22;margin:24px;columns:2;column-gap:24px;max-width:1500px} .panel{background:#313338;border-radius:8px;
padding:14px 18px 18px;margin:0 0 24px;break-inside:avoid} h2{font-size:13px;color:#949ba4;margin:0 0 8px;
font-weight:600;text-transform:uppercase;letter-spacing:.02em} .message{display:flex;gap:14px;padding:8px 0}
.face{width:40px;height:40px;border-radius:50%;background:#5865f2;flex:none;display:grid;place-items:center;
font-size:20px} .body{flex:1;min-width:0} .used{font-size:14px;color:#b5bac1;margin:0 0 2px 54px} .used b{color:#c9cdfb;
font-weight:500} .from{font-weight:500;color:#f2f3f5} .from small{font-weight:400;color:#949ba4;font-size:12px;
margin-left:6px} .app{background:#5865f2;color:#fff;font-size:10px;border-radius:4px;padding:1px 5px;margin-left:5px;
font-weight:500;vertical-align:1px} .embed{background:#2b2d31;border-left:4px solid;border-radius:4px;padding:8px 16px
16px 12px;margin:4px 0;max-width:520px;display:grid;gap:8px;overflow-wrap:anywhere} .author{font-size:14px;font-weight:600;
color:#f2f3f5} .title{font-weight:600;color:#f2f3f5} .description{font-size:14px;line-height:1.3;white-space:pre-wrap}
.description blockquote{margin:0 0 4px;padding-left:10px;border-left:4px solid #4e5058} .fields{display:flex;
flex-wrap:wrap;gap:8px 24px;font-size:14px} .fields b{display:block;font-weight:600;color:#f2f3f5} .embed img,.file
img{max-width:100%;border-radius:4px;display:block} .footer{font-size:12px;color:#b5bac1} .time{background:#3f4248;
border-radius:3px;padding:0 2px} .row{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0 0} .button{border-radius:3px;
padding:5px 14px;font-size:14px;font-weight:500;background:#4e5058;color:#fff} .s1{background:#5865f2}
.s4{background:#da373c} .select{background:#1e1f22;border-radius:4px;padding:8px 12px;font-size:14px;color:#949ba4;
width:400px} .private{font-size:12px;color:#949ba4;margin-top:4px} .file{position:relative;max-width:360px;
margin:6px 0;overflow:hidden;border-radius:8px} .spoiler img{filter:blur(36px)} .spoiler::after{content:"SPOILER";
position:absolute;inset:0;margin:auto;width:90px;height:30px;line-height:30px;text-align:center;border-radius:15px;
background:#000a;font-weight:700;font-size:13px;color:#fff} .form{max-width:440px} .form h3{color:#f2f3f5;margin:0 0
10px} .form label{display:block;font-size:12px;font-weight:700;color:#b5bac1;margin:12px 0 6px} .field{background:
#1e1f22;border-radius:4px;padding:9px 12px;min-height:38px;white-space:pre-wrap} .tall{min-height:88px}
.reply{font-size:13px;color:#b5bac1;margin:0 0 2px 54px} a{color:#00a8fc;text-decoration:none}
"""
_ROW, _BUTTON = 1, 2


def page(look: list[dict[str, Any]]) -> str:
    """The whole page."""
    panels = "".join(f'<div class="panel"><h2>{html.escape(p["title"])}</h2>{_panel(p)}</div>' for p in look)
    return f"<!doctype html><meta charset=utf-8><title>Easel on Discord</title><style>{STYLE}</style>{panels}"


def _panel(panel: dict[str, Any]) -> str:
    if "form" in panel:
        return _form(panel["form"])
    return "".join(_message(message) for message in panel["messages"])


def _message(message: dict[str, Any]) -> str:
    above = '<div class="used">╭ <b>somebody</b> used a command</div>' if message["used"] else ""
    above = '<div class="reply">╭ in reply to a picture</div>' if message["reply"] else above
    embeds = "".join(_embed(one) for one in message["embeds"])
    files = "".join(_file(one) for one in message["files"])
    rows = "".join(
        f'<div class="row">{"".join(map(_control, r["components"]))}</div>' for r in message["components"]
    )
    private = (
        '<div class="private">👁 Only you can see this · Dismiss message</div>' if message["private"] else ""
    )
    head = '<div class="from">Easel<span class="app">APP</span><small>Today at 9:41 AM</small></div>'
    body = f'<div class="body">{head}{files}{embeds}{rows}{private}</div>'
    return f'{above}<div class="message"><div class="face">🎨</div>{body}</div>'


def _embed(embed: dict[str, Any]) -> str:
    parts = []
    if author := embed.get("author"):
        parts.append(f'<div class="author">{html.escape(author["name"])}</div>')
    if title := embed.get("title"):
        parts.append(f'<div class="title">{markdown(title)}</div>')
    if description := embed.get("description"):
        parts.append(f'<div class="description">{markdown(description)}</div>')
    if fields := embed.get("fields"):
        cells = "".join(f"<div><b>{markdown(f['name'])}</b>{markdown(f['value'])}</div>" for f in fields)
        parts.append(f'<div class="fields">{cells}</div>')
    if image := embed.get("image"):
        parts.append(f'<img alt="" src="{html.escape(image["url"])}">')
    if footer := embed.get("footer"):
        parts.append(f'<div class="footer">{html.escape(footer["text"])}</div>')
    return f'<div class="embed" style="border-color:#{embed.get("color", 0):06x}">{"".join(parts)}</div>'


def _file(file: dict[str, Any]) -> str:
    hidden = " spoiler" if file["name"].startswith("SPOILER_") else ""
    return f'<div class="file{hidden}"><img alt="" src="{html.escape(file["url"])}"></div>'


def _control(control: dict[str, Any]) -> str:
    if control["type"] != _BUTTON:
        return f'<div class="select">{html.escape(control.get("placeholder", ""))} ⌄</div>'
    emoji = (control.get("emoji") or {}).get("name", "")
    label = html.escape(f"{emoji} {control.get('label', '')}".strip())
    return f'<span class="button s{control["style"]}">{label}{" ↗" if "url" in control else ""}</span>'


def _form(form: dict[str, Any]) -> str:
    fields = []
    for one in form["components"]:
        inner = one["component"]
        chosen = [o["label"] for o in inner.get("options", []) if o.get("default")]
        value = inner.get("value") or "".join(chosen)
        tall = " tall" if inner.get("style") == _BUTTON else ""
        fields.append(
            f'<label>{html.escape(one["label"])}</label><div class="field{tall}">{html.escape(value)}</div>'
        )
    return f'<div class="form"><h3>{html.escape(form["title"])}</h3>{"".join(fields)}</div>'


def markdown(text: str) -> str:
    """As much of Discord's markdown as our messages use, escapes included."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(html.escape(match[1]))
        return f"\x00{len(kept) - 1}\x00"

    shown = html.escape(re.sub(r"\\([^\w\s])", keep, text), quote=False)
    shown = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", shown)
    shown = re.sub(r"&lt;t:\d+:R&gt;", '<span class="time">in 7 seconds</span>', shown)
    shown = re.sub(r"&lt;t:\d+:f&gt;", '<span class="time">29 November 2026 09:41</span>', shown)
    shown = re.sub(r"&lt;([#@])\d+&gt;", r"\1name", shown)
    shown = re.sub(r"\[(.+?)\]\((http[^)]+)\)", r'<a href="\2">\1</a>', shown)
    shown = re.sub(r"(?m)^&gt; (.*)\n?", r"<blockquote>\1</blockquote>", shown)
    return re.sub("\x00(\\d+)\x00", lambda m: kept[int(m[1])], shown)


if __name__ == "__main__":
    captured = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(page(captured), encoding="utf-8")
