"""Timer triggers: one task of the host's loop each, asleep until the schedule's next time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime

from azure.functions.meta import Datum

from local_host.functions.bindings import blamed_on
from local_host.functions.expressions import resolve_settings
from local_host.functions.index import BadApp, Function
from local_host.functions.invoke import Invoker, Occasion, Retry
from local_host.triggers.memory import Memory
from local_host.triggers.ncrontab import Schedule
from local_host.triggers.retry import read_retry_policy

log = logging.getLogger("Host.Triggers.Timer")

SLEEP_MAX_S = 60.0
"""The clock may be set, and the machine may sleep: look again now and then."""


TIME_ZONE = "WEBSITE_TIME_ZONE"


class TimerTrigger:
    """Fires one function by its schedule, in UTC; never twice at once."""

    def __init__(self, function: Function, invoker: Invoker, memory: Memory) -> None:
        self._function, self._invoker, self._memory = function, invoker, memory
        if os.environ.get(TIME_ZONE):
            raise BadApp(f"{TIME_ZONE} is not supported by the local host: unset it, and schedules are in UTC")
        with blamed_on(function):
            self._schedule = Schedule(resolve_settings(str(function.trigger["schedule"])))
            self._schedule.next(datetime.now(UTC))  # one that never comes is refused now
            self._policy = read_retry_policy(function.retry_policy)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to wait for the schedule's next time."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Wait no more."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        trigger, now = self._function.trigger, datetime.now(UTC)
        due = self._memory.timer_due(self._function.name) if trigger.get("useMonitor") is not False else None
        missed = due is not None and due < now.timestamp()
        if missed or trigger.get("runOnStartup"):
            await self._fire(past_due=missed, last=now, following=self._schedule.next(now))
        while True:
            following = self._schedule.next(datetime.now(UTC))
            self._memory.save_timer_due(self._function.name, following.timestamp())
            await _sleep_until(following)
            await self._fire(past_due=False, last=following, following=self._schedule.next(following))

    async def _fire(self, *, past_due: bool, last: datetime, following: datetime) -> None:
        status = {"Last": last.isoformat(), "Next": following.isoformat(), "LastUpdated": last.isoformat()}
        request = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}
        occasion, delay_s = Occasion(Datum(json.dumps(request), "json")), self._policy.delay_s(0)
        while (error := await self._try(occasion)) and delay_s is not None:
            await asyncio.sleep(delay_s)
            retries = occasion.retry.retry_count + 1
            occasion = replace(occasion, retry=Retry(retries, self._policy.count_max, error))
            delay_s = self._policy.delay_s(retries)

    async def _try(self, occasion: Occasion) -> Exception | None:
        try:
            await asyncio.wrap_future(self._invoker.submit(self._function, occasion))
        except Exception as error:
            log.exception("Executed '%s' (Failed)", self._function.name)
            return error
        return None


async def _sleep_until(moment: datetime) -> None:
    while (wait_s := (moment - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110 - nothing announces a time
        await asyncio.sleep(min(wait_s, SLEEP_MAX_S))
