"""The numbers of a column record by record, as doubles: for what is compared across columns."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from fanfold.profile.arrays import Flags, Floats
from fanfold.profile.numbers import Integers, Numbers, read_numbers
from fanfold.profile.strings import Strings, of


def doubles_of_counted(strings: Strings, counts: Mapping[str, int], present: Flags) -> Floats | None:
    """NaN where there is no value; None when one of the values, whose ``counts`` are known, is no number."""
    integers, numbers = read_numbers(of(pl.Series([*counts], dtype=pl.String)))
    if integers.rows.size + integers.big_rows.size + numbers.rows.size < len(counts):
        return None
    kind = pl.Int64 if integers.rows.size == len(counts) else pl.Float64
    doubles = strings.series.cast(kind, strict=False).to_numpy().astype(np.float64) + 0.0  # null is NaN there
    return doubles if present.all() else np.where(present, doubles, np.nan)


def doubles_of_read(strings: Strings, integers: Integers, numbers: Numbers, present: Flags) -> Floats | None:
    """NaN where there is no value; None when one that was read is no number."""
    rows = None if present.all() else np.flatnonzero(present)
    size = strings.size if rows is None else rows.size
    if integers.rows.size + integers.big_rows.size + numbers.rows.size < size:
        return None
    read = np.empty(size)
    read[integers.rows] = integers.values
    read[integers.big_rows] = [float(each) for each in integers.big]
    read[numbers.rows] = numbers.values
    if rows is None:
        return read
    doubles = np.full(strings.size, np.nan)
    doubles[rows] = read
    return doubles
