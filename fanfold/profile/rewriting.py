"""Values of a column, once it is decided how it is read: the texts as its rule rewrites them, batch by batch."""

import numpy as np
import polars as pl

from fanfold.errors import PipelineFault
from fanfold.profile import date_forms, number_forms
from fanfold.profile.arrays import Rows
from fanfold.profile.decision import PLAIN, RULES
from fanfold.profile.forms import Family, Rewritten, Written
from fanfold.profile.numbers import read_numbers
from fanfold.profile.strings import of
from fanfold.profile.times import read_times

_NUMBERS, _DATES = RULES


def rewrite(series: pl.Series, rule: str) -> pl.Series:
    """A String series of values present, as it reads under the rule; PipelineFault when a value does not."""
    if rule == PLAIN or not len(series):
        return series
    family, rules = (_read_numbers(series), _NUMBERS) if rule in _NUMBERS else (_read_dates(series), _DATES)
    found = False if family is None else family.readings[rules.index(rule)]
    if found is False:
        raise PipelineFault(f"expected a column that reads by the rule {rule}, found another: {series[0][:80]!r}, ...")
    return found.series if isinstance(found, Rewritten) else series


def _read_numbers(series: pl.Series) -> Family | None:
    integers, numbers = read_numbers(of(series))
    texts = _others(len(series), integers.rows, integers.big_rows, numbers.rows)
    return number_forms.read(Written(series, None, texts, numbers.rows))


def _read_dates(series: pl.Series) -> Family | None:
    dates, datetimes, _ = read_times(of(series))
    return date_forms.read(Written(series, None, _others(len(series), dates.rows, datetimes.rows), _NO_ROWS))


_NO_ROWS: Rows = np.zeros(0, np.intp)


def _others(size: int, *known: Rows) -> Rows:
    return np.setdiff1d(np.arange(size), np.concatenate(known))
