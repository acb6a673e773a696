"""Checks of the terms that a request wishes its run to be carried out on."""

import re
from decimal import Decimal

from fanfold import limits
from fanfold.errors import RequestRefused

FAIL_FAST = "fail_fast"
COLLECT_ALL = "collect_all"

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%")


def check_on_failure(found: str | None) -> None:
    """RequestRefused when it is neither of the two ways."""
    if found not in {None, FAIL_FAST, COLLECT_ALL}:
        raise RequestRefused(f"options.on_failure: expected {FAIL_FAST} or {COLLECT_ALL}, found {found!r}")


def tolerated(wish: int | str | None, chunks: int) -> int:
    """How many of so many chunks may fail; a percentage is rounded down. RequestRefused when it is neither."""
    if wish is None:
        return 0
    if isinstance(wish, int) and 0 <= wish <= limits.CHUNKS_MAX:
        return wish
    percent = _PERCENT.fullmatch(wish) if isinstance(wish, str) else None
    if percent is None or Decimal(percent[1]) > 100:
        raise RequestRefused(
            f'options.tolerated_failures: expected a number of chunks, or a percentage such as "5%", found {wish!r}'
        )
    return int(Decimal(percent[1]) * chunks / 100)


def asked_deadline_s(options: object) -> int:
    """Within how many seconds a run whose options nobody has checked yet has to end: a wrong wish is refused later."""
    asked = options.get("deadline_s") if isinstance(options, dict) else None
    valid = isinstance(asked, int) and 1 <= asked <= limits.DEADLINE_MAX_S
    return asked if valid and asked is not None else limits.RUN_DEADLINE_S
