"""Structured logs to stderr, and the metrics that operators watch. Nothing secret passes either."""

import logging
import sys
import threading
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.hidden import hide
from bot.out import visible

_LONGEST = 600
_LONGEST_TRACE = 3000
_OF_THE_RECORD = ("_record", "_from_structlog")  # structlog's own, until it renders


def _scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keys, tokens and pictures never reach a log line, and no line is endless."""
    for name, value in event.items():
        if name not in _OF_THE_RECORD:
            event[name] = _clean(value, trace=name == "exception")
    return event


def _clean(value: Any, *, trace: bool = False) -> Any:
    """A value of a line without what is to be hidden; what is no number is its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_clean(str(key)): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    clean = hide(value if isinstance(value, str) else repr(value))
    # A traceback says at its end what went wrong.
    return clean[-_LONGEST_TRACE:] if trace else clean[:_LONGEST]


def _seen(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What strangers wrote commands no terminal; only a traceback has several lines. JSON escapes by itself."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = visible(value, lines=name == "exception")
    return event


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines to stderr; one that can't be made is not shown with its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        sys.stderr.write(f"a line of {record.name} could not be logged\n")


def log_the_unhandled() -> None:
    """What nobody caught in this process is logged, too: Python would print it past everything here."""
    logging.captureWarnings(capture=True)
    log = logging.getLogger("easel")

    def of_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("nobody caught this", exc_info=(kind, error, trace))

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.critical(
                "nobody caught this in a thread",
                exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
            )

    def of_nowhere(args: "sys.UnraisableHookArgs") -> None:
        log.error("this could not be raised: %s: %s", args.exc_type.__name__, args.exc_value)

    sys.excepthook = of_main
    threading.excepthook = of_thread
    sys.unraisablehook = of_nowhere


def set_up_logs(*, level: str = "info", form: str = "auto") -> None:
    """Configures structlog and the standard library's logging alike: one line an event, to stderr."""
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        _scrub,
    ]
    last = [_seen] if as_text else []
    renderer: Any = structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _scrub, *last, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "aiosqlite", "discord", "slack_sdk", "slack_bolt", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


class Metrics:
    """What operators watch, in a registry of its own (so that two apps fit into one process)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        make: dict[str, Any] = {"registry": self.registry}
        self.jobs = Counter("easel_jobs", "Jobs by how they ended", ["state", "model"], **make)
        self.refused = Counter("easel_refusals", "Requests refused before a job was made", ["reason"], **make)
        self.in_flight = Gauge("easel_in_flight", "Generations under way in this process", **make)
        self.waiting = Gauge("easel_waiting", "Jobs that wait in line in this process", **make)
        self.captured = Counter("easel_credits_captured", "Credits captured", **make)
        self.doubtful = Counter(
            "easel_doubtful_billings", "Submits that may have been billed for nothing", **make
        )
        self.provider_errors = Counter(
            "easel_provider_errors", "Errors of providers", ["provider", "trouble"], **make
        )
        self.provider_credits = Gauge(
            "easel_provider_credits", "Our balance at a provider", ["provider"], **make
        )
        self.provider_usd = Gauge(
            "easel_provider_usd", "Our balance at a provider in US dollars", ["provider"], **make
        )
        self.route_open = Gauge(
            "easel_route_open",
            "Whether a model is asked of a provider, 0 while its breaker keeps it out",
            ["provider", "model"],
            **make,
        )
        self.routes_opened = Counter(
            "easel_breakers_opened",
            "How often a provider failed so that a model is asked elsewhere",
            ["provider", "model"],
            **make,
        )
        self.model_ends = Gauge(
            "easel_model_ends_seconds", "When a model ends, unix seconds", ["provider", "model"], **make
        )
        self.polls = Counter("easel_polls", "Looks at operations under way", ["provider"], **make)
        self.shows = Counter("easel_shows", "Messages posted and edited", ["surface", "outcome"], **make)
        self.surface_up = Gauge(
            "easel_surface_up", "Whether a surface of this process hears people", ["surface"], **make
        )
        self.refused_calls = Counter(
            "easel_refused_calls", "Calls that a platform refused", ["surface", "status"], **make
        )
        self.undelivered = Counter(
            "easel_undelivered", "Messages that nobody could be shown, by surface", ["surface"], **make
        )
        self.lost = Counter("easel_lost_jobs", "Moves that came too late", **make)
        seconds = (0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
        self.duration = Histogram(
            "easel_picture_seconds", "From accept to the end", ["model"], buckets=seconds, **make
        )
        self.acknowledge = Histogram(
            "easel_acknowledge_seconds",
            "From the accepted order to its placeholder",
            ["surface"],
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 2, 3),
            **make,
        )

    def exposition(self) -> bytes:
        """Prometheus's text format."""
        return generate_latest(self.registry)
