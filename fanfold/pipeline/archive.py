"""profile.bin: the merged profile of a run in a versioned format, to be compared with, or folded with another's."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from fanfold.errors import RequestRefused
from fanfold.pipeline.partial import Partial, fold
from fanfold.profile.codec import FORMAT_VERSION
from fanfold.records.layout import Layout
from fanfold.report.rejects import raw_text

_MAGIC = b"fanfold.profile.bin\n"


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """All that a report is made of, but how its run went."""

    format: str = FORMAT_VERSION
    run_id: str
    name: str
    size: int
    layout: dict[str, Any]
    partial: Partial | None
    null_values: tuple[str, ...] | None = None
    """As the run was asked for: the texts that are null in every column."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The labels."""
        return tuple(self.layout["columns"])

    @property
    def encoding(self) -> str:
        """The encoding of the raw texts of its rejects."""
        return str(self.layout["encoding"]).removesuffix("-sig")


def pack_archive(archive: Archive) -> bytes:
    """The archive as bytes, the same for the same archive."""
    return _MAGIC + msgspec.msgpack.encode(archive)


def unpack_archive(data: bytes, name: str) -> Archive:
    """The archive from its bytes; RequestRefused when they are none, or of another version."""
    if not data.startswith(_MAGIC):
        raise RequestRefused(f"{name}: expected a profile.bin, found something else")
    try:
        found = msgspec.msgpack.decode(data[len(_MAGIC) :], type=_Stamp).format
        if found != FORMAT_VERSION:
            raise RequestRefused(f"{name}: found a profile of format {found}, expected {FORMAT_VERSION}: make it anew")
        return msgspec.msgpack.decode(data[len(_MAGIC) :], type=Archive)
    except msgspec.MsgspecError as error:
        raise RequestRefused(f"{name}: a profile.bin that cannot be read: {error}") from error


class _Stamp(msgspec.Struct):
    format: str


def merge_archives(archives: Sequence[Archive], run_id: str) -> Archive:
    """One archive as if the datasets stood one after another; RequestRefused when their columns differ.

    Offsets count through all of them, the headers first.
    """
    first = archives[0]
    for other in archives[1:]:
        if other.columns != first.columns:
            raise RequestRefused(
                f"{other.name} has the columns {list(other.columns)}, {first.name} has {list(first.columns)}: "
                "expected the same ones in the same order"
            )
        if other.null_values != first.null_values:
            raise RequestRefused(
                f"{other.name} was read with the null_values {_listed(other)}, {first.name} with {_listed(first)}: "
                "expected the same ones"
            )
        if other.layout["policy"] != first.layout["policy"]:
            raise RequestRefused(
                f"{other.name} was read with the policy {other.layout['policy']}, {first.name} with "
                f"{first.layout['policy']}: expected the same one"
            )
    partials = [
        _recoded(archive.partial, archive.encoding, first.encoding)
        for archive in archives
        if archive.partial is not None
    ]
    size = sum(archive.size for archive in archives)
    headers = size - sum(partial.owned_bytes for partial in partials)
    return Archive(
        run_id=run_id,
        name=" + ".join(archive.name for archive in archives),
        size=size,
        layout=replace(Layout.from_json(first.layout), data_start=headers, size=size).to_json(),
        partial=fold(list(_in_a_row(partials, headers))) if partials else None,
        null_values=first.null_values,
    )


def _recoded(partial: Partial, encoding: str, wanted: str) -> Partial:
    """The partial with its rejects in another encoding: one report tells of them all."""
    if encoding == wanted:
        return partial
    rejects = tuple(
        msgspec.structs.replace(reject, text=raw_text(reject.text, encoding).encode(wanted, "backslashreplace"))
        for reject in partial.rejects
    )
    return msgspec.structs.replace(partial, rejects=rejects)


def _listed(archive: Archive) -> str:
    return "that are the default" if archive.null_values is None else f"{list(archive.null_values)}"


def _in_a_row(partials: Iterable[Partial], start: int) -> Iterator[Partial]:
    for partial in partials:
        moved = _moved(partial, start)
        yield moved
        start = moved.stop


def _moved(partial: Partial, start: int) -> Partial:
    """The same records, the first of them at another place."""
    by = start - partial.start
    rejects = tuple(msgspec.structs.replace(reject, offset=reject.offset + by) for reject in partial.rejects)
    return msgspec.structs.replace(partial, start=start, stop=partial.stop + by, rejects=rejects)
