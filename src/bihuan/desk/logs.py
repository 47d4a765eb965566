"""Logs as lines of JSON on standard error, without anything about a person.

A line names the page, not its address; an error is told by its kind and by where in the code it happened, not by its
words, which may quote what was typed. What other libraries say is masked.
"""

import logging
import logging.config
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

KEPT = ("exc_info", "page", "method", "status", "ms", "person", "ended")
Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Lines(JsonFormatter):
    """One line of JSON: time, level, logger, message; for an answer, which page; for an error, where."""

    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{message}",
            style="{",
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
        )

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        for name in set(vars(record)) & set(log_data) - {"asctime", "levelname", "name", "message", *KEPT}:
            del log_data[name]  # such as the request, with all that it carries
        log_data["message"] = plain(record)

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - logging's own name
        kind, _error, trace = ei
        frames = traceback.extract_tb(trace)
        where = [f"{one.filename.rpartition('site-packages/')[2]}:{one.lineno} {one.name}" for one in frames]
        return f"{kind.__name__ if kind else '?'} at {' < '.join(reversed(where[-12:]))}"


def plain(record: logging.LogRecord) -> str:
    """What a logger says; of Django's own about a request only the sentence, without the address."""
    from bihuan.desk.sight import mask  # the tables are not there yet when logging is set up

    if record.name.startswith(("django.request", "django.security", "axes")):
        return str(record.msg).replace("%s", "…").replace("%r", "…")
    return mask(record.getMessage())


def configure(settings: Mapping[str, Any]) -> None:
    """Called by Django with the settings' LOGGING."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": {"()": "bihuan.desk.logs.Lines"}},
            "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["lines"], "level": "WARNING"},
            "loggers": {
                "bihuan": {"level": settings["level"]},
                "apprise": {"level": "WARNING", "propagate": False},  # its words name addresses
                "django.request": {"level": "ERROR"},
            },
        }
    )
