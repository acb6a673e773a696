import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.messages import Failure
from fanfold.pipeline.requests import check_blob, poisoned_blob, read_reference, refusal

ERROR = Failure(kind="RequestRefused", message="m")


def read(wire: object, *others: str) -> object:
    return read_reference(json.dumps(wire).encode(), "input", others)


def test_a_request_needs_no_more_than_a_blob() -> None:
    reference = read_reference(b'{"blob": "a/b.csv"}', "input")
    assert (reference.container, reference.blob, reference.options) == ("input", "a/b.csv", None)


def test_other_containers_are_read_where_the_operator_allows_them() -> None:
    wire = {"blob": "b", "container": "archive"}
    read(wire, "archive")
    with pytest.raises(RequestRefused, match="expected input"):
        read(wire)


@pytest.mark.parametrize(
    ("wire", "said"),
    [
        ({}, "found none of blob, blobs, prefix"),
        ({"blob": "b", "extra": 1}, "^request: unknown field extra$"),
        ({"blob": 5}, r"^request.blob: expected str \| null, found int$"),
        ({"blob": "b", "prefix": "c"}, "found blob and prefix of blob, blobs, prefix"),
        ({"blob": "b", "name": "c"}, "named after it"),
        ({"blobs": []}, "blobs: 0 of them"),
        ({"blobs": [str(n) for n in range(201)]}, "blobs: 201 of them; expected 1 to 200"),
        ({"blobs": ["b", "b"]}, "'b' is there twice"),
        ({"blobs": ["b", "../c"]}, "blob: found"),
        ({"prefix": ""}, "prefix: a name of 0 characters"),
        ({"prefix": "../output/"}, "prefix: found"),
        ({"prefix": "b/", "name": "a/.."}, "blob: found"),
        ({"blobs": ["b"], "options": {"emit": "csv"}}, "options.emit"),
        ({"blobs": ["b"], "options": {"tolerated_failures": "5%"}}, "options.tolerated_failures"),
        ({"blob": "b", "options": "fast"}, "^request.options: expected"),
        ({"blob": "b", "options": {"delimeter": ";"}}, "^options.delimeter: expected one of "),
        (
            {"blob": "b", "options": {"chunk_bytes": "many"}},
            r"^options.chunk_bytes: expected int \| null, found str$",
        ),
        ({"blob": "b", "options": {"chunk_bytes": -1}}, "options.chunk_bytes"),
        ([], "JSON object"),
        (None, "JSON object"),
        ({"blob": "b", "container": "x" * 500}, "x{60}"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(wire: object, said: str) -> None:
    with pytest.raises(RequestRefused, match=said) as refused:
        read(wire)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    "name",
    ["", "x" * 1025, "a\nb", "a\x7f", "a\x85", "a\ud800", "..", "../x", "a/../b", "a/.", "./a", "a\\b", "a/", "a."],
)
def test_a_name_that_is_none_or_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(RequestRefused, match="blob"):
        check_blob(name)


@pytest.mark.parametrize(
    "name", ["a", "x" * 1024, "ü mlaut & space.csv", "a/b//c.csv", "...a", "a..b/.hidden", "%2e%2e/a"]
)
def test_a_hostile_name_that_is_a_name_is_taken(name: str) -> None:
    check_blob(name)


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.integers(0, 100_000).map(lambda n: b"[" * n)
)
def test_whatever_is_sent_is_read_or_refused_and_the_refusal_can_be_told(data: bytes) -> None:
    try:
        read_reference(data, "input")
    except RequestRefused as error:
        told = refusal("id", data, "account", "input", Failure(kind=error.kind, message=str(error)))
        assert len(told.run_id) <= 57


def test_a_request_nested_too_deeply_is_refused() -> None:
    depth = limits.REQUEST_DEPTH_MAX + 1
    with pytest.raises(RequestRefused, match="levels"):
        read_reference(b'{"blob": ' + b"[" * depth + b"]" * depth + b"}", "input")


def test_a_request_delivered_again_is_the_same_refusal_and_sent_again_another() -> None:
    data = b'{"blob": "a.csv", "x": 1}'
    first, again, other = (refusal(source, data, "a", "input", ERROR) for source in ("id-1", "id-1", "id-2"))
    assert first == again
    assert first.run_id != other.run_id
    assert first.run_id.startswith("a-csv-")
    assert first.dataset.blob == "a.csv"


def test_a_refusal_of_what_nobody_can_read_names_no_blob() -> None:
    told = refusal("id", b'{"blob": "../output/x"}', "a", "input", ERROR)
    assert told.dataset.blob == ""
    assert told.run_id.startswith("request-")


def test_a_poisoned_blob_is_the_failure_of_its_own_run() -> None:
    data = json.dumps({"Type": "BlobTrigger", "ContainerName": "input", "BlobName": "a.csv", "ETag": '"0x1"'}).encode()
    told = poisoned_blob("id", data, "account", ERROR)
    assert (told.dataset.blob, told.dataset.etag, told.run_id) == ("a.csv", "0x1", run_id(told.dataset))


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_a_poison_message_that_nobody_can_read_is_a_failure_all_the_same(data: bytes) -> None:
    assert poisoned_blob("id", data, "account", ERROR).run_id.startswith("request-")
