"""report.json: the document as canonical bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping

import msgspec

from fanfold.errors import PipelineFault
from fanfold.report.contract import DOCUMENT, Order

_LEAVES = (str, int, float, type(None))


def to_json(document: Mapping[str, object]) -> bytes:
    """Canonical bytes: the contract's key order, UTF-8, two spaces of indent, a newline at the end.

    A lone surrogate, which UTF-8 cannot hold, becomes its JSON escape. Raises PipelineFault, naming the place, for a
    figure that JSON cannot hold (NaN, an infinity).
    """
    try:
        return to_text(_ordered(document, DOCUMENT))
    except ValueError as error:
        places = ", ".join(_not_finite(document, "report")) or str(error)
        raise PipelineFault(f"found a figure that JSON cannot hold, expected finite numbers: {places}") from error


def to_text(document: object) -> bytes:
    """Any document as the same kind of bytes, its keys in the order they have."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        # Python indents in Python: of a wide dataset that takes four times as long as to write it and lay it out anew.
        return msgspec.json.format(text.encode(), indent=2) + b"\n"
    except UnicodeEncodeError:
        text = json.dumps(document, ensure_ascii=False, indent=2)
        # Python's backslash escape of a surrogate is JSON's too, and surrogates occur inside of strings only.
        return (text + "\n").encode("utf-8", "backslashreplace")


def _ordered(value: object, order: Order) -> object:
    if isinstance(value, _LEAVES):
        return value  # nearly everything
    if isinstance(value, Mapping):
        keys = [key for key in order if key in value] + sorted(value.keys() - order.keys())
        return {key: _ordered(value[key], order.get(key, {})) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(item, order) for item in value]
    return value


def _not_finite(value: object, place: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _not_finite(item, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _not_finite(item, f"{place}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{place} is {value}"
