"""An alert is raised where its rule says, with the figures, and nowhere else."""

from typing import Any

import pytest
from profile_examples import frame_of

from fanfold.profile.alerts import alerts
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame


def raised(column: list[str], rejected: int = 0) -> list[dict[str, Any]]:
    return alerts(describe(profile_frame(frame_of(column)), ["a"]), len(column), rejected)


@pytest.mark.parametrize(
    ("column", "kind", "message"),
    [
        (["x", "x", ""], "constant", "the same value in each of the 2 records that have one: x"),
        (["", ""], "empty_column", "no value in any of 2 records"),
        (["", "", "a"], "missing", "no value in 2 of 3 records (66.7 %)"),
        (["1", "2", "3"], "unique", "all 3 values differ: possibly a key"),
        (["1", "2", "none of it", "2"], "mixed_types", "values read as different kinds: 3 integer, 1 text"),
        (["0", "0", "0", "7"], "mostly_zeros", "3 of 4 values are zero (75.0 %)"),
        (
            ["01/02/2024", "03/04/2024"],
            "ambiguous_reading",
            "no value tells whether the day or the month comes first: read day-first",
        ),
        (
            ["1,234", "2,345"],
            "ambiguous_reading",
            "no value tells decimal marks from thousands separators: read with a decimal point",
        ),
        (
            ["1.234", "2.345"],
            "ambiguous_reading",
            "no value tells decimal marks from thousands separators: read with a decimal point",
        ),
        (
            ["13/01/2024", "01/13/2024", "14/01/2024"],
            "contradictory_reading",
            "each value can be read, but not by one rule: 2 values need the day first, 1 the month first",
        ),
        (
            ["1,5", "1.5", "2"],
            "contradictory_reading",
            "each value can be read, but not by one rule: 1 values need a decimal point, 1 a decimal comma",
        ),
        (["$1", "€1"], "contradictory_reading", "each value can be read, but not by one rule: more than one unit: $ €"),
    ],
)
def test_a_column_raises_its_alert_with_the_figures(column: list[str], kind: str, message: str) -> None:
    found = {alert["kind"]: alert for alert in raised(column)}
    assert found[kind]["message"] == message
    assert found[kind]["column"] == "a"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["x", "y", "x"], "constant"),
        (["", "a"], "missing"),
        (["1", "2", "2"], "unique"),
        (["1", "2", ""], "unique"),
        (["1"], "unique"),
        (["1.5", "2.5", "3"], "unique"),
        (["1.5", "2", "3"], "mixed_types"),
        (["a", "b"] * 20 + ["1"], "mixed_types"),
        (["0", "1"], "mostly_zeros"),
        (["x"], "mostly_zeros"),
        (["01/02/2024", "13/04/2024"], "ambiguous_reading"),
        (["1,234", "2,34"], "ambiguous_reading"),
        (["1 234", "5"], "ambiguous_reading"),
        (["05/05/2024"], "ambiguous_reading"),
        (["31/02/2024", "01/01/2024"], "contradictory_reading"),
    ],
)
def test_a_column_at_or_below_the_threshold_raises_none(column: list[str], kind: str) -> None:
    assert kind not in {alert["kind"] for alert in raised(column)}


@pytest.mark.parametrize("size", [3, 1_500, 3_000])
def test_a_key_is_told_for_certain_while_every_value_is_known(size: int) -> None:
    (alert,) = raised([f"k{value}" for value in range(size)])
    assert alert["message"] == f"all {size:,} values differ: possibly a key"


def test_a_key_of_many_values_is_told_with_its_uncertainty() -> None:
    (alert,) = raised([f"k{value}" for value in range(10_000)])
    assert alert["kind"] == "unique"
    assert "± 4.3%" in alert["message"]
    assert not raised([f"k{value % 9_000}" for value in range(10_000)])


def test_rejected_records_are_told_with_their_share() -> None:
    assert raised(["x", "y", "x"], rejected=1)[0] == {
        "kind": "rejected_records",
        "severity": "warning",
        "message": "1 of 4 records rejected (25.0 %)",
    }
    assert "(0.1 %)" in alerts([], 10**6, 1)[0]["message"], "what is there is never rounded to nothing"


def test_no_records_is_an_error_and_spares_the_columns() -> None:
    (alert,) = raised([])
    assert (alert["kind"], alert["severity"]) == ("no_records", "error")
    assert [alert["kind"] for alert in raised([], rejected=3)] == ["no_records", "rejected_records"]
