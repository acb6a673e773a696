"""Spans of time as .NET writes them: ``[d.]hh:mm:ss[.fff]``. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

_SPAN = re.compile(r"(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)")


def parse(text: str) -> timedelta | None:
    """The span; None where the text is none."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def describe(seconds: float) -> str:
    """``00:05:00``, or ``1.00:05:00`` where it takes days."""
    days, rest = divmod(round(seconds), 86400)
    minutes, second = divmod(rest, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
    return f"{days}.{text}" if days else text
