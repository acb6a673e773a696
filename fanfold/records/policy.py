"""What becomes of records that are not as the header promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fanfold import limits

SHORT_RECORDS = ("reject", "pad")
LONG_RECORDS = ("reject", "keep_extra")

EXTRA = "_extra"
"""The label of the column that takes what is beyond the others, as raw text."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`short_records`: "reject", or "pad" with empty fields; a blank line is a reject all the same.

    `long_records`: "reject", or "keep_extra": everything behind the last column's delimiter is the value, verbatim, of
    one more column. `record_bytes_max`: a longer record is a reject.
    """

    short_records: str = "reject"
    long_records: str = "reject"
    record_bytes_max: int = limits.RECORD_BYTES_MAX

    @property
    def pads(self) -> bool:
        """Tell whether short records are completed."""
        return self.short_records == "pad"

    @property
    def keeps_extra(self) -> bool:
        """Tell whether there is a column for what is beyond the others."""
        return self.long_records == "keep_extra"

    def to_json(self) -> dict[str, Any]:
        """Give the report's form of it."""
        return {
            "short_records": self.short_records,
            "long_records": self.long_records,
            "record_bytes_max": self.record_bytes_max,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Policy":
        """Read what `to_json` wrote."""
        return cls(**document)


DEFAULT_POLICY = Policy()
