"""Names for the array types that run through the profile."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Counts = NDArray[np.int64]
Ints = NDArray[np.int64]
Narrow = NDArray[np.integer[Any]]
"""Counts of the smallest unsigned type that holds them all: at rest, many of them are kept."""
Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]
"""Eight bytes of text each, little-endian: the first byte is the lowest."""
