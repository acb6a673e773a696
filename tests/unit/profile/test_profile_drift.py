"""Distances between columns: none to itself, the same both ways round, those of a naive computation."""

import math
import random
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_examples import doubles, integers

from fanfold import limits
from fanfold.profile.caps import CAPS
from fanfold.profile.column import summarize
from fanfold.profile.drift import divergence
from fanfold.profile.frame import profile_frame
from fanfold.profile.model import Summary, Tally

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "", "d" * 600]), min_size=1, max_size=40).filter(any)


def column(values: list[str]) -> Tally | Summary:
    return profile_frame(pl.DataFrame({"0": values}, schema={"0": pl.String})).columns[0].values


def numbers(count: int, mean: float, seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    return [f"{rng.gauss(mean, 1):.4f}" for _ in range(count)]


@given(TEXTS)
def test_a_column_has_no_distance_to_itself(values: list[str]) -> None:
    found = divergence(column(values), column(values), numeric=False)
    assert found is not None
    assert (found.psi, found.jensen_shannon) == (0, 0)


@given(TEXTS, TEXTS)
def test_few_values_are_compared_as_a_naive_computation_does_and_both_ways_alike(
    before: list[str], now: list[str]
) -> None:
    found = divergence(column(before), column(now), numeric=False)
    back = divergence(column(now), column(before), numeric=False)
    old, new = Counter(filter(None, before)), Counter(filter(None, now))
    bins = sorted(old.keys() | new.keys())
    p = [(old[value] + 0.5) / (old.total() + 0.5 * len(bins)) for value in bins]
    q = [(new[value] + 0.5) / (new.total() + 0.5 * len(bins)) for value in bins]
    psi = sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))
    jsd = sum((a * math.log2(2 * a / (a + b)) + b * math.log2(2 * b / (a + b))) / 2 for a, b in zip(p, q, strict=True))
    assert found is not None
    assert back is not None
    assert (found.psi, found.jensen_shannon) == (back.psi, back.jensen_shannon)
    assert found.psi == pytest.approx(psi, abs=2e-6)
    assert found.jensen_shannon == pytest.approx(math.sqrt(max(jsd, 0)), abs=2e-3)
    assert 0 <= found.jensen_shannon <= 1


@pytest.mark.parametrize(("mean", "low", "high"), [(0, 0, 0.02), (0.5, limits.DRIFT_PSI_NOTABLE, 1), (2, 1, 20)])
def test_a_shift_of_numbers_shows_as_it_grows(mean: float, low: float, high: float) -> None:
    found = divergence(column(numbers(5_000, 0)), column(numbers(5_000, mean, seed=2)), numeric=True)
    assert found is not None
    assert found.by == "numbers"
    assert found.bins == limits.DRIFT_BINS
    assert low <= found.psi < high


@given(st.dictionaries(integers | doubles, st.integers(1, 9), min_size=1, max_size=30), st.integers(0, 2**32))
def test_few_numbers_are_compared_as_the_summary_of_them_would_be(counts: dict[str, int], seed: int) -> None:
    now = Tally({str(random.Random(seed).gauss(0, 10)): 1, "-0.0": 1, "-0": 2})
    of_few = divergence(Tally(counts), now, numeric=True)
    assert of_few == divergence(summarize(counts, CAPS), summarize(now.counts, CAPS), numeric=True)


def test_many_texts_of_the_same_kind_are_stable_and_others_are_not() -> None:
    one = [f"customer {number % 5_000}" for number in range(20_000)]
    other = [f"customer {number * 7 % 5_000}" for number in range(20_000)]
    one_sided = ["the same"] * 15_000 + one[:5_000]
    alike, apart = (divergence(column(one), column(each), numeric=False) for each in (other, one_sided))
    assert alike is not None
    assert apart is not None
    assert alike.by == "hashes"
    assert alike.psi < 0.01
    assert apart.psi > limits.DRIFT_PSI_STRONG


def test_few_values_and_many_can_be_compared_and_empty_ones_cannot() -> None:
    few, many = column(["a", "b"] * 50), column([str(number) for number in range(5_000)])
    assert divergence(few, many, numeric=False) is not None
    assert divergence(few, column(["", ""]), numeric=False) is None
