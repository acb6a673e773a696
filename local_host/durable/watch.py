"""Watches orchestrators and entities at work: names one that hangs, and fails one that exceeds ``functionTimeout``.

They share threads of the host's process, which nobody can kill. One that runs in circles gets an exception that it
cannot catch by mistake; one that waits in a call which does not return keeps its thread, and the others go on.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from local_host.functions.index import is_own
from local_host.functions.invoke import FunctionTimeoutException, timeout_message

log = logging.getLogger("Host.Triggers.DurableTask")

LOOK_S = 0.5
SLOW_S = 5.0
"""A turn takes milliseconds. One that takes this long is told of, and again whenever that time has doubled."""

T = TypeVar("T")


class GivenUp(BaseException):
    """Raised inside the code of an orchestrator or entity that has exceeded the timeout."""


@dataclass(slots=True, eq=False)
class _Work:
    name: str
    subject: str
    give_up: Callable[[Exception], None]
    thread: int = field(default_factory=threading.get_ident)
    began: float = field(default_factory=time.monotonic)
    tell_after_s: float = SLOW_S
    open: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held to close the work, which happens once: by its thread, or by the watch."""


class Watch:
    """Runs pieces of work on the threads of whoever calls, and looks after them on one of its own."""

    def __init__(self, app: Path, timeout_s: float | None) -> None:
        """``app`` is the folder of the code whose places are told."""
        self._app, self._timeout_s = app, timeout_s
        self._at_work: dict[int, _Work] = {}
        self._busy, self._closed = threading.Event(), threading.Event()
        threading.Thread(target=self._run, name="durable-watch", daemon=True).start()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        self._busy.set()

    def run(
        self,
        name: str,
        subject: str,
        work: Callable[[], T],
        failed: Callable[[Exception], T],
        done: Callable[[T], None],
    ) -> None:
        """Do the work and tell its outcome; one that takes too long has failed, and its outcome is told at once."""
        one = _Work(name, subject, lambda error: done(failed(error)))
        self._at_work[id(one)] = one
        if not self._busy.is_set():
            self._busy.set()
        try:
            try:
                outcome = work()
            finally:
                with one.lock:
                    in_time, one.open = one.open, False
                self._at_work.pop(id(one), None)
        except GivenUp:
            return
        if in_time:
            done(outcome)

    def _run(self) -> None:
        """Asleep while nothing is at work, and never awake more often than the look is due."""
        while not self._closed.is_set():
            self._busy.wait()
            self._closed.wait(LOOK_S)
            self._busy.clear()
            for one in list(self._at_work.values()):
                self._busy.set()
                self._look_at(one)

    def _look_at(self, one: _Work) -> None:
        took_s = time.monotonic() - one.began
        if self._timeout_s is not None and took_s >= self._timeout_s:
            self._give_up(one)
        elif took_s >= one.tell_after_s:
            one.tell_after_s *= 2
            log.warning("%s (%s) has been at work for %.0f s and holds its thread; it is at %s",
                        one.name, one.subject, took_s, self._place(one.thread))  # fmt: skip

    def _give_up(self, one: _Work) -> None:
        place = self._place(one.thread)
        with one.lock:
            if not one.open:
                return
            one.open = False
            # Within the lock, so that the thread is still in this piece of work and in no other.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(one.thread), ctypes.py_object(GivenUp))
        self._at_work.pop(id(one), None)
        one.give_up(FunctionTimeoutException(f"{timeout_message(self._timeout_s or 0.0, one.name)}; it was at {place}"))

    def _place(self, thread: int) -> str:
        """Where the thread is, in the app's own code if it can be."""
        frame = sys._current_frames().get(thread)  # noqa: SLF001 - the documented way
        stack = traceback.extract_stack(frame) if frame else []
        own = [one for one in stack if is_own(Path(one.filename), self._app)]
        innermost = (own or stack)[-1:]
        return next((f"{one.filename}:{one.lineno} in {one.name}: {one.line}" for one in innermost), "its end")
