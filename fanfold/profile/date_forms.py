"""Dates as people write them: day, month and year of four digits, the day or the month first.

Day and month have one digit or two, both are followed by ``/``, by ``.`` or by ``-``; after points the day comes first,
as it does everywhere. A time may follow, after a blank or ``T``: ``H:MM``, ``HH:MM``, or either with ``:SS``.
"""

import numpy as np
import polars as pl

from fanfold.profile.arrays import Flags
from fanfold.profile.forms import UNTOUCHED, Family, Rewritten, Written, all_match, flags
from fanfold.profile.strings import of
from fanfold.profile.times import read_times

SEPARATORS = "/.-"
_DAY = "[0-9]{1,2}"
_DATE = (
    rf"^(?:{_DAY}/{_DAY}/|{_DAY}\.{_DAY}\.|{_DAY}-{_DAY}-)[0-9]{{4}}"
    rf"(?:[ T][0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)?$"
)
_PADDING = (
    ("^([0-9][/.-])", "0${1}"),
    ("^(..[/.-])([0-9][/.-])", "${1}0${2}"),
    ("^(.{10}.)([0-9]:)", "${1}0${2}"),
)
"""For the first number, the second and the hour: what has one digit, and what it becomes."""


def read(written: Written) -> Family | None:
    """Read values that are plain dates, datetimes without a zone and texts; None when some text is no such date."""
    if not written.texts.size:
        return UNTOUCHED
    if not written.may_match(written.texts, _DATE):
        return None
    texts = written.pick(written.texts)
    if not all_match(texts, _DATE):
        return None
    first, second, year, time = _parts(texts)
    day_first = year + "-" + second + "-" + first + time
    month_first = year + "-" + first + "-" + second + time
    fits_day = _exist(day_first)
    fits_month = _exist(month_first) & ~flags(texts, ".", literal=True)
    if not (fits_day | fits_month).all():
        return None
    differ = fits_day & fits_month & (day_first != month_first).to_numpy()
    rows = written.texts
    return Family(
        (written.weight(rows, ~fits_month), written.weight(rows, ~fits_day), written.weight(rows, differ)),
        (
            Rewritten(written.replace(rows, day_first), _marks(written, texts)) if fits_day.all() else False,
            Rewritten(written.replace(rows, month_first), _marks(written, texts)) if fits_month.all() else False,
        ),
    )


def _parts(texts: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
    """First and second number, of two digits each, year, and what follows."""
    for short, padded in _PADDING:
        if texts.str.contains(short).any():
            texts = texts.str.replace(short, padded)
    return texts.str.slice(0, 2), texts.str.slice(3, 2), texts.str.slice(6, 4), texts.str.slice(10)


def _marks(written: Written, texts: pl.Series) -> dict[str, int]:
    """How many of the texts have each separator."""
    counts = {mark: written.weight(written.texts, flags(texts, mark, literal=True)) for mark in SEPARATORS}
    return {mark: count for mark, count in counts.items() if count}


def _exist(texts: pl.Series) -> Flags:
    """Which texts are a day of the calendar, or a time on one."""
    dates, datetimes, _ = read_times(of(texts))
    found = np.zeros(len(texts), np.bool_)
    found[dates.rows] = True
    found[datetimes.rows] = True
    return found
