"""Structured logs to stderr, and the metrics that operators watch. Nothing secret passes either."""

import logging
import sys
import threading
from collections.abc import Mapping, MutableMapping
from functools import partial
from types import TracebackType
from typing import Any, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.process.hidden import hide
from bot.process.out import visible

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


_OF_PICTURES_S = (0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
_OF_LAG_S = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)
_OF_PLACEHOLDERS_S = (0.01, 0.03, 0.1, 0.3, 1, 2, 3)


class Metrics:
    """What operators watch, in a registry of its own (so that two apps fit into one process)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        count, gauge = partial(Counter, registry=self.registry), partial(Gauge, registry=self.registry)
        took = partial(Histogram, registry=self.registry)
        route = ["provider", "model"]
        # Pictures, and what they cost.
        self.jobs = count("easel_jobs", "Jobs by how they ended", ["state", "model"])
        self.refused = count("easel_refusals", "Requests refused before a job was made", ["reason"])
        self.in_flight = gauge("easel_in_flight", "Generations under way in this process")
        self.waiting = gauge("easel_waiting", "Jobs that wait in line in this process")
        self.captured = count("easel_credits_captured", "Credits captured")
        self.doubtful = count("easel_doubtful_billings", "Submits that may have been billed for nothing")
        self.lost = count("easel_lost_jobs", "Moves that came too late")
        self.duration = took(
            "easel_picture_seconds", "From accept to the end", ["model"], buckets=_OF_PICTURES_S
        )
        # Providers.
        self.provider_errors = count("easel_provider_errors", "Errors of providers", ["provider", "trouble"])
        self.provider_credits = gauge("easel_provider_credits", "Our balance at a provider", ["provider"])
        self.provider_usd = gauge(
            "easel_provider_usd", "Our balance at a provider in US dollars", ["provider"]
        )
        asked = "Whether a model is asked of a provider, 0 while its breaker keeps it out"
        self.route_open = gauge("easel_route_open", asked, route)
        opened = "How often a provider failed so that a model is asked elsewhere"
        self.routes_opened = count("easel_breakers_opened", opened, route)
        self.model_ends = gauge("easel_model_ends_seconds", "When a model ends, unix seconds", route)
        self.polls = count("easel_polls", "Looks at operations under way", ["provider"])
        # This process.
        late = "How much later than asked the event loop wakes"
        self.loop_lag = took("easel_loop_lag_seconds", late, buckets=_OF_LAG_S)
        # Surfaces.
        self.shows = count("easel_shows", "Messages posted and edited", ["surface", "outcome"])
        self.surface_up = gauge(
            "easel_surface_up", "Whether a surface of this process hears people", ["surface"]
        )
        self.refused_calls = count(
            "easel_refused_calls", "Calls that a platform refused", ["surface", "status"]
        )
        undelivered = "Messages that nobody could be shown, by surface"
        self.undelivered = count("easel_undelivered", undelivered, ["surface"])
        placed = "From the accepted order to its placeholder"
        self.acknowledge = took("easel_acknowledge_seconds", placed, ["surface"], buckets=_OF_PLACEHOLDERS_S)

    def balance(self, provider: str) -> tuple[float | None, float | None]:
        """What is left on our account: in the service's unit, and in US dollars; None where that isn't known."""
        look = self.registry.get_sample_value
        labels = {"provider": provider}
        return look("easel_provider_credits", labels), look("easel_provider_usd", labels)

    def refusals(self) -> dict[str, int]:
        """What this process has refused before a job was made, by reason."""
        return {
            sample.labels["reason"]: int(sample.value)
            for metric in self.refused.collect()
            for sample in metric.samples
            if sample.name.endswith("_total") and sample.value
        }

    def exposition(self) -> bytes:
        """Prometheus's text format."""
        return generate_latest(self.registry)
