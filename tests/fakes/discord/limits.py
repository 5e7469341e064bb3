"""The limits of messages, embeds, components, modals and choices; a breach answers 50035 with its tree."""

import re
from typing import Any

from .errors import Problems

MESSAGE_FIELDS = {
    "content", "nonce", "enforce_nonce", "tts", "embeds", "allowed_mentions", "message_reference",
    "components", "sticker_ids", "attachments", "flags", "poll",
}  # fmt: skip
# Suppress embeds, ephemeral, suppress notifications, components v2.
SETTABLE_FLAGS = 4 | 64 | 4096 | 1 << 15
LINK, PREMIUM = 5, 6
SELECTS = {3, 5, 6, 7, 8}
FILE_UPLOAD = 19
FILE_UPLOAD_FIELDS = {"type", "id", "custom_id", "min_values", "max_values", "required", "file_types"}
FILE_GROUPS = {
    "image": (".png", ".gif", ".jpg", ".jpeg", ".jfif", ".webp", ".avif"),
    "video": (".mp4", ".mov", ".qt", ".webm"),
    "audio": (".mp3", ".m4a", ".wav", ".ogg", ".opus", ".flac"),
}
URL = re.compile(r"(https?|attachment)://\S+")
FILENAME = re.compile(r"attachment://(.+)")


def message(body: dict[str, Any], problems: Problems, filenames: set[str], prefix: str = "") -> None:
    """Checks a message's form; `filenames` are those its embeds may refer to."""
    problems.length(f"{prefix}content", body.get("content"), 2000)
    flags = body.get("flags") or 0
    if flags & ~SETTABLE_FLAGS:
        problems.add(
            f"{prefix}flags", "BASE_TYPE_CHOICES", f"These flags cannot be set: {flags & ~SETTABLE_FLAGS}."
        )
    if body.get("nonce") is not None:
        problems.length(f"{prefix}nonce", str(body["nonce"]), 25)
    embeds(body.get("embeds") or [], problems, f"{prefix}embeds", filenames)
    mentions(body.get("allowed_mentions"), problems, f"{prefix}allowed_mentions")
    if flags & 1 << 15:
        for field in ("content", "embeds"):
            if body.get(field):
                problems.add(
                    f"{prefix}{field}", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with v2."
                )
    components(body.get("components") or [], problems, f"{prefix}components", v2=bool(flags & 1 << 15))


def embeds(many: list[Any], problems: Problems, path: str, filenames: set[str]) -> None:
    problems.count(path, many, 10)
    total = 0
    for index, embed in enumerate(many):
        total += _embed(embed, problems, f"{path}.{index}", filenames)
    if total > 6000:
        problems.add(path, "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _embed(embed: dict[str, Any], problems: Problems, path: str, filenames: set[str]) -> int:
    texts = {
        "title": (embed.get("title"), 256),
        "description": (embed.get("description"), 4096),
        "footer.text": ((embed.get("footer") or {}).get("text"), 2048),
        "author.name": ((embed.get("author") or {}).get("name"), 256),
    }
    fields = embed.get("fields") or []
    problems.count(f"{path}.fields", fields, 25)
    for number, field in enumerate(fields):
        for key, most in (("name", 256), ("value", 1024)):
            problems.length(f"{path}.fields.{number}.{key}", field.get(key), most, 1, required=True)
            texts[f"fields.{number}.{key}"] = (field.get(key), 1024)
    for key, (text, most) in texts.items():
        if not key.startswith("fields"):
            problems.length(f"{path}.{key}", text, most)
    colour = embed.get("color")
    if colour is not None:
        problems.whole(f"{path}.color", colour, 0, 0xFFFFFF)
    _embed_urls(embed, problems, path, filenames)
    if not any(text for text, _ in texts.values()) and not (embed.get("image") or embed.get("thumbnail")):
        problems.required(f"{path}.description")
    return sum(len(text or "") for text, _ in texts.values())


def _embed_urls(embed: dict[str, Any], problems: Problems, path: str, filenames: set[str]) -> None:
    places = {"url": embed.get("url")}
    for part, keys in (
        ("image", ["url"]),
        ("thumbnail", ["url"]),
        ("author", ["url", "icon_url"]),
        ("footer", ["icon_url"]),
    ):
        for key in keys:
            places[f"{part}.{key}"] = (embed.get(part) or {}).get(key)
    for place, url in places.items():
        if url is None:
            continue
        if not URL.fullmatch(url) or len(url) > 2048:
            problems.add(f"{path}.{place}", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
            continue
        named = FILENAME.fullmatch(url)
        if named and (place == "url" or named[1] not in filenames):
            problems.add(
                f"{path}.{place}", "EMBED_ATTACHMENT_UNKNOWN", f"{named[1]} is not among {sorted(filenames)}."
            )


def mentions(allowed: Any, problems: Problems, path: str) -> None:
    if allowed is None:
        return
    parse = allowed.get("parse") or []
    for kind in parse:
        problems.choice(f"{path}.parse", kind, {"everyone", "roles", "users"})
    for kind in ("users", "roles"):
        problems.count(f"{path}.{kind}", allowed.get(kind) or [], 100)
        if allowed.get(kind) and kind in parse:
            problems.add(
                f"{path}.parse",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f"parse and {kind} are exclusive.",
            )


def components(rows: list[Any], problems: Problems, path: str, *, v2: bool) -> None:
    seen: set[str] = set()
    if not v2:
        problems.count(path, rows, 5)
        for index, row in enumerate(rows):
            if row.get("type") != 1:
                problems.choice(f"{path}.{index}.type", row.get("type"), {1})
            else:
                _row(row, problems, f"{path}.{index}", seen)
        return
    state = {"count": 0, "text": 0}
    for index, one in enumerate(rows):
        _layout(one, problems, f"{path}.{index}", seen, state)
    if state["count"] > 40:
        problems.add(path, "BASE_TYPE_MAX_LENGTH", "Must be 40 or fewer components in total.")
    if state["text"] > 4000:
        problems.add(path, "COMPONENT_MAX_TEXT_LENGTH", "Displayed text exceeds 4000 characters.")


def _layout(
    one: dict[str, Any], problems: Problems, path: str, seen: set[str], state: dict[str, int]
) -> None:
    """Components v2: containers, sections, texts, galleries, files, separators."""
    state["count"] += 1
    kind = one.get("type")
    problems.choice(f"{path}.type", kind, {1, 9, 10, 12, 13, 14, 17})
    if kind == 1:
        state["count"] += len(one.get("components") or [])
        _row(one, problems, path, seen)
    elif kind == 10:
        problems.length(f"{path}.content", one.get("content"), 4000, 1, required=True)
        state["text"] += len(one.get("content") or "")
    elif kind == 12:
        problems.count(f"{path}.items", one.get("items") or [], 10, 1)
    elif kind in {9, 17}:
        for number, child in enumerate(one.get("components") or []):
            _layout(child, problems, f"{path}.components.{number}", seen, state)
    if kind == 9 and (one.get("accessory") or {}).get("type") == 2:
        _button(one["accessory"], problems, f"{path}.accessory", seen)


def _row(row: dict[str, Any], problems: Problems, path: str, seen: set[str]) -> None:
    children = row.get("components") or []
    problems.count(f"{path}.components", children, 5, 1)
    selects = [one for one in children if one.get("type") in SELECTS]
    if selects and len(children) > 1:
        problems.add(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select fills its row.")
    for index, one in enumerate(children):
        place = f"{path}.components.{index}"
        if one.get("type") == 2:
            _button(one, problems, place, seen)
        elif one.get("type") in SELECTS:
            select(one, problems, place, seen)
        else:
            problems.choice(f"{place}.type", one.get("type"), {2, *SELECTS})


def _button(one: dict[str, Any], problems: Problems, path: str, seen: set[str]) -> None:
    style = one.get("style")
    problems.choice(f"{path}.style", style, {1, 2, 3, 4, 5, 6})
    problems.length(f"{path}.label", one.get("label"), 80)
    # https://docs.discord.com/developers/components/reference#button
    if (style == PREMIUM) is not bool(one.get("sku_id")):
        problems.add(f"{path}.sku_id", "COMPONENT_SKU_ID", "A premium button has a sku_id, and no other has.")
    for part in ("custom_id", "label", "url", "emoji") if style == PREMIUM else ():
        if one.get(part):
            problems.add(f"{path}.{part}", "COMPONENT_PREMIUM", "A premium button has a sku_id alone.")
    if style != PREMIUM and not one.get("label") and not one.get("emoji"):
        problems.required(f"{path}.label")
    if style == LINK:
        problems.length(f"{path}.url", one.get("url"), 512, 1, required=True)
        if one.get("custom_id"):
            problems.add(
                f"{path}.custom_id", "COMPONENT_CUSTOM_ID_FORBIDDEN", "A link has a url, no custom_id."
            )
        if one.get("url") and not re.fullmatch(r"(https?|discord)://\S+", one["url"]):
            problems.add(f"{path}.url", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    elif style != PREMIUM:
        custom_id(one, problems, path, seen)
        if one.get("url"):
            problems.add(f"{path}.url", "COMPONENT_URL_FORBIDDEN", "Only a link has a url.")


def custom_id(one: dict[str, Any], problems: Problems, path: str, seen: set[str]) -> None:
    problems.length(f"{path}.custom_id", one.get("custom_id"), 100, 1, required=True)
    if one.get("custom_id") in seen:
        problems.add(
            f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
        )
    seen.add(one.get("custom_id") or "")


def select(one: dict[str, Any], problems: Problems, path: str, seen: set[str]) -> None:
    custom_id(one, problems, path, seen)
    problems.length(f"{path}.placeholder", one.get("placeholder"), 150)
    options = one.get("options") or []
    least, most = one.get("min_values", 1), one.get("max_values", 1)
    problems.whole(f"{path}.min_values", least, 0, 25)
    problems.whole(f"{path}.max_values", most, 1, 25)
    if one.get("type") != 3:
        return
    problems.count(f"{path}.options", options, 25, 1)
    if most > len(options) or least > most:
        problems.add(
            f"{path}.max_values", "SELECT_MAX_VALUES", "More values than options, or a minimum above them."
        )
    values = [option.get("value") for option in options]
    if len(set(values)) != len(values):
        problems.add(
            f"{path}.options", "SELECT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
        )
    for index, option in enumerate(options):
        problems.length(f"{path}.options.{index}.label", option.get("label"), 100, 1, required=True)
        problems.length(f"{path}.options.{index}.value", option.get("value"), 100, 1, required=True)
        problems.length(f"{path}.options.{index}.description", option.get("description"), 100)


def modal(body: dict[str, Any], problems: Problems) -> None:
    problems.length("data.title", body.get("title"), 45, 1, required=True)
    problems.length("data.custom_id", body.get("custom_id"), 100, 1, required=True)
    rows = body.get("components") or []
    problems.count("data.components", rows, 5, 1)
    seen: set[str] = set()
    for index, row in enumerate(rows):
        path = f"data.components.{index}"
        if row.get("type") == 10:
            continue
        problems.choice(f"{path}.type", row.get("type"), {1, 10, 18})
        if row.get("type") == 18:
            problems.length(f"{path}.label", row.get("label"), 45, 1, required=True)
            problems.length(f"{path}.description", row.get("description"), 100)
            _field(row.get("component") or {}, problems, f"{path}.component", seen, labelled=True)
            continue
        problems.count(f"{path}.components", row.get("components") or [], 1, 1)
        for one in row.get("components") or []:
            _field(one, problems, f"{path}.components.0", seen, labelled=False)


def _field(one: dict[str, Any], problems: Problems, path: str, seen: set[str], *, labelled: bool) -> None:
    if labelled and one.get("type") in SELECTS:
        select(one, problems, path, seen)
        return
    if labelled and one.get("type") == FILE_UPLOAD:
        _file_upload(one, problems, path, seen)
        return
    if labelled and one.get("type") in {21, 22, 23}:
        custom_id(one, problems, path, seen)
        return
    problems.choice(f"{path}.type", one.get("type"), {4})
    custom_id(one, problems, path, seen)
    problems.choice(f"{path}.style", one.get("style"), {1, 2})
    if not labelled:
        problems.length(f"{path}.label", one.get("label"), 45, 1, required=True)
    problems.length(f"{path}.placeholder", one.get("placeholder"), 100)
    least, most = one.get("min_length", 0) or 0, one.get("max_length", 4000) or 4000
    problems.whole(f"{path}.min_length", least, 0, 4000)
    problems.whole(f"{path}.max_length", most, 1, 4000)
    if one.get("value"):
        problems.length(f"{path}.value", one["value"], most, least)


def _file_upload(one: dict[str, Any], problems: Problems, path: str, seen: set[str]) -> None:
    """Up to ten files: https://docs.discord.com/developers/components/reference#file-upload."""
    for unknown in one.keys() - FILE_UPLOAD_FIELDS:
        problems.add(f"{path}.{unknown}", "UNKNOWN_FIELD", "No such field.")
    custom_id(one, problems, path, seen)
    least, most = one.get("min_values", 1), one.get("max_values", 1)
    problems.whole(f"{path}.min_values", least, 0, 10)
    problems.whole(f"{path}.max_values", most, 1, 10)
    if one.get("required", True) and "min_values" in one and not least:
        problems.add(f"{path}.min_values", "COMPONENT_REQUIRED_MIN_VALUES", "What is required needs one.")
    if not problems.tree and least > most:
        problems.add(f"{path}.max_values", "FILE_UPLOAD_MAX_VALUES", "A minimum above the maximum.")
    file_types(one, problems, path)


def file_types(one: dict[str, Any], problems: Problems, path: str) -> None:
    """Groups or endings, at most ten: https://docs.discord.com/developers/reference#file-type-filtering."""
    problems.count(f"{path}.file_types", one.get("file_types") or [], 10)
    for kind in one.get("file_types") or []:
        if kind not in FILE_GROUPS and not re.fullmatch(r"\.[A-Za-z0-9]+", kind):
            problems.choice(f"{path}.file_types", kind, set(FILE_GROUPS))


def takes_file(one: dict[str, Any], filename: str) -> bool:
    """Whether a person's client lets a file of this name into the option or field; it looks at the name alone."""
    ending = "." + filename.rpartition(".")[2].lower()
    kinds = [kind.lower() for kind in one.get("file_types") or []]
    return not kinds or any(ending == kind or ending in FILE_GROUPS.get(kind, ()) for kind in kinds)


def choices(many: Any, problems: Problems, path: str, kind: int) -> None:
    """Choices of an option, or of an autocomplete answer: at most 25, names and texts at most 100."""
    problems.count(path, many, 25)
    kinds: dict[int, type | tuple[type, ...]] = {3: str, 4: int, 10: (int, float)}
    for index, one in enumerate(many):
        problems.length(f"{path}.{index}.name", one.get("name"), 100, 1, required=True)
        for locale, name in (one.get("name_localizations") or {}).items():
            problems.length(f"{path}.{index}.name_localizations.{locale}", name, 100, 1)
        value = one.get("value")
        if isinstance(value, bool) or not isinstance(value, kinds[kind]):
            problems.add(f"{path}.{index}.value", "CHOICE_VALUE_TYPE", f"Not a value of option type {kind}.")
        elif isinstance(value, str):
            problems.length(f"{path}.{index}.value", value, 100)
