from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from fanfold import limits
from fanfold.pipeline.identity import run_id, slug, span_id
from fanfold.pipeline.messages import DatasetVersion, Plan, SpanTask


def version(**changes: str) -> DatasetVersion:
    fields = {"account": "a", "container": "input", "blob": "x/orders.csv", "etag": "0x1", **changes}
    return DatasetVersion(**fields, size=1)


def test_the_same_dataset_gives_the_same_run() -> None:
    assert run_id(version()) == run_id(version())


def test_another_version_account_container_or_name_gives_another_run() -> None:
    others = [version(etag="0x2"), version(account="b"), version(container="in"), version(blob="x/orders2.csv")]
    assert len({run_id(v) for v in [version(), *others]}) == 5


def test_the_run_id_is_a_readable_slug_and_sixteen_hex_digits() -> None:
    name, digest = run_id(version()).rsplit("-", 1)
    assert name == "x-orders-csv"
    assert len(digest) == 16
    assert set(digest) <= set("0123456789abcdef")


@given(st.text(max_size=1024))
def test_every_name_gives_an_instance_id_the_scheduler_takes(name: str) -> None:
    last = limits.CHUNKS_MAX
    plan = Plan(run_id=run_id(version(blob=name)), dataset=version(), chunk_bytes=1, data_start=0, work="w")
    longest = span_id(SpanTask(plan=plan, first=last - 1, stop=last, entry=10**14), datetime.now(UTC))
    assert len(longest) <= 100
    assert all(0x20 <= ord(c) <= 0x7E for c in longest)
    assert not longest.startswith("@")


def test_a_name_without_letters_still_has_a_slug() -> None:
    assert slug("数据/…") == "dataset"
