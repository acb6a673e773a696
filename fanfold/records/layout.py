"""What must be known of a dataset to read any part of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fanfold.records.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Layout:
    """The dialect, the columns, and where the records begin.

    `columns` are unique and never blank; `encoding` is "utf-8" or "utf-8-sig" (a byte order mark comes first);
    `data_start` is the byte offset of the first data record; `size` is the dataset's length in bytes.
    """

    dialect: Dialect
    encoding: str
    columns: tuple[str, ...]
    data_start: int
    size: int

    def to_json(self) -> dict[str, Any]:
        """Give a JSON-ready form of it."""
        return {
            "dialect": self.dialect.to_json(),
            "encoding": self.encoding,
            "columns": list(self.columns),
            "data_start": self.data_start,
            "size": self.size,
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
        )
