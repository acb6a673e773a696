"""A frame of records -> its profile."""

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile import hashing, sample, strings
from fanfold.profile.arrays import Flags, Floats
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.column import Reading, profile_column
from fanfold.profile.correlations import correlate
from fanfold.profile.doubles import doubles_of_counted, doubles_of_read
from fanfold.profile.merging import empty
from fanfold.profile.missingness import compare_missing
from fanfold.profile.model import Column, Joint, Profile, Tally
from fanfold.profile.nulls import NULLS, Nulls
from fanfold.profile.strings import Strings


def profile_frame(frame: pl.DataFrame, caps: Caps = CAPS, nulls: Nulls = NULLS) -> Profile:
    """Profile records: columns of String named "0", "1", ... by position, without nulls; an empty text is no value.

    Profiles can only be merged when they were made with the same ``nulls``.
    """
    if not frame.height:
        return empty(frame.width)
    records = np.zeros(frame.height, np.uint64)
    columns: list[Column] = []
    numeric: dict[int, Floats] = {}
    missing: dict[int, Flags] = {}
    for position, series in enumerate(frame.get_columns()):
        laid_out = strings.of(series)
        hashes = hashing.hash_values(laid_out)
        hashing.combine(records, position, hashes)
        column, read = profile_column(laid_out, hashes, caps, nulls)
        columns.append(column)
        if not read.certain.all():
            missing[position] = ~read.certain
        if position < limits.CORRELATED_COLUMNS and frame.width > 1:
            doubles = _doubles(laid_out, column, read)
            if doubles is not None:
                numeric[position] = doubles
    drawn = sample.draw(frame, hashing.finish_records(records), caps)
    joint = Joint(compare_missing(missing), correlate(numeric))
    return Profile(frame.height, tuple(columns), drawn, joint)


def _doubles(strings: Strings, column: Column, read: Reading) -> Floats | None:
    if isinstance(column.values, Tally):
        return doubles_of_counted(strings, column.values.counts, read.present)
    if read.numbers is None:
        return None
    return doubles_of_read(strings, *read.numbers, read.present)
