"""Datasets that come in the body of a request."""

from collections.abc import Mapping

from blueprints.wiring import intake
from fanfold import limits
from fanfold.errors import RequestRefused, UnsupportedMedia, UploadTooLarge
from fanfold.pipeline.messages import RunRequest
from fanfold.pipeline.requests import check_blob, read_options_text

MEDIA_TYPES = ("text/csv", "text/tab-separated-values", "text/plain", "application/octet-stream")
_PARAMETERS = ("name", "options", "replace")


def store_upload(media_type: str, parameters: Mapping[str, str], data: bytes) -> RunRequest:
    """Put the body into the input container, under the name of the parameter `name`; gives the request of its run."""
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMedia(
            f"Content-Type: found {media_type[:80]!r}; expected application/json for a request, "
            f"or for a dataset {', '.join(MEDIA_TYPES)}"
        )
    unknown = sorted(parameters.keys() - {*_PARAMETERS, "code"})
    if unknown:
        raise RequestRefused(f"{unknown[0][:80]!r} is no parameter; expected {', '.join(_PARAMETERS)}")
    if len(data) > limits.UPLOAD_BYTES_MAX:
        raise UploadTooLarge(
            f"body: {len(data)} bytes; expected at most {limits.UPLOAD_BYTES_MAX}. "
            "Put a larger dataset into the input container"
        )
    name = parameters.get("name", "")
    if not name:
        raise RequestRefused("name: found none; expected the blob's name, such as ?name=orders.csv")
    check_blob(name, "name")
    options = parameters.get("options") or "{}"
    if len(options) > limits.UPLOAD_OPTIONS_BYTES_MAX:
        raise RequestRefused(f"options: {len(options)} bytes; expected at most {limits.UPLOAD_OPTIONS_BYTES_MAX}")
    replace = _flag(parameters.get("replace", "false"))
    return intake().store(name, data, media_type, read_options_text(options), replace=replace)


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise RequestRefused(f"replace: found {text[:80]!r}; expected true or false")
    return text == "true"
