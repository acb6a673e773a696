"""Dates and instants as ISO 8601 text, years outside 0000 to 9999 (by way of an offset) with their sign."""

import numpy as np

NANOSECONDS = 10**9
_YEAR_DIGITS = 4


def date(days: int) -> str:
    """``YYYY-MM-DD`` of days since 1970-01-01."""
    return _signed(str(np.datetime64(days, "D")))


def instant(nanoseconds: int, zone: str = "") -> str:
    """``YYYY-MM-DDTHH:MM:SS``, a fraction without trailing zeros where there is one, and ``zone``."""
    seconds, fraction = divmod(nanoseconds, NANOSECONDS)
    text = _signed(str(np.datetime64(seconds, "s")))
    return text + (f".{fraction:09d}".rstrip("0") if fraction else "") + zone


def _signed(text: str) -> str:
    """Complete what numpy writes: it pads the year to four places, its sign included, and leaves out a plus."""
    if text.startswith("-"):
        year, rest = text[1:].split("-", 1)
        return f"-{year.zfill(_YEAR_DIGITS)}-{rest}"
    return text if text.index("-") == _YEAR_DIGITS else "+" + text
