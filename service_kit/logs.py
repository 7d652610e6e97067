"""Structured logs: one JSON object per line for programs, aligned text for people on a terminal.

Everything goes to standard error, so that standard output stays free for what a command was asked to print.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

REDACTED = "[redacted]"
SECRET_WORDS = ("secret", "token", "cookie", "password", "authorization", "credential", "private")


def redact_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Blank out values whose key speaks of a secret: the last line of defence, not the first."""
    for key in event:
        if any(word in key.lower() for word in SECRET_WORDS):
            event[key] = REDACTED
    return event


def configure_logging(level: str = "info", *, stream: TextIO | None = None, human: bool | None = None) -> None:
    """Send structlog and the standard library's loggers to `stream` (default: standard error).

    `human` chooses aligned text over JSON; None asks whether the stream is a terminal.
    """
    out = stream or sys.stderr
    human = out.isatty() if human is None else human
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, _renderer(human=human)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    _adopt_standard_loggers(threshold, out, shared, human=human)


def _renderer(*, human: bool) -> Processor:
    return structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(sort_keys=False)


def _adopt_standard_loggers(threshold: int, out: TextIO, shared: list[Processor], *, human: bool) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(human=human)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries tell their own story at info; ours is what an operator asked for. They speak from warning on.
    root.setLevel(max(threshold, logging.WARNING))
