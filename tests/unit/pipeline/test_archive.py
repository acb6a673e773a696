"""profile.bin: what was profiled apart and merged is what would have been profiled together."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.errors import RequestRefused
from fanfold.pipeline.archive import Archive, merge_archives, pack_archive, unpack_archive
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.messages import RunRequest
from fanfold.pipeline.publishing import publish_archive
from fanfold.storage.memory import MemoryPorts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = b"id,town\n"
ROWS = st.lists(st.sampled_from([b"1,A\n", b"2,B\n", b",\n", b"broken\n", b'3,"x\ny"\n', b"1.5,\n"]), max_size=12)


def run(data: bytes, name: str = "t.csv", **options: Any) -> tuple[Archive, dict[str, Any]]:
    ports = MemoryPorts()
    dataset = ports.drop(name, data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options={"delimiter": ",", "header": True, **options})
    run_in_process(request, ports, lambda: NOW, lambda tasks: [process_chunk(task, ports) for task in tasks])
    folder = f"{name}/{request.run_id}"
    archive = unpack_archive(ports.reports.files[f"{folder}/profile.bin"], "profile.bin")
    return archive, json.loads(ports.reports.files[f"{folder}/report.json"])


@given(ROWS, ROWS)
def test_merged_profiles_give_the_figures_of_the_datasets_in_one(first: list[bytes], second: list[bytes]) -> None:
    archives = [run(HEADER + b"".join(rows))[0] for rows in (first, second)]
    merged = merge_archives(archives, "merged")
    ports = MemoryPorts()
    publish_archive(merged, ["a", "b"], ports.reports, NOW)
    document = json.loads(ports.reports.files[f"{merged.name}/merged/report.json"])
    together = run(HEADER + b"".join(first + second))[1]
    assert document["columns"] == together["columns"]
    assert document["alerts"] == together["alerts"]
    assert document["rejects"]["reasons"] == together["rejects"]["reasons"]
    places = [[reject["record"] for reject in each["rejects"]["examples"]] for each in (document, together)]
    assert places[0] == places[1]
    assert document["run"]["merged"] == ["a", "b"]


def test_an_archive_is_the_same_bytes_again() -> None:
    archive, _ = run(HEADER + b"1,A\n")
    assert pack_archive(unpack_archive(pack_archive(archive), "x")) == pack_archive(archive)


def test_profiles_of_other_columns_are_not_merged() -> None:
    with pytest.raises(RequestRefused, match="expected the same ones"):
        merge_archives([run(HEADER)[0], run(b"id,country\n")[0]], "merged")


def test_profiles_with_the_same_null_values_are_merged_and_others_are_not() -> None:
    first, second = (run(HEADER + row, null_values=["x"])[0] for row in (b"1,x\n", b"x,2\n"))
    ports = MemoryPorts()
    publish_archive(merge_archives([first, second], "merged"), ["a", "b"], ports.reports, NOW)
    document = json.loads(next(data for name, data in ports.reports.files.items() if name.endswith("report.json")))
    assert [(column["type"], column["nulls"]) for column in document["columns"]] == [("integer", 1), ("integer", 1)]
    with pytest.raises(RequestRefused, match=r"null_values that are the default, t.csv with \['x'\]"):
        merge_archives([first, run(HEADER)[0]], "merged")


def test_profiles_of_other_policies_are_not_merged() -> None:
    with pytest.raises(RequestRefused, match="policy"):
        merge_archives([run(HEADER)[0], run(HEADER, short_records="pad")[0]], "merged")


def test_rejects_of_other_encodings_are_told_as_one_text() -> None:
    text = "id,town\n1,Zürich\nKöln\n"
    archives = [run(text.encode(encoding))[0] for encoding in ("utf-8", "windows-1252", "utf-16")]
    assert [archive.encoding for archive in archives] == ["utf-8", "windows-1252", "utf-16-le"]
    for order in (archives, archives[::-1]):
        ports = MemoryPorts()
        publish_archive(merge_archives(order, "merged"), ["a", "b", "c"], ports.reports, NOW)
        document = json.loads(next(data for name, data in ports.reports.files.items() if name.endswith("report.json")))
        assert [reject["text"] for reject in document["rejects"]["examples"]] == ["Köln"] * 3


def test_what_is_no_archive_or_of_another_format_is_refused_by_name() -> None:
    packed = pack_archive(run(HEADER + b"1,A\n")[0])
    for content, named in ((b"", "something else"), (packed[:30], "cannot be read")):
        with pytest.raises(RequestRefused, match=named):
            unpack_archive(content, "x.bin")
    other = pack_archive(msgspec.structs.replace(unpack_archive(packed, "x"), format="0"))
    with pytest.raises(RequestRefused, match="format 0"):
        unpack_archive(other, "x.bin")
