"""What a request says of the dialect, and the checks that refuse by name what no grammar can be made of."""

from dataclasses import dataclass, fields, replace

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.records.encoding import ENCODINGS, known_name

ESCAPES = ("doubled", "backslash")
NEWLINES = ("\n", "\r\n", "\r")


@dataclass(frozen=True, slots=True)
class DialectOptions:
    """What the request says of the dialect; None: find out. An empty quote means that nothing is quoted.

    `header` may also be the number of its rows; `skip_lines` are lines before it that are no part of the table.
    """

    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    newline: str | None = None
    header: bool | int | None = None
    skip_lines: int | None = None
    encoding: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of what is left to find out."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is None)


def checked(options: DialectOptions) -> DialectOptions:
    """Give the options with the encoding's own name; raise RequestRefused for what no grammar can be made of."""
    check_options(options)
    return options if options.encoding is None else replace(options, encoding=known_name(options.encoding))


def check_options(options: DialectOptions) -> None:
    """Raise RequestRefused for what no grammar can be made of."""
    _check_quote(options.quote)
    _check_delimiter(options)
    check_choice("escape", options.escape, ESCAPES)
    _check_newline(options.newline)
    _check_encoding(options.encoding)
    check_range("header", options.header, 0, limits.HEADER_ROWS_MAX)
    check_range("skip_lines", options.skip_lines, 0, limits.PREAMBLE_LINES_MAX)


def _check_quote(quote: str | None) -> None:
    if quote and not (len(quote) == 1 and quote.isascii() and quote not in "\r\n\0\\"):
        raise RequestRefused(f"options.quote: expected one ASCII character, not a backslash, found {quote!r}")


def _check_delimiter(options: DialectOptions) -> None:
    delimiter, quote = options.delimiter, '"' if options.quote is None else options.quote
    if delimiter is None:
        return
    size = len(delimiter)
    if not (0 < size <= limits.DELIMITER_CHARACTERS_MAX and delimiter.isascii() and not set(delimiter) & set("\r\n\0")):
        raise RequestRefused(
            f"options.delimiter: expected 1 to {limits.DELIMITER_CHARACTERS_MAX} ASCII characters of one line, "
            f"found {delimiter!r}"
        )
    if quote and quote in delimiter:
        raise RequestRefused(f"options.delimiter: {delimiter!r} contains the quote {quote!r}")
    if "\\" in delimiter and options.escape != "doubled":
        raise RequestRefused(
            f'options.delimiter: {delimiter!r} contains a backslash, expected options.escape to be "doubled" then'
        )


def _check_newline(newline: str | None) -> None:
    if newline is not None and newline not in NEWLINES:
        raise RequestRefused(f"options.newline: expected one of {', '.join(map(repr, NEWLINES))}, found {newline!r}")


def _check_encoding(encoding: str | None) -> None:
    if encoding is not None and known_name(encoding) is None:
        raise RequestRefused(f"options.encoding: expected one of {', '.join(ENCODINGS)}, found {encoding!r}")


def check_choice(name: str, found: str | None, expected: tuple[str, ...]) -> None:
    """RequestRefused when an option is given and none of those."""
    if found is not None and found not in expected:
        raise RequestRefused(f"options.{name}: expected one of {', '.join(expected)}, found {found!r}")


def check_range(name: str, found: int | None, least: int, most: int) -> None:
    """RequestRefused when an option is given and out of its range."""
    if found is not None and not least <= found <= most:
        raise RequestRefused(f"options.{name}: expected {least} to {most}, found {found}")
