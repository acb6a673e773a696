"""A frame of records -> its profile."""

import numpy as np
import polars as pl

from fanfold.profile import hashing, sample, strings
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.column import profile_column
from fanfold.profile.model import Column, Profile
from fanfold.profile.nulls import NULLS, Nulls


def profile_frame(frame: pl.DataFrame, caps: Caps = CAPS, nulls: Nulls = NULLS) -> Profile:
    """Profile records: columns of String named "0", "1", ... by position, without nulls; an empty text is no value.

    Profiles can only be merged when they were made with the same ``nulls``.
    """
    records = np.zeros(frame.height, np.uint64)
    columns: list[Column] = []
    for position, series in enumerate(frame.get_columns()):
        laid_out = strings.of(series)
        hashes = hashing.hash_values(laid_out)
        hashing.combine(records, position, hashes)
        columns.append(profile_column(laid_out, hashes, caps, nulls))
    drawn = sample.draw(frame, hashing.finish_records(records), caps.records)
    return Profile(frame.height, tuple(columns), drawn)
