"""Draws captured messages and views as an HTML page in Slack's look: `python docs/slack_look.py look.json look.html`."""

import html
import json
import re
import sys
from pathlib import Path
from typing import Any

Blocks = list[dict[str, Any]]

STYLE = """
*{box-sizing:border-box} body{font:15px/1.46668 Lato,"Helvetica Neue",Arial,sans-serif;color:#1d1c1d;background:#f4f4f4;
margin:24px;columns:2;column-gap:24px;max-width:1500px} .panel{background:#fff;border:1px solid #ddd;border-radius:8px;
padding:14px 18px;margin:0 0 22px;break-inside:avoid} h2{font-size:13px;color:#888;margin:0 0 10px;font-weight:600}
.message{display:flex;gap:10px;padding:8px 0} .face{width:36px;height:36px;border-radius:6px;background:#24292f;
color:#fff;flex:none;display:grid;place-items:center;font-size:18px} .body{flex:1;min-width:0}
.from{font-weight:900} .from small{font-weight:400;color:#616061;font-size:12px;margin-left:6px}
.app{background:#ddd;color:#616061;font-size:10px;border-radius:2px;padding:1px 3px;margin-left:4px;font-weight:700}
.private{font-size:12px;color:#616061} .section{margin:4px 0;display:flex;gap:12px;overflow-wrap:anywhere}
.section>div{flex:1} .section img{width:88px;height:88px;object-fit:cover;border-radius:8px}
.quote{border-left:4px solid #ddd;padding-left:12px;margin:4px 0;white-space:pre-wrap;overflow-wrap:anywhere}
.context{font-size:13px;color:#616061;margin:4px 0} .header{font-size:18px;font-weight:900;margin:10px 0 4px}
.image img{max-width:360px;max-height:360px;border-radius:8px;display:block;margin:6px 0}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0} .button{border:1px solid #bbb;border-radius:4px;
padding:4px 12px;font-weight:700;font-size:13px;background:#fff} .primary{background:#007a5a;color:#fff;border:0}
.danger{color:#e01e5a;border-color:#e01e5a} hr{border:0;border-top:1px solid #ddd;margin:14px 0}
.menu{position:relative} .list{font-size:12px;color:#616061;align-self:center} .input{margin:14px 0}
.input b{display:block} .field{border:1px solid #999;border-radius:4px;padding:8px 12px;min-height:36px;color:#1d1c1d}
.field.empty{color:#868686} .modal{max-width:520px} .modal h3{font-size:20px;margin:0 0 10px} .foot{text-align:right}
"""


def page(look: list[dict[str, Any]]) -> str:
    """The whole page."""
    panels = "".join(f'<div class="panel"><h2>{html.escape(p["title"])}</h2>{_panel(p)}</div>' for p in look)
    return f"<!doctype html><meta charset=utf-8><title>Easel in Slack</title><style>{STYLE}</style>{panels}"


def _panel(panel: dict[str, Any]) -> str:
    if panel["kind"] == "messages":
        return "".join(_message(m) for m in panel["messages"])
    view = panel["view"]
    inside = _blocks(view["blocks"], panel.get("state", {}))
    if view["type"] == "home":
        return inside
    title, close, submit = (html.escape(view[part]["text"]) for part in ("title", "close", "submit"))
    foot = f'<span class="button">{close}</span> <span class="button primary">{submit}</span>'
    return f'<div class="modal"><h3>{title}</h3>{inside}<div class="foot">{foot}</div></div>'


def _message(message: dict[str, Any]) -> str:
    private = '<div class="private">👁 Only visible to you</div>' if message["private"] else ""
    inside = _blocks(message["blocks"]) if message["blocks"] else f"<div>{_mrkdwn(message['text'])}</div>"
    head = '<div class="from">Easel<span class="app">APP</span><small>9:41 AM</small></div>'
    return f'<div class="message"><div class="face">🎨</div><div class="body">{private}{head}{inside}</div></div>'


def _blocks(blocks: Blocks, state: dict[str, Any] | None = None) -> str:
    return "".join(_DRAW[block["type"]](block, state or {}) for block in blocks)


def _text(item: dict[str, Any]) -> str:
    if item["type"] == "mrkdwn":
        return _mrkdwn(item["text"])
    return html.escape(html.unescape(item["text"])).replace("\n", "<br>")


def _mrkdwn(text: str) -> str:
    """Slack's marks; the entities are HTML's own."""
    text = re.sub(r"<(https?://[^>|]+)(?:\|([^>]*))?>", r'<a href="\1">\1</a>', text)
    text = re.sub(r"<!date\^[^|>]+\|([^>]*)>", r"\1", text)
    text = re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", r"<b>\1</b>", text)
    text = re.sub(r"(?<!\w)_([^_\n]+)_(?!\w)", r"<i>\1</i>", text)
    return text.replace("\n", "<br>")


def _section(block: dict[str, Any], _: dict[str, Any]) -> str:
    beside = block.get("accessory")
    picture = f'<img src="{beside["image_url"]}">' if beside and beside["type"] == "image" else ""
    return f'<div class="section"><div>{_text(block["text"])}</div>{picture}</div>'


def _rich(block: dict[str, Any], _: dict[str, Any]) -> str:
    words = "".join(html.escape(t["text"]) for e in block["elements"] for t in e["elements"])
    return f'<div class="quote">{words}</div>'


def _image(block: dict[str, Any], _: dict[str, Any]) -> str:
    return f'<div class="image"><img src="{block.get("image_url", "")}" alt="{html.escape(block["alt_text"])}"></div>'


def _actions(block: dict[str, Any], _: dict[str, Any]) -> str:
    return f'<div class="actions">{"".join(_element(e) for e in block["elements"])}</div>'


def _element(element: dict[str, Any]) -> str:
    if element["type"] == "overflow":
        listed = " · ".join(_text(o["text"]) for o in element["options"])
        return f'<span class="button">⋯</span><span class="list">({listed})</span>'
    if element["type"].endswith("select"):
        return f'<span class="button">{_text(element["placeholder"])} ⌄</span>'
    return f'<span class="button {element.get("style", "")}">{_text(element["text"])}</span>'


def _input(block: dict[str, Any], state: dict[str, Any]) -> str:
    element = block["element"]
    now = state.get(block["block_id"], {}).get(element["action_id"], {})
    value = now.get("value") or (now.get("selected_option") or {}).get("text", {}).get("text", "")
    optional = " <small>(optional)</small>" if block.get("optional") else ""
    if element["type"] == "checkboxes":
        boxes = " ".join(f"☐ {_text(o['text'])}" for o in element["options"])
        return f'<div class="input"><b>{_text(block["label"])}{optional}</b>{boxes}</div>'
    if element["type"] == "file_input":
        names = ", ".join(html.escape(file["name"]) for file in now.get("files") or ())
        most = f"up to {element['max_files']} ({', '.join(element['filetypes'])})"
        upload = f'<span class="button">Upload a file</span> <small>{names or most}</small>'
        return f'<div class="input"><b>{_text(block["label"])}{optional}</b>{upload}</div>'
    hint = _text(element["placeholder"]) if "placeholder" in element else "Select an option"
    arrow = " ⌄" if element["type"].endswith("select") else ""
    style = "field" if value else "field empty"
    shown = html.escape(value) if value else (hint if arrow or "placeholder" in element else "&nbsp;")
    return f'<div class="input"><b>{_text(block["label"])}{optional}</b><div class="{style}">{shown}{arrow}</div></div>'


def _context(block: dict[str, Any], _: dict[str, Any]) -> str:
    return f'<div class="context">{" ".join(_text(e) for e in block["elements"])}</div>'


def _header(block: dict[str, Any], _: dict[str, Any]) -> str:
    return f'<div class="header">{_text(block["text"])}</div>'


def _divider(_: dict[str, Any], __: dict[str, Any]) -> str:
    return "<hr>"


_DRAW = {
    "section": _section, "rich_text": _rich, "image": _image, "actions": _actions, "input": _input,
    "context": _context, "header": _header, "divider": _divider,
}  # fmt: skip

if __name__ == "__main__":
    source, target = sys.argv[1:3]
    Path(target).write_text(page(json.loads(Path(source).read_text())))
