"""What must be known of a dataset to read any part of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fanfold.records.dialect import GIVEN, Detection, Dialect
from fanfold.records.policy import DEFAULT_POLICY, Policy


@dataclass(frozen=True, slots=True)
class Layout:
    """The dialect, the columns, and where the records begin.

    `columns` are unique and never blank; `encoding` is a name of fanfold.records.codec; `data_start` is the byte offset
    of the first data record; `size` is the dataset's length in bytes. Where the policy keeps what is beyond the
    columns, the last column is the one for it.
    """

    dialect: Dialect
    encoding: str
    columns: tuple[str, ...]
    data_start: int
    size: int
    policy: Policy = DEFAULT_POLICY
    detection: Detection = GIVEN

    def to_json(self) -> dict[str, Any]:
        """Give a JSON-ready form of it."""
        return {
            "dialect": self.dialect.to_json(),
            "encoding": self.encoding,
            "columns": list(self.columns),
            "data_start": self.data_start,
            "size": self.size,
            "policy": self.policy.to_json(),
            "detection": self.detection.to_json(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Layout":
        """Read what `to_json` wrote."""
        return cls(
            dialect=Dialect.from_json(document["dialect"]),
            encoding=document["encoding"],
            columns=tuple(document["columns"]),
            data_start=document["data_start"],
            size=document["size"],
            policy=Policy.from_json(document["policy"]),
            detection=Detection.from_json(document["detection"]),
        )
