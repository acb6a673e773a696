"""NCRONTAB: six fields, ``{second} {minute} {hour} {day} {month} {day of week}``, or five without the seconds. Pure.

As NCrontab has it, day and day of week must both match; days of the week are 0 (Sunday) to 6.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from local_host import spans

_NAMES = {
    "month": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "weekday": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
_FIELDS = (("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6))

YEARS_AHEAD_MAX = 8
"""29 February comes at least once in eight years; a schedule without a time until then has none."""


class Schedule:
    """A parsed expression, or a plain interval (``[d.]hh:mm:ss``)."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._interval = spans.parse(expression)
        self._fields: list[frozenset[int]] = []
        if self._interval is not None and not self._interval:
            raise ValueError(f"'{expression}' is no time between two runs")
        if self._interval is None:
            words = expression.split()
            if len(words) == len(_FIELDS) - 1:
                words.insert(0, "0")
            if len(words) != len(_FIELDS):
                raise ValueError(
                    f"'{expression}' has {len(words)} fields; NCRONTAB has six, or five without the seconds"
                )
            self._fields = [_parse(word, *field) for word, field in zip(words, _FIELDS, strict=True)]

    def next(self, after: datetime) -> datetime:
        """The first time past ``after``, in its time zone."""
        if self._interval is not None:
            return after + self._interval
        seconds, minutes, hours, days, months, weekdays = self._fields
        moment = after.replace(microsecond=0) + timedelta(seconds=1)
        while moment.year <= after.year + YEARS_AHEAD_MAX:
            if moment.month not in months:
                moment = _first_of_next_month(moment)
            elif moment.day not in days or moment.isoweekday() % 7 not in weekdays:
                moment = moment.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            elif moment.hour not in hours:
                moment = moment.replace(minute=0, second=0) + timedelta(hours=1)
            elif moment.minute not in minutes:
                moment = moment.replace(second=0) + timedelta(minutes=1)
            elif moment.second not in seconds:
                moment += timedelta(seconds=1)
            else:
                return moment
        raise ValueError(f"the schedule '{self._expression}' never comes")


def _first_of_next_month(moment: datetime) -> datetime:
    start = moment.replace(day=1, hour=0, minute=0, second=0)
    return start.replace(year=start.year + 1, month=1) if start.month == 12 else start.replace(month=start.month + 1)


def _parse(word: str, name: str, low: int, high: int) -> frozenset[int]:
    """``*``, ``5``, ``1-5``, ``*/10``, ``3-30/5``, ``mon-fri``, and lists of them."""
    values: set[int] = set()
    for part in word.lower().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            start, stop = low, high
        else:
            start = _number(first, name, low)
            stop = _number(last, name, low) if last else (high if step else start)
        if not low <= start <= stop <= high or (step and not step.isdigit()) or step == "0":
            raise ValueError(f"'{part}' is no {name} from {low} to {high}")
        values.update(range(start, stop + 1, int(step or 1)))
    return frozenset(values)


def _number(text: str, name: str, low: int) -> int:
    names = _NAMES.get(name, [])
    if text[:3] in names and text.isalpha():
        return names.index(text[:3]) + low
    if not text.isdigit():
        raise ValueError(f"'{text}' is no {name}")
    return int(text)
