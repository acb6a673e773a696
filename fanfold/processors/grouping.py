"""What the processor `group_by` is asked for; apart from it, so that a request can be checked without pandas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BY_MAX = 3
_FORM = "expected {by: [1 to 3 labels], of: [labels]}"


@dataclass(frozen=True, slots=True)
class Grouping:
    """Labels of the columns to group by, and of those to sum up."""

    by: tuple[str, ...]
    of: tuple[str, ...]


def read_grouping(options: Mapping[str, Any]) -> Grouping:
    """ValueError for options of another form."""
    by, of = (_labels(options, key) for key in ("by", "of"))
    if options.keys() - {"by", "of"} or not 1 <= len(by) <= _BY_MAX:
        raise ValueError(f"found {dict(options)}; {_FORM}")
    return Grouping(by, of)


def _labels(options: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = options.get(key, [])
    found = [found] if isinstance(found, str) else found
    if not isinstance(found, list) or not all(isinstance(label, str) for label in found):
        raise ValueError(f"found {key} = {found!r}; {_FORM}")
    return tuple(dict.fromkeys(found))
