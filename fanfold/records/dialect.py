"""How a dataset writes its fields and records down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialect:
    r"""The delimiter, quoting and newline of a dataset.

    `escape` is "doubled" (a quote inside a quoted field is written twice), "backslash" (it takes the meaning from the
    character after it, quotes or not) or None where nothing is quoted. `delimiter` has one character or several.
    `newline` "\n" and "\r\n" read alike: a record ends at a line feed, and one carriage return right before it
    belongs to the newline. With "\r" a record ends at a carriage return.
    """

    delimiter: str
    quote: str | None
    escape: str | None
    newline: str
    header: bool

    def to_json(self) -> dict[str, Any]:
        """Give the report's form of it."""
        return {
            "delimiter": self.delimiter,
            "quote": self.quote,
            "escape": self.escape,
            "newline": self.newline,
            "header": self.header,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Dialect":
        """Read what `to_json` wrote."""
        return cls(**{key: document[key] for key in ("delimiter", "quote", "escape", "newline", "header")})


@dataclass(frozen=True, slots=True)
class Detection:
    """How the dialect was come by.

    `header_rows`: records whose labels, joined, name the columns. `skipped_lines`: lines before them that are no part
    of the table. `confidence`: how clear the evidence was, 0 to 1. `detected`: what was not given but found out.
    """

    header_rows: int = 0
    skipped_lines: int = 0
    confidence: float = 1.0
    detected: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the report's form of it."""
        return {
            "header_rows": self.header_rows,
            "skipped_lines": self.skipped_lines,
            "confidence": self.confidence,
            "detected": list(self.detected),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Detection":
        """Read what `to_json` wrote."""
        return cls(**{**document, "detected": tuple(document["detected"])})


GIVEN = Detection()
"""Nothing was left to find out."""
