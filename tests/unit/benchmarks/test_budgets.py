"""What is promised, and whether figures keep it."""

from collections import Counter

from tests.benchmarks.budgets import BUDGETS, Bound, Budget, Standing, missed
from tests.benchmarks.report import budget_sheet

SPEED = Budget("speed", "speed", Bound.AT_LEAST, 5, "×")
COST = Budget("cost", "cost", Bound.AT_MOST, 2.5, "ms")


def test_a_figure_at_its_bound_is_within_the_budget():
    standings = [SPEED.standing({"speed": 5.0}), COST.standing({"cost": 2.5})]

    assert standings == [Standing.MET, Standing.MET]


def test_a_figure_beyond_its_bound_is_not():
    standings = [SPEED.standing({"speed": 4.9}), COST.standing({"cost": 2.6})]

    assert standings == [Standing.MISSED, Standing.MISSED]


def test_what_was_not_measured_is_neither_met_nor_missed():
    assert SPEED.standing({}) is Standing.NOT_MEASURED
    assert missed({"cost": 3.0}, (SPEED, COST)) == [COST]


def test_no_figure_has_two_budgets():
    assert [figure for figure, times in Counter(budget.figure for budget in BUDGETS).items() if times > 1] == []


def test_the_sheet_shows_every_budget_with_its_bound():
    rows = budget_sheet({BUDGETS[0].figure: 6.25}).rows

    assert [row[0] for row in rows] == [budget.what for budget in BUDGETS]
    assert rows[0][1:] == ["≥ 5 ×", "6.25 ×", "met"]
    assert rows[1][2:] == ["–", "not measured"]
