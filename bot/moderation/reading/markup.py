"""Marks that a page takes away and an eye never sees: tags, comments, links, marks of weight inside words."""

import re

_TAG = re.compile(r"<!--[^>]{0,80}-->|</?[a-z][^<>]{0,80}>", re.IGNORECASE)
_LINK = re.compile(r"(?:(?<=\w)!)?\[([^\[\]()]{0,40})\]\([^()\s]{0,120}\)")
_WEIGHT = re.compile(r"(?<=\w)(?:\*{2,3}|~~|`|\|\|)(?=\w)|(?<!\w)(?:\*{1,3}|~~|`|\|\||__?)(?=\w)|(?<=\w)(?:\*{1,3}|~~|`|\|\||__?)(?!\w)")  # fmt: skip
_SIGNS = "<`~|]*"


def unmarked(text: str) -> str:
    """The text as it would be shown; the text itself where nothing in it is a mark."""
    if not any(map(text.__contains__, _SIGNS)):
        return text
    return _WEIGHT.sub("", _LINK.sub(r"\1", _TAG.sub("", text)))
