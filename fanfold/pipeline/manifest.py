"""data/manifest.json: which parts there are, and how to read them."""

import json

import msgspec

from fanfold.pipeline.emitting import load_parts, load_schema, run_folder
from fanfold.pipeline.formats import FOLDER, FORMATS, MANIFEST, Field
from fanfold.pipeline.messages import Emitted, Plan
from fanfold.pipeline.ports import Ports
from fanfold.profile.decision import PLAIN

_VERSION = "1.0"


def publish_manifest(plan: Plan, emitted: Emitted | None, ports: Ports) -> None:
    """Write the manifest, after all of its parts, and remove what an earlier run left that this one does not name.

    A run of the same dataset may be started again with other options: without parts, or with fewer.
    """
    folder = run_folder(plan)
    named = set()
    if emitted is not None:
        parts = load_parts(emitted.parts, ports)
        named = {f"{folder}/{MANIFEST}", *(f"{folder}/{FOLDER}/{part.name}" for part in parts)}
        document = _document(plan, emitted, [msgspec.to_builtins(part) for part in parts], ports)
        ports.reports.put(f"{folder}/{MANIFEST}", document, "application/json")
    for name in ports.reports.names(f"{folder}/{FOLDER}/"):
        if name not in named:
            ports.reports.delete(name)


def _document(plan: Plan, emitted: Emitted, parts: list[dict[str, object]], ports: Ports) -> bytes:
    form = str(plan.emit)
    document = {
        "manifest_version": _VERSION,
        "run_id": plan.run_id,
        "dataset": {"container": plan.dataset.container, "blob": plan.dataset.blob, "etag": plan.dataset.etag},
        "format": form,
        "reading": FORMATS[form].notes,
        "schema": [_describe(field) for field in load_schema(emitted.schema, ports)],
        "total": {"parts": emitted.parts.parts, "records": emitted.parts.records, "bytes": emitted.parts.bytes},
        "parts": parts,
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _describe(field: Field) -> dict[str, object]:
    """A column: its type, and how its texts are read as that, where they are not as they stand."""
    typing = field.typing
    reading = {} if typing.rule == PLAIN else {"rule": typing.rule}
    unit = {} if typing.unit is None else {"unit": typing.unit}
    nulls = {"null_values": list(typing.null_values)} if typing.null_values else {}
    return {"name": field.name, "type": typing.type, **reading, **unit, **nulls}
