"""Buckets of few numbers and of many are filled in two ways: what is in them is the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.profile import buckets

NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)


@given(st.lists(st.tuples(NUMBERS, st.integers(1, 2**40)), min_size=1, max_size=30), st.booleans())
def test_few_numbers_are_in_the_buckets_that_they_would_be_in_among_many(
    counted: list[tuple[float, int]], weighted: bool
) -> None:
    values = np.array([number for number, _ in counted])
    counts = np.array([count for _, count in counted], np.int64) if weighted else None
    few = buckets.fill(values, counts)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(buckets, "_SORTED", 0)
        many = buckets.fill(values, counts)
    assert (few.keys.tolist(), few.counts.tolist()) == (many.keys.tolist(), many.counts.tolist())
    assert (few.keys.dtype, few.counts.dtype) == (many.keys.dtype, many.counts.dtype)
