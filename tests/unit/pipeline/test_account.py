"""Promise P7: nothing is lost or read twice without being found out."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_process import TABLE, run
from test_planning import plan

from fanfold.errors import PipelineFault
from fanfold.pipeline.account import take_account
from fanfold.pipeline.messages import Link
from fanfold.pipeline.partial import Partial, read_partial
from fanfold.profile.codec import decode
from fanfold.profile.merging import empty
from fanfold.records.dialect import Dialect
from fanfold.records.layout import Layout
from fanfold.records.reader import RecordReader
from fanfold.storage.memory import MemoryPorts

T = TypeVar("T", Link, Partial)

DATA = b"1,2\n3\n4,5\n"
WHOLE = plan(len(DATA), 100)


def counted() -> tuple[Link, Partial]:
    dialect = Dialect.from_json({"delimiter": ",", "quote": '"', "escape": "doubled", "newline": "\n", "header": False})
    layout = Layout(dialect, "utf-8", ("a", "b"), 0, len(DATA))
    partial = read_partial(RecordReader(layout, lambda start, stop: DATA[start:stop]).batches(0, len(DATA)), {}, None)
    assert partial is not None
    return Link(first=0, stop=1, start_byte=0, stop_byte=10, records=2, rejected=1, owned_bytes=len(DATA)), partial


def test_an_account_that_adds_up_is_stated() -> None:
    link, partial = counted()
    assert take_account(WHOLE, link, partial, decode(partial.profile)) == {
        "bytes": {"preamble_and_header": 0, "records": 10, "total": 10},
        "records": {"accepted": 2, "rejected": 1, "total": 3},
        "verified": True,
    }


def with_records(counted: T, records: int) -> T:
    return msgspec.structs.replace(counted, records=records)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda link, partial: (link, msgspec.structs.replace(partial, start=4)), "first record starts"),
        (lambda link, partial: (link, msgspec.structs.replace(partial, stop=6)), "last record ends"),
        (lambda link, partial: (link, msgspec.structs.replace(partial, owned_bytes=9)), "bytes of the header and"),
        (lambda link, partial: (msgspec.structs.replace(link, owned_bytes=6), partial), "bytes of all chunks"),
        (lambda link, partial: (msgspec.structs.replace(link, records=3), partial), "records of all chunks"),
        (lambda link, partial: (msgspec.structs.replace(link, rejected=0), partial), "rejects of all chunks"),
        (
            lambda link, partial: (
                msgspec.structs.replace(link, records=1),
                msgspec.structs.replace(partial, records=1),
            ),
            "records in the profile",
        ),
    ],
)
def test_counts_that_disagree_are_a_fault(change: Callable[[Link, Partial], tuple[Link, Partial]], what: str) -> None:
    link, partial = change(*counted())
    with pytest.raises(PipelineFault, match=what):
        take_account(WHOLE, link, partial, decode(partial.profile))


def test_a_dataset_with_bytes_of_records_but_no_record_is_a_fault() -> None:
    nothing = Link(first=0, stop=1, start_byte=0, stop_byte=10)
    with pytest.raises(PipelineFault, match="no records: found 0, expected 10"):
        take_account(WHOLE, nothing, None, empty(2))


@settings(deadline=None)
@given(st.integers(1, len(TABLE)))
def test_the_account_in_the_report_is_the_same_for_every_chunk_size(chunk_bytes: int) -> None:
    _, document = run(MemoryPorts(), TABLE, chunk_bytes=chunk_bytes)
    assert document["dataset"]["account"] == {
        "bytes": {"preamble_and_header": 14, "records": len(TABLE) - 14, "total": len(TABLE)},
        "records": {"accepted": 4, "rejected": 3, "total": 7},
        "verified": True,
    }
