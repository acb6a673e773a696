"""report.md: the figures, and nothing of the dataset as markup."""

import re

import pytest
import report_examples as examples

from fanfold import limits
from fanfold.report.markdown import to_markdown


def test_it_tells_what_was_read_and_what_stands_out() -> None:
    text = to_markdown(examples.orders()).decode()
    assert text.startswith("# orders.csv\n\n**6,000 records** in **13 columns**")
    assert "## Alerts" in text
    assert text.count("\n| ") == 2 + 13


@pytest.mark.parametrize("example", [examples.header_only, examples.nothing])
def test_a_dataset_without_records_has_a_summary_too(example: object) -> None:
    assert to_markdown(example()).decode().startswith("# ")  # type: ignore[operator]


def test_nothing_of_a_hostile_dataset_is_markup() -> None:
    text = to_markdown(examples.hostile()).decode()
    assert not re.search(r"(?<!\\)<", text)
    assert not re.search(r"(?<!\\)\]\(", text)
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 10


def test_long_lists_end_with_how_many_more_there_are() -> None:
    document = examples.orders()
    document["columns"] *= 10
    document["alerts"] *= 10
    text = to_markdown(document).decode()
    assert f"And {130 - limits.MARKDOWN_COLUMNS} more columns" in text
    assert "more in report.json" in text
