"""Requests from outside, read with suspicion: what they name, and what they wish."""

import hashlib
import unicodedata
from collections import Counter
from typing import Any

import msgspec

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.identity import run_id, slug
from fanfold.pipeline.messages import DatasetVersion, Failure, Message, Refusal, from_wire
from fanfold.pipeline.options import read_options
from fanfold.pipeline.several import check_several

_WAYS = ("blob", "blobs", "prefix")


class Reference(Message, frozen=True):
    """A request that names datasets by where they are: a message of the queue `requests`, or the body of a POST.

    One of `blob`, `blobs` and `prefix` is given; the last two ask for one run of several. Without options, those of the
    metadata of a single blob count; several have those of the request alone.
    """

    blob: str | None = None
    blobs: tuple[str, ...] | None = None
    prefix: str | None = None
    name: str | None = None
    """What the report of several is called."""
    container: str | None = None
    options: dict[str, Any] | None = None


def read_reference(data: bytes, usual: str, others: tuple[str, ...] = ()) -> Reference:
    """The request, checked, its container filled in; RequestRefused says what is wrong with it, and where.

    A container has to be the usual one, or one of the others that the operator allows.
    """
    wire = read_json(data)
    if not isinstance(wire, dict):
        raise RequestRefused("request: expected a JSON object with a blob, a container and options")
    reference = from_wire(wire, Reference, "request")
    container = usual if reference.container is None else reference.container
    check_container(container, (usual, *others))
    _check_names(reference)
    options = read_options(reference.options or {})
    if reference.blob is None:
        check_several(options)
    return msgspec.structs.replace(reference, container=container)


def _check_names(reference: Reference) -> None:
    """One way of naming datasets, and every name a blob's."""
    ways = [way for way in _WAYS if getattr(reference, way) is not None]
    if len(ways) != 1:
        raise RequestRefused(
            f"request: found {' and '.join(ways) or 'none'} of {', '.join(_WAYS)}; expected one of them"
        )
    if reference.blob is not None:
        check_blob(reference.blob)
        if reference.name is not None:
            raise RequestRefused("name: the report of one blob is named after it; expected it with blobs or a prefix")
    for blob in reference.blobs or ():
        check_blob(blob)
    _check_count(reference.blobs)
    if reference.prefix is not None:
        _check_prefix(reference.prefix)
    if reference.name is not None:
        check_blob(reference.name)


def _check_count(blobs: tuple[str, ...] | None) -> None:
    if blobs is None:
        return
    if not 1 <= len(blobs) <= limits.DATASETS_MAX:
        raise RequestRefused(f"blobs: {len(blobs)} of them; expected 1 to {limits.DATASETS_MAX}")
    twice = [blob for blob, count in Counter(blobs).items() if count > 1]
    if twice:
        raise RequestRefused(f"blobs: {twice[0][:80]!r} is there twice; expected each of them once")


def _check_prefix(prefix: str) -> None:
    """As far as it goes it is a blob's name; the slash at its end is that of a folder."""
    check_blob(prefix.removesuffix("/"), "prefix")


def read_json(data: bytes) -> Any:
    """The JSON of a request; RequestRefused when it is too long, too deep, or none."""
    if len(data) > limits.REQUEST_BYTES_MAX:
        raise RequestRefused(f"request: {len(data)} bytes; expected at most {limits.REQUEST_BYTES_MAX}")
    try:
        wire = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RequestRefused(f"request: expected JSON; {error}") from error
    _check_depth(wire)
    return wire


def read_options_text(text: str) -> dict[str, Any]:
    """The options of a request, from their JSON; RequestRefused names the one that is wrong."""
    options = read_json(text.encode("utf-8", "surrogatepass"))
    read_options(options)
    return dict(options)


def check_container(name: str, allowed: tuple[str, ...]) -> None:
    """RequestRefused when nobody has allowed it: a request must not reach what the app can reach besides its input."""
    if name not in allowed:
        raise RequestRefused(f"container: found {name[:80]!r}; expected {' or '.join(allowed)}")


def check_blob(name: str, what: str = "blob") -> None:
    """RequestRefused when it cannot be a blob's name, or when a URL that holds it leads elsewhere.

    HTTP libraries resolve "." and ".." in a path, so `../output/x` would be a blob of another container. The service
    takes a backslash for a slash.
    """
    if not 1 <= len(name) <= limits.BLOB_NAME_MAX:
        raise RequestRefused(f"{what}: a name of {len(name)} characters; expected 1 to {limits.BLOB_NAME_MAX}")
    bad = [char for char in name if char == "\\" or unicodedata.category(char) in {"Cc", "Cs"}]
    if bad:
        raise RequestRefused(f"{what}: found {bad[0]!r} in the name; expected no backslash and no control character")
    if any(part in {".", ".."} for part in name.split("/")) or name.endswith(("/", ".")):
        raise RequestRefused(
            f'{what}: found {name[:80]!r}; expected no "." or ".." between slashes, and neither at the end'
        )


def refusal(source: str, data: bytes, account: str, container: str, error: Failure) -> Refusal:
    """What becomes of a request that is not carried out.

    Its run id follows from the source, which tells one sending of a request from another: delivered again it is the
    same refusal, sent again a new one.
    """
    blob = _named(data)
    digest = hashlib.sha256(f"{account}/{source}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    name = slug(blob) if blob else "request"
    return Refusal(
        run_id=f"{name}-{digest}",
        dataset=DatasetVersion(account=account, container=container, blob=blob, etag="", size=0),
        error=error,
    )


def _check_depth(wire: Any) -> None:
    level = [wire]
    for _ in range(limits.REQUEST_DEPTH_MAX):
        inside = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [value for values in inside for value in values]
    if any(isinstance(one, dict | list) for one in level):
        raise RequestRefused(f"request: more than {limits.REQUEST_DEPTH_MAX} levels of arrays and objects")


def _named(data: bytes) -> str:
    """The blob that a bad request is about, or what the report would have been called, as far as that can be told."""
    try:
        wire = read_json(data)
        name = next(wire[key] for key in ("blob", "name", "prefix") if key in wire)
        check_blob(name)
    except (RequestRefused, TypeError, StopIteration):
        return ""
    return str(name)


class PoisonedBlob(msgspec.Struct, rename="pascal"):
    """What the Functions host writes of a blob whose trigger has failed too often; the rest of it says nothing more."""

    container_name: str
    blob_name: str
    e_tag: str = msgspec.field(name="ETag")


def poisoned_blob(source: str, data: bytes, account: str, error: Failure) -> Refusal:
    """What becomes of a blob whose run could not be started: that very run has failed."""
    try:
        blob = msgspec.json.decode(data, type=PoisonedBlob)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return refusal(source, data, account, "", error)
    dataset = DatasetVersion(
        account=account, container=blob.container_name, blob=blob.blob_name, etag=blob.e_tag.strip('"'), size=0
    )
    return Refusal(run_id=run_id(dataset), dataset=dataset, error=error)
