from dataclasses import astuple
from typing import Any

import report_examples as examples

from fanfold.report.figures import NOTHING
from fanfold.report.summary import SummaryRow, summary


def row(name: str, document: dict[str, Any] | None = None) -> SummaryRow:
    return next(row for row in summary(document or examples.orders()) if row.name == name)


def test_there_is_a_row_for_each_column_in_the_order_of_the_dataset() -> None:
    document = examples.orders()
    assert [row.name for row in summary(document)] == [column["name"] for column in document["columns"]]


def test_empty_dataset_has_no_rows() -> None:
    assert summary(examples.nothing()) == ()


def test_numeric_column_shows_its_range_and_mean() -> None:
    shown = row("quantity")
    assert (shown.type, shown.count, shown.nulls, shown.distinct) == ("integer", "6,000", "0", "17")
    assert (shown.min, shown.mean, shown.max) == ("1", "2.78617", "22")


def test_column_without_values_shows_dashes() -> None:
    shown = row("coupon")
    assert (shown.min, shown.mean, shown.max, shown.top) == (NOTHING, NOTHING, NOTHING, NOTHING)


def test_approximate_figures_are_marked() -> None:
    shown = row("customer")
    assert shown.distinct.startswith("≈")
    assert "(≈" in shown.top


def test_most_frequent_value_stands_with_its_count() -> None:
    assert row("gift").top.startswith("false (5,")


def test_no_control_character_reaches_the_terminal_and_long_values_are_cut() -> None:
    cells = [cell for row in summary(examples.hostile()) for cell in astuple(row)]
    assert not any(not character.isprintable() for cell in cells for character in cell.replace("\u200d", ""))
    assert max(map(len, cells)) < 60
