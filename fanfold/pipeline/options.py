"""What a request may ask for, and the checks that turn a bad wish into a message that names it."""

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.formats import FORMATS
from fanfold.pipeline.messages import Message, from_wire
from fanfold.records.inspection import DialectOptions, check_options


class Options(Message, frozen=True):
    """What a request may ask for; None leaves the choice to us. An empty quote means that nothing is quoted."""

    # How the dataset is read
    delimiter: str | None = None
    quote: str | None = None
    header: bool | None = None

    # What is written beside the report
    emit: str | None = None

    # How the run is carried out
    chunk_bytes: int | None = None

    @property
    def dialect(self) -> DialectOptions:
        """What is wished of the dialect."""
        return DialectOptions(delimiter=self.delimiter, quote=self.quote, header=self.header)


def read_options(wire: object) -> Options:
    """The options of a request, each checked; RequestRefused names the one that is wrong."""
    if not isinstance(wire, dict):
        raise RequestRefused(f"options: expected a JSON object, found {wire!r}")
    options = from_wire(wire, Options)
    check_options(options.dialect)
    _check_chunk_bytes(options.chunk_bytes)
    _check_emit(options.emit)
    return options


def _check_chunk_bytes(size: int | None) -> None:
    if size is not None and not limits.CHUNK_BYTES_MIN <= size <= limits.CHUNK_BYTES_MAX:
        raise RequestRefused(
            f"options.chunk_bytes: expected {limits.CHUNK_BYTES_MIN} to {limits.CHUNK_BYTES_MAX}, found {size}"
        )


def _check_emit(emit: str | None) -> None:
    if emit is not None and emit not in FORMATS:
        raise RequestRefused(f"options.emit: expected one of {', '.join(sorted(FORMATS))}, found {emit!r}")
