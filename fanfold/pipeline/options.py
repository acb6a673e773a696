"""What a request may ask for, and the checks that turn a bad wish into a message that names it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.formats import FORMATS
from fanfold.pipeline.messages import Message, Terms, from_wire
from fanfold.pipeline.terms import COLLECT_ALL, check_on_failure, tolerated
from fanfold.processors.grouping import read_grouping
from fanfold.processors.loading import check_names, chosen
from fanfold.records.policy import LONG_RECORDS, SHORT_RECORDS, Policy
from fanfold.records.wishes import DialectOptions, check_choice, check_options, check_range
from fanfold.schema.rules import check_descriptor

NO_BASELINE = "none"
_GROUP_BY = "group_by"
_BLOB = re.compile(r"[^/]+/.+")
_RUN_ID = re.compile(r"[a-z0-9-]{1,57}")
_PERCENT = re.compile(r"^(100|[0-9]{1,2}(\.[0-9]{1,6})?) ?%$")


class Options(Message, frozen=True):
    """What a request may ask for; None leaves the choice to us. An empty quote means that nothing is quoted."""

    # How the dataset is read
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    newline: str | None = None
    header: bool | int | None = None
    skip_lines: int | None = None
    encoding: str | None = None
    short_records: str | None = None
    long_records: str | None = None
    record_bytes_max: int | None = None

    # How its values are read
    null_values: tuple[str, ...] | None = None
    """Texts that are null in every column, and then no others are."""

    # What is written beside the report
    emit: str | None = None

    # What the records have to keep
    schema: dict[str, Any] | str | None = None
    """A Table Schema, or where it is: `<container>/<blob>`."""
    schema_tolerance: int | str = 0
    """Records that may break a rule before the verdict is `fail`: a count, or a percentage such as "0.5%"."""

    # What it is compared with
    baseline: str | None = None
    """Id of a run of the same blob; `none` for no comparison. None: the last completed one."""

    # How the run is carried out
    chunk_bytes: int | None = None
    max_concurrency: int | None = None
    tolerated_failures: int | str | None = None
    """Chunks that may fail for good: a number of them, or a text such as "5%"."""
    on_failure: str | None = None
    """fail_fast or collect_all."""
    chunk_deadline_s: int | None = None
    deadline_s: int | None = None

    # What is made besides the profile
    processors: tuple[str, ...] | None = None
    group_by: dict[str, Any] | None = None
    processor_options: dict[str, dict[str, Any]] | None = None

    @property
    def processor_choice(self) -> dict[str, dict[str, Any]]:
        """The processors to run, each with its options."""
        given = {**(self.processor_options or {}), **({} if self.group_by is None else {_GROUP_BY: self.group_by})}
        return {name: given.get(name, {}) for name in chosen(self.processors)}

    @property
    def dialect(self) -> DialectOptions:
        """What is wished of the dialect."""
        return DialectOptions(
            delimiter=self.delimiter,
            quote=self.quote,
            escape=self.escape,
            newline=self.newline,
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

    def terms(self, chunks: int) -> Terms:
        """What is wished of a run of so many chunks."""
        return Terms(
            max_concurrency=self.max_concurrency or limits.CONCURRENCY_DEFAULT,
            tolerated=tolerated(self.tolerated_failures, chunks),
            fail_fast=self.on_failure != COLLECT_ALL,
            chunk_deadline_s=self.chunk_deadline_s or limits.CHUNK_DEADLINE_S,
            deadline_s=self.deadline_s or limits.RUN_DEADLINE_S,
        )


def read_options(wire: object) -> Options:
    """The options of a request, each checked; RequestRefused names the one that is wrong."""
    if not isinstance(wire, dict):
        raise RequestRefused(f"options: expected a JSON object, found {wire!r}")
    unknown = sorted(wire.keys() - set(Options.__struct_fields__))
    if unknown:
        raise RequestRefused(f"options.{unknown[0]}: expected one of {', '.join(Options.__struct_fields__)}")
    _check_fits(wire)
    options = from_wire(wire, Options, "options")
    check_options(options.dialect)
    check_choice("short_records", options.short_records, SHORT_RECORDS)
    check_choice("long_records", options.long_records, LONG_RECORDS)
    check_range("record_bytes_max", options.record_bytes_max, 1, limits.RECORD_BYTES_MAX_ASKED)
    _check_null_values(options.null_values or ())
    check_range("chunk_bytes", options.chunk_bytes, limits.CHUNK_BYTES_MIN, limits.CHUNK_BYTES_MAX)
    check_range("max_concurrency", options.max_concurrency, 1, limits.CONCURRENCY_MAX)
    check_range("chunk_deadline_s", options.chunk_deadline_s, 1, limits.DEADLINE_MAX_S)
    check_range("deadline_s", options.deadline_s, 1, limits.DEADLINE_MAX_S)
    check_on_failure(options.on_failure)
    tolerated(options.tolerated_failures, 0)
    check_choice("emit", options.emit, tuple(sorted(FORMATS)))
    _check_processors(options)
    _check_schema(options)
    _check_baseline(options)
    return options


def _check_fits(wire: Mapping[str, Any]) -> None:
    """RequestRefused for text that JSON can escape, and that no message can carry."""
    for name, value in wire.items():
        try:
            msgspec.json.encode(value)
        except UnicodeEncodeError as error:
            raise RequestRefused(f"options.{name}: expected Unicode, found half a surrogate pair: {error}") from error


def _check_null_values(texts: Sequence[str]) -> None:
    if len(texts) > limits.NULL_VALUES_MAX:
        raise RequestRefused(f"options.null_values: expected at most {limits.NULL_VALUES_MAX}, found {len(texts)}")
    for text in texts:
        if len(text.encode()) > limits.NULL_VALUE_BYTES_MAX:
            raise RequestRefused(
                f"options.null_values: expected texts of at most {limits.NULL_VALUE_BYTES_MAX} bytes, found {text!r}"
            )


def _check_processors(options: Options) -> None:
    names = options.processors or ()
    check_names(names)
    if options.group_by is not None and _GROUP_BY in (options.processor_options or {}):
        raise RequestRefused("options.group_by: the same is in options.processor_options; expected one of them")
    idle = [name for name in (options.processor_options or {}) if name not in names]
    if options.group_by is not None and _GROUP_BY not in names:
        raise RequestRefused('options.group_by: expected "group_by" among options.processors, too')
    if idle:
        raise RequestRefused(f"options.processor_options: {idle[0]!r} is not among options.processors")
    size = len(json.dumps(options.processor_choice))
    if size > limits.PROCESSOR_OPTIONS_BYTES_MAX:
        raise RequestRefused(
            f"options.processor_options: {size} bytes of JSON; expected at most {limits.PROCESSOR_OPTIONS_BYTES_MAX}"
        )
    _check_grouping(options)


def _check_grouping(options: Options) -> None:
    wanted = options.processor_choice.get(_GROUP_BY)
    if wanted is None:
        return
    try:
        read_grouping(wanted)
    except ValueError as error:
        raise RequestRefused(f"options.{_GROUP_BY}: {error}") from error


def _check_schema(options: Options) -> None:
    if isinstance(options.schema, dict):
        check_descriptor(options.schema)
    elif options.schema is not None and not _BLOB.fullmatch(options.schema):
        raise RequestRefused(f"options.schema: expected a Table Schema or <container>/<blob>, found {options.schema!r}")
    tolerance = options.schema_tolerance
    if (isinstance(tolerance, int) and tolerance < 0) or (isinstance(tolerance, str) and not _PERCENT.match(tolerance)):
        raise RequestRefused(
            f'options.schema_tolerance: expected a count or a percentage such as "0.5%", found {tolerance!r}'
        )


def _check_baseline(options: Options) -> None:
    if options.baseline is not None and not _RUN_ID.fullmatch(options.baseline):
        raise RequestRefused(f"options.baseline: expected the id of a run, or none, found {options.baseline!r}")
