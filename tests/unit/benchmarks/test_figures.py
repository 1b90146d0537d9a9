"""Medians, percentiles and ratios."""

import pytest

from tests.benchmarks.figures import percentile, ratio, spread


def test_a_percentile_lies_between_its_neighbours_in_proportion():
    values = [40.0, 10.0, 20.0, 30.0]

    found = [percentile(values, percent) for percent in (0, 50, 90, 100)]

    assert found == [10.0, 25.0, pytest.approx(37.0), 40.0]


def test_every_percentile_of_one_value_is_that_value():
    assert percentile([3.0], 99) == 3.0


def test_there_is_no_percentile_of_nothing():
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_a_ratio_is_the_median_of_those_of_each_repeat():
    slow_machine_in_the_last_repeat = [10.0, 12.0, 1.0]

    assert ratio(slow_machine_in_the_last_repeat, [5.0, 4.0, 0.5]) == 2.0


def test_a_spread_is_a_share_of_the_median():
    assert spread([9.0, 10.0, 12.0]) == pytest.approx(0.3)
