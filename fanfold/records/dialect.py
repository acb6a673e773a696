"""How a dataset writes its fields and records down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialect:
    r"""The delimiter, quoting and newline of a dataset.

    `escape` is "doubled" (a quote inside a quoted field is written twice) or None where nothing is quoted.
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
