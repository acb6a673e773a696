"""What a request may ask for, and the checks that turn a bad wish into a message that names it."""

from collections.abc import Sequence

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.messages import Message, from_wire
from fanfold.records.inspection import DialectOptions, check_options


class Options(Message, frozen=True):
    """What a request may ask for; None leaves the choice to us. An empty quote means that nothing is quoted."""

    # How the dataset is read
    delimiter: str | None = None
    quote: str | None = None
    header: bool | None = None

    # How its values are read
    null_values: tuple[str, ...] | None = None
    """Texts that are null in every column, and then no others are."""

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
    _check_null_values(options.null_values or ())
    _check_chunk_bytes(options.chunk_bytes)
    return options


def _check_null_values(texts: Sequence[str]) -> None:
    if len(texts) > limits.NULL_VALUES_MAX:
        raise RequestRefused(f"options.null_values: expected at most {limits.NULL_VALUES_MAX}, found {len(texts)}")
    for text in texts:
        if len(text.encode("utf-8", "replace")) > limits.NULL_VALUE_BYTES_MAX or not _is_unicode(text):
            raise RequestRefused(
                f"options.null_values: expected texts of at most {limits.NULL_VALUE_BYTES_MAX} bytes, found {text!r}"
            )


def _is_unicode(text: str) -> bool:
    """Whether a dataset may hold the text: JSON may carry half a surrogate pair, no encoding does."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _check_chunk_bytes(size: int | None) -> None:
    if size is not None and not limits.CHUNK_BYTES_MIN <= size <= limits.CHUNK_BYTES_MAX:
        raise RequestRefused(
            f"options.chunk_bytes: expected {limits.CHUNK_BYTES_MIN} to {limits.CHUNK_BYTES_MAX}, found {size}"
        )
