"""What a request may ask for, and the checks that turn a bad wish into a message that names it."""

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.messages import Message, from_wire
from fanfold.records.policy import LONG_RECORDS, SHORT_RECORDS, Policy
from fanfold.records.wishes import DialectOptions, check_options


class Options(Message, frozen=True):
    """What a request may ask for; None leaves the choice to us. An empty quote means that nothing is quoted."""

    # How the dataset is read
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header: bool | int | None = None
    skip_lines: int | None = None
    encoding: str | None = None
    short_records: str | None = None
    long_records: str | None = None
    record_bytes_max: int | None = None

    # How the run is carried out
    chunk_bytes: int | None = None

    @property
    def dialect(self) -> DialectOptions:
        """What is wished of the dialect."""
        return DialectOptions(
            delimiter=self.delimiter,
            quote=self.quote,
            escape=self.escape,
            header=self.header,
            skip_lines=self.skip_lines,
            encoding=self.encoding,
        )

    @property
    def policy(self) -> Policy:
        """What becomes of records that are not as the header promises."""
        return Policy(
            short_records=self.short_records or SHORT_RECORDS[0],
            long_records=self.long_records or LONG_RECORDS[0],
            record_bytes_max=self.record_bytes_max or limits.RECORD_BYTES_MAX,
        )


def read_options(wire: object) -> Options:
    """The options of a request, each checked; RequestRefused names the one that is wrong."""
    if not isinstance(wire, dict):
        raise RequestRefused(f"options: expected a JSON object, found {wire!r}")
    options = from_wire(wire, Options)
    check_options(options.dialect)
    _check_choice("short_records", options.short_records, SHORT_RECORDS)
    _check_choice("long_records", options.long_records, LONG_RECORDS)
    _check_record_bytes(options.record_bytes_max)
    _check_chunk_bytes(options.chunk_bytes)
    return options


def _check_choice(name: str, found: str | None, expected: tuple[str, ...]) -> None:
    if found is not None and found not in expected:
        raise RequestRefused(f"options.{name}: expected one of {', '.join(expected)}, found {found!r}")


def _check_record_bytes(size: int | None) -> None:
    if size is not None and not 1 <= size <= limits.RECORD_BYTES_MAX_ASKED:
        raise RequestRefused(f"options.record_bytes_max: expected 1 to {limits.RECORD_BYTES_MAX_ASKED}, found {size}")


def _check_chunk_bytes(size: int | None) -> None:
    if size is not None and not limits.CHUNK_BYTES_MIN <= size <= limits.CHUNK_BYTES_MAX:
        raise RequestRefused(
            f"options.chunk_bytes: expected {limits.CHUNK_BYTES_MIN} to {limits.CHUNK_BYTES_MAX}, found {size}"
        )
