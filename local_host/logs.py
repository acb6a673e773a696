"""Logs that a person can read, on standard error: time, level, function and subject, message."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import TextIO

_about: ContextVar[tuple[str, str]] = ContextVar("about", default=("", ""))

CALLERS = (
    os.path.join("functions", "invoke.py"),  # noqa: PTH118 - compared with the ends of file names
    os.path.join("durable_functions", "models", "TaskOrchestrationExecutor.py"),  # noqa: PTH118 - likewise
)
"""Where the host's code, and the SDK's, calls the app's."""

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

NOISY = ("azure", "aiohttp.access", "asyncio", "urllib3", "watchfiles")
"""Loggers of libraries, quiet below a warning unless asked for."""

POINTLESS = "Auth level is not applied to non http function app"
"""The SDK says so, once a process, of every app that has no HTTP function."""

_COLOURS = {logging.WARNING: "\x1b[33m", logging.ERROR: "\x1b[31m", logging.CRITICAL: "\x1b[31m"}
_DIM, _RESET = "\x1b[2m", "\x1b[0m"


@contextlib.contextmanager
def about(function: str, subject: str = "") -> Iterator[None]:
    """Everything logged inside names the function and the instance, blob or message it works on."""
    token = _about.set((function, subject))
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
        function, subject = _about.get()
        where = f"{function} ({subject})" if subject else function
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        text = f"{level}{where + ': ' if where else ''}{record.getMessage()}"
        if record.exc_info and record.exc_info[1]:
            text += "\n" + users_traceback(record.exc_info[1])
        if self._colours:
            time = f"{_DIM}{time}{_RESET}"
            text = f"{_COLOURS.get(record.levelno, '')}{text}{_RESET}"
        return f"{time} {text}"


class _Levels:
    """The levels of ``host.json``: of the longest category that a record's begins with, as the real host has it."""

    def __init__(self, levels: Mapping[str, str]) -> None:
        known = {category: LEVELS.get(level.lower(), logging.INFO) for category, level in levels.items()}
        self.default = known.pop("default", logging.INFO)
        self._levels = dict(sorted(known.items(), key=lambda one: len(one[0]), reverse=True))
        self.lowest = min([self.default, *known.values()])

    def __call__(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith(POINTLESS):
            return False
        function, _ = _about.get()
        # What an app logs in a function is that function's, whatever its logger is called.
        apps = function and record.name.partition(".")[0] not in ("Host", *NOISY)
        category = f"Function.{function}.User" if apps else record.name
        found = (level for name, level in self._levels.items() if f"{category}.".startswith(f"{name}."))
        return record.levelno >= next(found, self.default)


def users_traceback(error: BaseException) -> str:
    """The traceback, as text, from the app's own code on where there is any: the others help nobody."""
    trace, own, invoked = error.__traceback__, None, False
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(CALLERS):
            own, invoked = trace.tb_next, True
        trace = trace.tb_next
    if invoked and own is None:
        return "".join(traceback.format_exception_only(error)).rstrip()
    return "".join(traceback.format_exception(type(error), error, own or error.__traceback__)).rstrip()


def wants_colours(stream: TextIO) -> bool:
    """Terminals get colours, files none; the variable ``NO_COLOR`` means nobody does."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def configure(levels: Mapping[str, str], *, verbose: bool) -> None:
    """Set the handler, and the levels of ``host.json``'s ``logging.logLevel`` (``default`` and categories)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(colours=wants_colours(sys.stderr)))
    chosen = _Levels(levels)
    if not verbose:
        handler.addFilter(chosen)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if verbose else chosen.lowest)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.NOTSET if verbose else logging.WARNING)
