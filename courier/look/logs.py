"""Logs as JSON lines on stderr, with nothing in them about anybody and no token of any paper."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# /T/<token>, /W/<token>, /V/<code>, and what else is long enough to be a token or an ID number.
TOKEN_PATHS = re.compile(r"(/[TtVvWw]/)[^\s\"'?#]+")
QUERIES = re.compile(r"(\?)[^\s\"'#]+")
LONG_RUNS = re.compile(r"(?<![A-Za-z0-9])(?:\d{11,18}[Xx]?|[A-Z2-7]{20,})(?![A-Za-z0-9])")
FRAMES_MAX = 12


def mask(text: str) -> str:
    """A text with receipt tokens, query strings, phone and ID numbers replaced by `***`."""
    text = TOKEN_PATHS.sub(r"\1***", text)
    text = QUERIES.sub(r"\1***", text)
    return LONG_RUNS.sub("***", text)


def set_up_logs(program: str, *, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's logs to stderr as JSON lines."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
        _name_the_program(program),
        _where_it_failed,
        _mask_values,
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=()), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _name_the_program(program: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["program"] = program
        return event

    return add


def _where_it_failed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the kind and place of a failure, not its words: they may quote a person's data."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = _places(error.__traceback__)
    return event


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES_MAX:]
    return [f"{'/'.join(f.filename.split('/')[-2:])}:{f.lineno} {f.name}" for f in frames]


def _mask_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str) and key != "timestamp":
            event[key] = mask(value)
    return event
