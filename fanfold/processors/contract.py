"""What a processor is: three functions that obey the laws of a fold.

``merge`` is associative, and the partial of no records changes nothing. Then the section is the same however the
dataset was cut; ``fanfold.testing.check_processor`` says whether it is so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # takes half a second to import, and few runs need it
    import pandas as pd

Json = Any
"""Whatever JSON holds: dicts with text keys, lists, texts, numbers of any size, booleans, None."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where the records of a frame come from.

    ``columns`` are all labels of the dataset; ``options`` those that the run was given for this processor; the frame
    holds the records that start in the bytes [start, stop) of the dataset. A chunk may come in several frames.
    """

    columns: tuple[str, ...]
    start: int = 0
    stop: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


class Processor(Protocol):
    """A module, or any object, with these three functions. What they raise becomes the error of their section."""

    def process(self, frame: pd.DataFrame, chunk: Chunk) -> Json:
        """The partial of some records: one row each, one column of texts per label, as they are written in the file.

        An empty field is an empty text. The frame may have no rows.
        """

    def merge(self, a: Json, b: Json) -> Json:
        """The partial of the records of ``a``, followed by those of ``b``."""

    def report(self, total: Json) -> Json:
        """The section: ``title``, and any of ``text``, ``figures`` (label -> value), ``tables``.

        A table has ``columns`` (labels), ``rows`` (lists of values), and, if it likes, a ``title``.
        """
