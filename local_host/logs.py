"""Logs that a person can read, on standard error: time, level, function and subject, message."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

_about: ContextVar[str] = ContextVar("about", default="")

LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 10,
}
"""The level names of ``host.json``."""

NOISY = ("azure", "aiohttp.access", "asyncio", "urllib3")
"""Loggers of libraries, quiet below a warning unless asked for."""

_COLOURS = {logging.WARNING: "\x1b[33m", logging.ERROR: "\x1b[31m", logging.CRITICAL: "\x1b[31m"}
_DIM, _RESET = "\x1b[2m", "\x1b[0m"


@contextlib.contextmanager
def about(function: str, subject: str = "") -> Iterator[None]:
    """Everything logged inside names the function and the instance, blob or message it works on."""
    token = _about.set(f"{function} ({subject})" if subject else function)
    try:
        yield
    finally:
        _about.reset(token)


class _Formatter(logging.Formatter):
    def __init__(self, *, colours: bool) -> None:
        super().__init__(datefmt="%H:%M:%S")
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        time = f"[{self.formatTime(record, self.datefmt)}.{record.msecs:03.0f}]"
        where = _about.get()
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        text = f"{level}{where + ': ' if where else ''}{record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        if self._colours:
            time = f"{_DIM}{time}{_RESET}"
            text = f"{_COLOURS.get(record.levelno, '')}{text}{_RESET}"
        return f"{time} {text}"


def configure(levels: Mapping[str, str], *, verbose: bool) -> None:
    """Set the handler, and the levels of ``host.json``'s ``logging.logLevel`` (``default`` and categories)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(colours=sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if verbose else LEVELS.get(levels.get("default", "information").lower(), logging.INFO))
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.NOTSET if verbose else logging.WARNING)
    for category, level in levels.items():
        if category != "default" and not verbose:
            logging.getLogger(category).setLevel(LEVELS.get(level.lower(), logging.INFO))
