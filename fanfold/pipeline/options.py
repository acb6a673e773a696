"""What a request may ask for, and the checks that turn a bad wish into a message that names it."""

import re
from decimal import Decimal

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.messages import Message, Terms, from_wire
from fanfold.records.inspection import DialectOptions, check_options

FAIL_FAST = "fail_fast"
COLLECT_ALL = "collect_all"

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%")


class Options(Message, frozen=True):
    """What a request may ask for; None leaves the choice to us. An empty quote means that nothing is quoted."""

    # How the dataset is read
    delimiter: str | None = None
    quote: str | None = None
    header: bool | None = None

    # How the run is carried out
    chunk_bytes: int | None = None
    max_concurrency: int | None = None
    tolerated_failures: int | str | None = None
    """Chunks that may fail for good: a number of them, or a text such as "5%"."""
    on_failure: str | None = None
    """fail_fast or collect_all."""
    chunk_deadline_s: int | None = None
    deadline_s: int | None = None

    @property
    def dialect(self) -> DialectOptions:
        """What is wished of the dialect."""
        return DialectOptions(delimiter=self.delimiter, quote=self.quote, header=self.header)

    def terms(self, chunks: int) -> Terms:
        """What is wished of a run of so many chunks."""
        return Terms(
            max_concurrency=self.max_concurrency or limits.CONCURRENCY_DEFAULT,
            tolerated=_tolerated(self.tolerated_failures, chunks),
            fail_fast=self.on_failure != COLLECT_ALL,
            chunk_deadline_s=self.chunk_deadline_s or limits.CHUNK_DEADLINE_S,
            deadline_s=self.deadline_s or limits.RUN_DEADLINE_S,
        )


def read_options(wire: object) -> Options:
    """The options of a request, each checked; RequestRefused names the one that is wrong."""
    if not isinstance(wire, dict):
        raise RequestRefused(f"options: expected a JSON object, found {wire!r}")
    options = from_wire(wire, Options)
    check_options(options.dialect)
    _check_range("chunk_bytes", options.chunk_bytes, limits.CHUNK_BYTES_MIN, limits.CHUNK_BYTES_MAX)
    _check_range("max_concurrency", options.max_concurrency, 1, limits.CONCURRENCY_MAX)
    _check_range("chunk_deadline_s", options.chunk_deadline_s, 1, limits.DEADLINE_MAX_S)
    _check_range("deadline_s", options.deadline_s, 1, limits.DEADLINE_MAX_S)
    _check_on_failure(options.on_failure)
    _tolerated(options.tolerated_failures, 0)
    return options


def _check_range(name: str, found: int | None, least: int, most: int) -> None:
    if found is not None and not least <= found <= most:
        raise RequestRefused(f"options.{name}: expected {least} to {most}, found {found}")


def _check_on_failure(found: str | None) -> None:
    if found not in {None, FAIL_FAST, COLLECT_ALL}:
        raise RequestRefused(f"options.on_failure: expected {FAIL_FAST} or {COLLECT_ALL}, found {found!r}")


def _tolerated(wish: int | str | None, chunks: int) -> int:
    """How many of so many chunks may fail; a percentage is rounded down."""
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
