"""Structured logs to stderr, and the metrics that operators watch. Nothing secret passes either."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECRET = re.compile(
    r"(?i)(bearer\s+|key\s+)[\w.~+/=-]{8,}|xox[a-z]-[\w-]+|xapp-[\w-]+|sk-[\w-]{8,}|"
    r"[\w-]{23,28}\.[\w-]{6}\.[\w-]{27,}|data:image/[^\s\"']+|/a/[\w.~-]{20,}|/interactions/\d+/[^/\s]+"
)
_LONGEST = 600
_LONGEST_TRACE = 3000


def _scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keys, tokens and pictures never reach a log line, and no line is endless."""
    for name, value in event.items():
        if isinstance(value, str):
            clean = _SECRET.sub("[hidden]", value)
            # A traceback says at its end what went wrong.
            event[name] = clean[-_LONGEST_TRACE:] if name == "exception" else clean[:_LONGEST]
    return event


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
    renderer: Any = structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _scrub, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "aiosqlite", "discord", "slack_sdk", "uvicorn.access"):
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
