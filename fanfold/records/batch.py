"""What reading yields: a table of accepted records, and the rejects among them."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be read as the header promises.

    `offset` is its first byte in the dataset, `ordinal` its 0-based place among all records and rejects of one
    `RecordReader.batches()` call, `text` its raw bytes without the closing newline, cut to the stated limit.
    """

    offset: int
    ordinal: int
    reason: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive records: every byte of [start, stop) is in exactly one record or reject.

    `frame` has one String column per column of the layout, named "0", "1", ... by position, without nulls.
    `rejects` may be cut at a limit, `rejected` and `reasons` (reason -> count) are always exact.
    `padded` and `extended` count accepted records that had too few fields, or too many, as the policy allows.
    `proven` says that the proof of the fast path held; the exact path reads the same, slower.
    """

    frame: pl.DataFrame
    start: int
    stop: int
    rejects: tuple[Reject, ...]
    reasons: Mapping[str, int]
    rejected: int
    proven: bool
    padded: int = 0
    extended: int = 0


def empty_frame(columns: int) -> pl.DataFrame:
    """The frame of a batch without accepted records."""
    return pl.DataFrame(schema={str(column): pl.String for column in range(columns)})
