"""Everything Easel says, in the reader's language, from `*.ftl` files. Never raises.

A language's texts are `<language>.ftl` and `<language>.<part>.ftl`: those of the core, in `locales/`, and those
that packages bring (entry points `easel.texts`); no package changes another's text. What a language lacks is said
in English; what English lacks becomes a safe general sentence and a warning in the log.
Sentences hold what people typed: whoever shows one escapes it for the platform.
"""

import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import structlog

from bot import plugins
from bot.errors import BrokenPackage, Refusal
from bot.process.recent import Recent
from bot.words.particles import with_particle
from bot.words.texts import BrokenText, Function, Texts

_FACT_LIMIT = 300  # characters
_SAID_MOST = 4_096  # texts that are remembered
_NAMES_MOST = 256  # names of languages, as platforms have them
_TIMES = frozenset({"usual", "until", "renews", "span"})  # facts that are lengths of time
_GENERAL = {
    "en": "Sorry, that didn't work. Please try again.",
    "ko": "지금은 할 수 없어요. 다시 시도해 주세요.",
}
_SPANS = ((172_800, 86_400, "span-days"), (5_400, 3_600, "span-hours"), (90, 60, "span-minutes"))
# Facts that a refusal may lack; a message's variant [none] speaks for them.
_OPTIONAL = dict.fromkeys(
    [
        "nearest",
        "how",  # an end that was told before it had one
        "renews",
        "cheaper",
        "until",
        "why",
        "values",
        "channels",
        "limit",
        "usual",
        "place",
        "problem",
        "what",
        "takes",
        "detail",
        "category",
        "seconds",
        "takers",
        "given",
        "most",
        "picture",
    ],
    "none",
)
# What a text may call: { JOSA($flag, "은/는") } is the flag with the particle that its end asks for.
_FUNCTIONS: dict[str, Function] = {"JOSA": with_particle}
_log = structlog.get_logger(__name__)


class Words:
    """Says message ids in a language. `name` is the bot's, `language` speaks where none is known."""

    def __init__(
        self, language: str = "en", *, name: str = "Easel", clock: Callable[[], float] = time.time
    ) -> None:
        self._name = name
        self._clock = clock
        self._spoken: dict[str, Texts] = {}
        # Making a text from its pattern takes longer than all else that a card needs, and most are said again.
        self._said: Recent[tuple[object, ...], str] = Recent(_SAID_MOST)
        self._sheets = _sheets()
        # A part alone makes no language: most would be said in English.
        self.languages: tuple[str, ...] = tuple(
            sorted({sheet.name.split(".")[0] for sheet in self._sheets if sheet.name.count(".") == 1})
        )
        self._known = lru_cache(_NAMES_MOST)(self._short)
        self.language = self._known(language) or "en"

    @property
    def name(self) -> str:
        """The bot's, as people call it."""
        return self._name

    def say(self, message_id: str, language: str = "", /, **facts: Any) -> str:
        """One text. Facts named `until` and `renews` may be unix seconds: they become spans."""
        spoken = self._known(language) or self.language
        text = self._format(message_id, spoken, facts)
        if text is None and spoken != "en":
            text = self._format(message_id, "en", facts)
        return _GENERAL.get(spoken, _GENERAL["en"]) if text is None else text

    def refusal(self, error: Refusal, language: str = "") -> str:
        """The kind sentence for a person who can't have something; behind several the order as it could be sent."""
        told = " ".join(self.say(one.reason, language, **one.facts) for one in (error, *error.others))
        return f"{told}\n{error.again}" if error.again else told

    def refusal_at_terminal(self, error: Refusal) -> str:
        """The same in one line for who sits at a terminal, whose commands are others."""
        told = [self.say(self._at_terminal(one.reason), **one.facts) for one in (error, *error.others)]
        return " ".join([*told, *([self.say("terminal-again", again=error.again)] if error.again else [])])

    def _at_terminal(self, message_id: str) -> str:
        own = f"terminal-{message_id}"
        return own if self.knows(own) else message_id

    def style(self, name: str, language: str = "") -> str:
        """A style's name for people; nothing for one of the operator's own."""
        return self.say(f"style-{name}", language) if self.knows(f"style-{name}") else ""

    def knows(self, message_id: str, language: str = "en") -> bool:
        """Whether a language itself has this text."""
        return language in self.languages and self._texts(language).has(message_id)

    def ids(self, begins: str) -> tuple[str, ...]:
        """The messages whose ids begin so, without that beginning; for who hands them on to scripts of its own."""
        return tuple(name.removeprefix(begins) for name in self._texts("en").ids if name.startswith(begins))

    def span(self, seconds: float, language: str = "") -> str:
        """A length of time in one unit: `40 s`, `3 h`, `2 days`."""
        for least_s, unit_s, message_id in _SPANS:
            if seconds >= least_s:
                return self.say(message_id, language, n=round(seconds / unit_s))
        return self.say("span-seconds", language, n=max(1, round(seconds)))

    def _format(self, message_id: str, language: str, facts: Mapping[str, Any]) -> str | None:
        plain = {name: self._plain(name, value, language) for name, value in facts.items()}
        # Of numbers and times there are few; what people wrote is not kept here.
        again = all(isinstance(fact, int) or fact == "none" or name in _TIMES for name, fact in plain.items())
        key = (language, message_id, *plain.items())
        text = self._said.get(key) if again else None
        if text is None:
            text = self._made(message_id, language, plain)
            if again and text is not None:
                self._said[key] = text
        return text

    def _made(self, message_id: str, language: str, plain: Mapping[str, str | int]) -> str | None:
        try:
            text = self._texts(language).say(message_id, {**_OPTIONAL, "bot": self._name, **plain})
        except BrokenText as error:
            _log.warning("words.broken", message_id=message_id, language=language, problem=str(error))
            return None
        if text is None:
            _log.warning("words.missing", message_id=message_id, language=language)
        return text

    def _plain(self, name: str, value: Any, language: str) -> str | int:
        """A fact as a short plain string or whole number; what is missing becomes `none`."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            if name == "until":
                return self.span(value - self._clock(), language)
            if name == "renews":
                return self.say("in-span", language, span=self.span(value - self._clock(), language))
            return round(value)
        text = " ".join("" if value is None else str(value).split())
        if not text.isprintable():  # a control or a half of a letter never is
            text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs"})
        return (text if len(text) <= _FACT_LIMIT else text[: _FACT_LIMIT - 1] + "…") or "none"

    def _short(self, language: str) -> str:
        """`ko-KR` -> `ko`; nothing when it isn't spoken here."""
        short = language.replace("_", "-").split("-")[0].lower()
        return short if short in self.languages else ""

    def _texts(self, language: str) -> Texts:
        texts = self._spoken.get(language)
        if texts is None:
            texts = self._spoken[language] = Texts(language, _FUNCTIONS)
            for sheet in self._sheets:
                if sheet.name.split(".")[0] == language:
                    texts.add(sheet.read_text(encoding="utf-8"))
        return texts


@dataclass(frozen=True, slots=True)
class Say:
    """Words in one person's language."""

    words: Words
    language: str = ""

    def __call__(self, message_id: str, /, **facts: Any) -> str:
        return self.words.say(message_id, self.language, **facts)


def _sheets() -> list[Traversable]:
    """Every file of texts, the core's first: of two texts with one name, the first is said."""
    folders = [files("bot") / "locales"]
    for name in plugins.names(plugins.TEXTS):
        try:
            folders.append(plugins.texts(name))
        except BrokenPackage as error:
            _log.error("words.left_out", package=name, problem=str(error))
    return [
        sheet
        for folder in folders
        for sheet in sorted(folder.iterdir(), key=lambda one: one.name)
        if sheet.name.endswith(".ftl")
    ]
