import re

import pytest

from fanfold.report import charts
from fanfold.report.charts import Bins

QUANTILES = {"0.01": 0, "0.05": 1, "0.25": 2, "0.5": 5, "0.75": 7, "0.95": 9, "0.99": 10}


def bars(svg: str) -> list[tuple[int, int, int, int, str]]:
    found = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"><title>(.*?)</title>', svg)
    return [(*map(int, bar[:4]), bar[4]) for bar in found]


def test_histogram_draws_a_bar_for_every_bin_that_holds_something() -> None:
    drawn = bars(charts.histogram(Bins([0, 5, 10, 15], [10, 0, 5]), QUANTILES))
    assert [(y, height) for _, y, _, height, _ in drawn] == [(0, 100), (50, 50)]
    assert [title for *_, title in drawn] == ["0 \N{EN DASH} 5: 10", "10 \N{EN DASH} 15: 5"]


def test_smallest_bin_is_still_visible() -> None:
    assert bars(charts.histogram(Bins([0, 1, 2], [1_000_000, 1]), QUANTILES))[1][3] == 1


def test_quantiles_stand_where_their_values_are_on_the_axis() -> None:
    svg = charts.histogram(Bins([0, 5, 10], [1, 1]), QUANTILES)
    assert 'class="median" d="M500 ' in svg
    assert '<rect class="half" x="200" y="108" width="500"' in svg


def test_quantiles_are_interpolated_between_edges_of_bins_that_differ_in_width() -> None:
    svg = charts.histogram(Bins([0, 1, 1000], [1, 1]), QUANTILES | {"0.5": 1, "0.75": 500.5})
    assert 'class="median" d="M500 ' in svg
    assert 'class="half" x="501" y="108" width="249"' in svg


def test_bins_without_width_and_bins_wider_than_a_double_are_drawn() -> None:
    assert len(bars(charts.histogram(Bins([5, 5], [3]), dict.fromkeys(QUANTILES, 5)))) == 1
    assert len(bars(charts.histogram(Bins([-1.7e308, 1.7e308], [3]), dict.fromkeys(QUANTILES, 0.0)))) == 1


def test_histogram_without_quantiles_has_no_strip() -> None:
    assert "strip" not in charts.histogram(Bins([0, 1], [3]), {})


def test_histogram_reads_aloud_its_range_and_its_fullest_bin() -> None:
    svg = charts.histogram(Bins([0, 5, 10], [3, 1200]), QUANTILES)
    assert 'aria-label="Histogram of 2 bins from 0 to 10. The fullest, 5 to 10, holds 1,200."' in svg


@pytest.mark.parametrize(("part", "whole", "width"), [(0, 9, 0), (0, 0, 0), (1, 3, 33), (1, 10**9, 1), (9, 9, 100)])
def test_bar_is_as_long_as_its_share(part: int, whole: int, width: int) -> None:
    assert charts.bar(part, whole) == f'<i class="bar w{width}"></i>'


def test_segments_fill_the_whole_width() -> None:
    rects = re.findall(r'x="([\d.]+)" width="([\d.]+)"', charts.segments([("a", 1), ("b", 3)]))
    assert [tuple(map(float, rect)) for rect in rects] == [(0, 248), (250, 750)]


def test_spark_pools_more_bins_than_it_has_room_for() -> None:
    path = charts.spark_bins([1] * 90)
    assert path.count("M") == 30


def test_spark_of_parts_leaves_the_rest_of_its_track_free() -> None:
    assert 'd="M0 8V16h59V8z"' in charts.spark_parts([50], 100)


def test_bins_of_integers_are_named_by_the_integers_they_hold() -> None:
    svg = charts.histogram(Bins([1, 2, 3], [4, 6], whole=True), dict.fromkeys(QUANTILES, 2))
    assert [title for *_, title in bars(svg)] == ["1: 4", "2: 6"]
    assert "from 1 to 2. The fullest, 2, holds 6." in svg
    assert 'class="median" d="M750 ' in svg


def test_bins_of_several_integers_end_with_the_last_one() -> None:
    assert bars(charts.histogram(Bins([0, 5, 10], [4, 6], whole=True), {}))[0][4] == "0 \N{EN DASH} 4: 4"


def test_integers_larger_than_any_double_have_their_place() -> None:
    svg = charts.histogram(Bins([0, 10**400], [1], whole=True), dict.fromkeys(QUANTILES, 10**400 // 4))
    assert 'class="median" d="M250 ' in svg
