"""The sizes a profile is kept within, injectable so that tests reach every mode with few values."""

from dataclasses import dataclass

from fanfold import limits


@dataclass(frozen=True, slots=True)
class Caps:
    """Profiles can only be merged when they were made under the same caps."""

    exact_values: int = limits.EXACT_VALUES_MAX
    hashes: int = limits.KMV_HASHES
    table_width: int = limits.COUNT_TABLE_WIDTH
    """A power of two, at most 65,536."""
    records: int = limits.SAMPLE_RECORDS
    """At most as many as ``hashes``."""


CAPS = Caps()
