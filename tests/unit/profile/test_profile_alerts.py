"""An alert is raised where its rule says, with the figures, and nowhere else."""

from typing import Any

import pytest
from profile_examples import frame_of

from fanfold.profile.alerts import RULES, alerts
from fanfold.profile.dataset import describe_dataset
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import empty


def raised(*columns: list[str], rejected: int = 0, confidence: float | None = None) -> list[dict[str, Any]]:
    """Alerts of columns named a, b, ...; those about repeated records aside, which small examples are full of."""
    found = everything(*columns, rejected=rejected, confidence=confidence)
    return [alert for alert in found if alert["kind"] != "duplicate_records"]


def everything(*columns: list[str], rejected: int = 0, confidence: float | None = None) -> list[dict[str, Any]]:
    profile = profile_frame(frame_of(*columns))
    described = describe(profile, [chr(ord("a") + place) for place in range(len(columns))])
    counts = {"records": len(columns[0]), "rejected": rejected, "dialect": {"confidence": confidence}}
    return alerts(described, counts | describe_dataset(profile, described))


@pytest.mark.parametrize(
    ("column", "kind", "message"),
    [
        (["x", "x", ""], "constant", "a single value, in 2 records: x"),
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
        (["x", " \t", "y"], "blank", "1 of 3 values are white space alone (33.3 %)"),
        (["1", "inf", "NaN", "-Infinity"], "infinite", "of 4 values 2 are infinite and 1 are no number (nan)"),
        (
            ["a@b.de", "c@d.org", "x"],
            "personal_data",
            "of 3 values looked at many have the form of e-mail addresses (2)",
        ),
        (["1899-12-31", "2000-01-01"], "early_date", "the earliest is 1899-12-31: before 1900"),
        (["2000-01-01T00:00", "2101-01-01T00:00"], "late_date", "the latest is 2101-01-01T00:00:00: after 2100"),
        (["0000-01-01T00:00+00:01"] * 2, "early_date", "the earliest is -0001-12-31T23:59:00Z: before 1900"),
        (["a"] * 19 + ["b"], "imbalance", "19 of 20 values are the same (95.0 %): a"),
        (["1"] * 49 + ["1000"], "skewed", "a few values are far higher than the others: skewness 7.1"),
        (["-1"] * 49 + ["-1000"], "skewed", "a few values are far lower than the others: skewness -7.1"),
        (["ab", "cd"] * 5, "constant_length", "every value has 2 characters: possibly a code"),
        (
            [f"t{place}" for place in range(60)] + ["t0"],
            "high_cardinality",
            "60 different texts in 61 values (98.4 %)",
        ),
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
        (["x "], "blank"),
        (["1", "2"], "infinite"),
        (["a@b.de", "c"], "personal_data"),
        (["1900-01-01", "2100-12-31"], "early_date"),
        (["1900-01-01", "2100-12-31"], "late_date"),
        (["a"] * 9 + ["b"], "imbalance"),
        (["a"] * 20, "imbalance"),
        (["1"] * 9 + ["1000"], "skewed"),
        (["ab", "cd"] * 4, "constant_length"),
        (["ab", "cdx"] * 5, "constant_length"),
        (["ab"] * 10, "constant_length"),
        ([f"t{place // 2}" for place in range(60)], "high_cardinality"),
        ([f"t{place}" for place in range(60)], "high_cardinality"),
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
    repeating = raised([f"k{value % 9_000}" for value in range(10_000)])
    assert [alert["kind"] for alert in repeating] == ["high_cardinality"]


def test_rejected_records_are_told_with_their_share() -> None:
    assert raised(["x", "y", "x"], rejected=1)[0] == {
        "kind": "rejected_records",
        "severity": "warning",
        "message": "1 of 4 records rejected (25.0 %)",
    }
    nothing = describe_dataset(empty(0), [])
    (alert,) = alerts([], {"records": 10**6, "rejected": 1, "dialect": {}} | nothing)
    assert "(0.1 %)" in str(alert["message"]), "what is there is never rounded to nothing"


def test_no_records_is_an_error_and_spares_the_columns() -> None:
    (alert,) = raised([])
    assert (alert["kind"], alert["severity"]) == ("no_records", "error")
    assert [alert["kind"] for alert in raised([], rejected=3)] == ["no_records", "rejected_records"]


def test_a_guessed_dialect_is_told_only_where_it_is_a_guess() -> None:
    column = ["x", "y", "x"]
    (alert,) = raised(column, confidence=0.4)
    assert alert == {
        "kind": "doubtful_dialect",
        "severity": "warning",
        "message": "how records and fields are told apart is a guess: confidence 0.40",
    }
    assert raised(column, confidence=0.5) == raised(column) == []


def test_repeated_records_are_told_with_their_number() -> None:
    found = {alert["kind"]: alert["message"] for alert in everything(["x", "y", "x"], ["1", "2", "1"])}
    assert found["duplicate_records"] == "1 of 3 records repeat another one (33.3 %)"
    assert "duplicate_records" not in {alert["kind"] for alert in everything(["x", "y", "x"], ["1", "2", "3"])}


def test_many_different_records_raise_no_doubt() -> None:
    assert everything([f"{place}.5" for place in range(20_000)]) == []


def test_columns_that_say_the_same_are_told_the_closest_first() -> None:
    one = [str(place) for place in range(50)]
    found = {
        alert["kind"]: alert["message"] for alert in raised(one, [str(-2 * int(each)) for each in one], ["1"] * 50)
    }
    assert found["high_correlation"] == "columns that say nearly the same: a and b (-1.000)"
    near = [f"{int(each) + 0.01 * (each == '7')}" for each in one]
    assert raised(one, near)[0]["message"] == "columns that say nearly the same: a and b (0.999)"
    many = {alert["kind"]: alert["message"] for alert in raised(*[one] * 5)}
    assert many["high_correlation"].endswith("a and e (1.000), b and c (1.000), and 5 more")


def test_every_alert_has_one_place_in_the_table() -> None:
    kinds = [rule.kind for rule in RULES]
    assert len(set(kinds)) == len(kinds)
    assert {rule.severity for rule in RULES} == {"error", "warning", "info"}
