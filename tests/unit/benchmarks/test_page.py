"""The page's blocks, and the reports that they are filled from."""

from tests.benchmarks.page import fill
from tests.benchmarks.report import Plot, Report, Sheet

PAGE = "Before.\n<!-- figures: engine -->\nold\n<!-- end -->\nAfter.\n<!-- figures: http -->\n<!-- end -->\n"


def report() -> Report:
    sheet = Sheet("Speed", ["program", "/s"], [["a|b", "12"]])
    run = {"machine": {"cores": "2"}, "repeats": 5, "quick": False}
    return Report("engine", [sheet], {"engine.python.ratio": 6.0}, [Plot("p", "x", "y", {"s": [(1.0, 2.0)]})], [], run)


def test_a_block_is_filled_and_the_text_around_it_stays():
    page = fill(PAGE, [report()])

    assert "old" not in page
    assert page.startswith("Before.\n<!-- figures: engine -->\n")
    assert "| a\\|b | 12 |" in page
    assert "cores: 2; median of 5." in page
    assert page.endswith("After.\n<!-- figures: http -->\n<!-- end -->\n")


def test_filling_twice_changes_nothing_more():
    once = fill(PAGE, [report()])

    assert fill(once, [report()]) == once


def test_a_report_comes_back_from_its_file_as_it_was(tmp_path):
    path = report().write(tmp_path)

    found = Report.read(path)

    assert (found.sheets, found.figures, found.run) == (report().sheets, report().figures, report().run)


def test_a_verdict_that_is_not_the_expected_one_is_remembered():
    found = report()

    found.check("a program", "accepted", "accepted")
    found.check("another", "wrong_answer", "accepted")

    assert found.wrong == ["engine: another: wrong_answer, expected accepted"]
