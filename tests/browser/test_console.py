"""The console as a person uses it, in a real browser over a real service."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, OpenPage
from tests.e2e.service import Running, job, running

expect.set_options(timeout=PATIENCE_MS)

SQUARE = "print(int(input()) ** 2)"
HOSTILE = """\
<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>\u202egnp.exe"""


def run(page: Page, source: str) -> None:
    expect(page.locator("#source")).not_to_have_value("")
    page.locator("#source").fill(source)
    page.get_by_role("button", name="Run", exact=True).click()


def test_a_program_is_run_and_its_verdict_shown(service: Running, open_page: OpenPage):
    page = open_page(service)

    run(page, "n = int(input())\nprint(n * n if n < 10 else 0)")

    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("wrong answer")
    expect(verdict).to_contain_text("1 of 2 tests passed")
    opened = page.locator(".test-result[open]")
    expect(opened).to_have_count(1)
    expect(opened).to_contain_text("Test 2")
    assert [box.inner_text() for box in opened.locator("pre").all()] == ["12\n", "144\n", "0\n"]


def test_a_function_is_called_and_its_answer_shown(service: Running, open_page: OpenPage):
    page = open_page(service)
    expect(page.locator("#source")).not_to_have_value("")

    page.get_by_label("Tests are").select_option("call")
    page.get_by_label("Expected answer").fill("145")
    page.get_by_role("button", name="Run", exact=True).click()

    expect(page.locator("#verdict")).to_contain_text("wrong answer")
    assert [box.inner_text() for box in page.locator(".test-result[open] pre").all()] == ["square(12)", "145", "144"]
    expect(page.locator("#recent tr").first).to_contain_text("calls")


def test_an_answer_that_is_no_json_is_explained_and_nothing_sent(service: Running, open_page: OpenPage):
    page = open_page(service)
    page.get_by_label("Tests are").select_option("call")
    page.get_by_label("Expected answer").fill("[1,")

    page.get_by_role("button", name="Run", exact=True).click()

    expect(page.locator("#verdict")).to_contain_text("the expected answer must be JSON")


def test_test_code_tells_where_it_failed_and_what_a_pass_rests_on(service: Running, open_page: OpenPage):
    page = open_page(service)
    expect(page.locator("#source")).not_to_have_value("")
    page.get_by_label("Tests are").select_option("assertions")

    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#verdict")).to_contain_text("accepted")
    expect(page.locator("#details")).to_contain_text("rests on: split")
    page.get_by_role("textbox", name="Test code").fill("assert square(3) == 10")
    page.get_by_role("button", name="Run", exact=True).click()

    expect(page.locator("#verdict")).to_contain_text("wrong answer")
    expect(page.get_by_label("What the test code said", exact=True)).to_contain_text("square(3) == 10")
    row = page.locator("#recent tr", has_text="assertions").nth(1)
    row.get_by_role("button").click()
    expect(page.locator("#recent .more")).to_contain_text("rests on split")


def test_every_control_has_a_name_and_shows_the_focus(service: Running, open_page: OpenPage):
    page = open_page(service)
    run(page, SQUARE)
    expect(page.locator("#verdict")).to_contain_text("accepted")
    page.get_by_text("Limits and checker").click()
    page.get_by_role("button", name="As curl").click()

    nameless = page.evaluate((Path(__file__).parent / "nameless.js").read_text())
    rings = []
    for _ in range(12):
        page.keyboard.press("Tab")
        rings.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))

    assert nameless == []
    assert set(rings) == {"solid"}


def test_a_service_that_is_away_is_told_and_found_again(service: Running, open_page: OpenPage):
    page = open_page(service, expect_refusals=True)
    expect(page.locator("#connection")).to_have_text("connected")

    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("The service does not answer. What is shown is from")
    run(page, SQUARE)
    expect(page.locator("#verdict")).to_contain_text("Not judged: the service does not answer")
    page.context.set_offline(False)

    expect(page.locator("#connection")).to_have_text("connected")
    expect(page.locator("#away")).to_be_hidden()


def test_the_playground_opens_once_the_service_can_run_programs(service: Running, open_page: OpenPage):
    page = open_page(service, path="/healthz", expect_refusals=True)
    page.route("**/v1/languages", lambda route: route.abort())
    page.goto(f"http://127.0.0.1:{service.port}/")
    expect(page.locator("#verdict")).to_contain_text("The playground opens when it can: the service does not answer")

    page.unroute("**/v1/languages")

    expect(page.locator("#source")).not_to_have_value("")
    expect(page.locator("#verdict")).to_contain_text("Run the program")


def test_long_output_is_cut_marked_and_kept_in_its_box(service: Running, open_page: OpenPage):
    page = open_page(service)

    run(page, "print('line\\n' * 100_000)")

    shown = page.locator(".test-result[open] figure", has_text="Standard output")
    expect(shown).to_contain_text("cut off")
    assert shown.evaluate("figure => figure.getBoundingClientRect().height") < 400


def test_what_the_compiler_said_is_shown(service: Running, open_page: OpenPage):
    page = open_page(service)

    run(page, "print(")

    expect(page.locator("#verdict")).to_contain_text("compile error")
    expect(page.locator("#details")).to_contain_text("SyntaxError")


def test_a_refused_request_is_explained(service: Running, open_page: OpenPage):
    page = open_page(service, expect_refusals=True)
    page.get_by_text("Limits and checker").click()
    page.get_by_label("CPU seconds").fill("1000")

    run(page, SQUARE)

    expect(page.locator("#verdict")).to_contain_text("at most 120, not 1000")


def test_hostile_output_is_text(service: Running, open_page: OpenPage):
    page = open_page(service)
    say = f"import sys\nprint({HOSTILE!r})\nprint({HOSTILE!r}, file=sys.stderr)"

    run(page, say)

    shown = page.locator(".test-result[open] pre", has_text="onerror")
    expect(shown).to_have_count(2)
    assert shown.first.inner_text() == HOSTILE + "\n"
    assert page.title() == "Sandbox service"
    assert page.locator("#details img, #details script").count() == 0


def test_an_id_of_a_hostile_caller_is_text(service: Running, open_page: OpenPage):
    page = open_page(service)
    hostile = job(SQUARE)
    hostile["submissions"][0]["id"] = HOSTILE

    service.client.post("/v1/judge", json=hostile).raise_for_status()

    expect(page.locator("#recent")).to_contain_text("onerror")
    assert page.locator("#recent img").count() == 0


def test_the_keyboard_is_enough(service: Running, open_page: OpenPage):
    page = open_page(service)
    expect(page.locator("#source")).not_to_have_value("")
    keys = page.keyboard

    for _ in range(20):
        keys.press("Tab")
        if page.evaluate("document.activeElement.id") == "source":
            break
    keys.press("Control+A")
    keys.insert_text("def square(n):")
    for word in ("Enter", "Tab"):
        keys.press(word)
    keys.insert_text("return n * n")
    keys.press("Enter")
    keys.press("Shift+Tab")
    keys.insert_text("print(square(int(input())))")
    keys.press("Control+Enter")

    expect(page.locator("#verdict")).to_contain_text("accepted")
    expect(page.locator("#source")).to_have_value("def square(n):\n    return n * n\nprint(square(int(input())))")
    expect(page.locator("#gutter")).to_have_text("1\n2\n3")
    keys.press("Escape")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.id") != "source"


def test_an_example_of_another_language_is_there_to_try(service: Running, open_page: OpenPage):
    page = open_page(service)

    page.locator("#language").select_option("cpp")
    page.get_by_label("Standard").select_option("c++20")
    page.locator("#example").select_option("time_limit_exceeded")

    expect(page.locator("#source")).to_have_value(re.compile("main"))
    page.get_by_role("button", name="As curl").click()
    expect(page.locator("#curl-text")).to_contain_text('"standard":"c++20"')


def test_the_curl_command_does_the_same(service: Running, open_page: OpenPage):
    page = open_page(service)
    expect(page.locator("#source")).not_to_have_value("")
    page.locator("#source").fill("print(int(input()) ** 2)  # it's mine")

    page.get_by_role("button", name="As curl").click()
    command = page.locator("#curl-text").inner_text()

    done = subprocess.run(shlex.split(command.replace("\\\n", "")), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["judgements"][0]["verdict"] == "accepted"


def test_the_queue_and_the_latest_judgements_are_followed(service: Running, open_page: OpenPage, tmp_path: Path):
    page = open_page(service)
    expect(page.locator("#slots")).to_have_text("0 / 1")
    slow = {**job(*(f"import time; time.sleep(1)  # {i}" for i in range(3))), "reward": "fraction_passed"}

    place = service.client.post("/v1/jobs", json=slow).headers["Location"]

    expect(page.locator("#queued")).to_have_text(re.compile("[123]"))
    expect(page.locator("#slots")).to_have_text("1 / 1")
    expect(page.locator("#workers")).to_contain_text("judging")
    with service.client.stream("GET", f"{place}/events") as events:
        assert any("end" in line for line in events.iter_lines())
    expect(page.locator("#queued")).to_have_text("0")
    row = page.locator("#recent tr", has_text="r2").first
    expect(row).to_contain_text("wrong answer")
    row.get_by_role("button").click()
    expect(page.locator("#recent .more")).to_contain_text("exit 0")


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_the_system_theme_is_followed_until_another_is_chosen(
    service: Running, open_page: OpenPage, scheme: str, other: str
):
    page = open_page(service, color_scheme=scheme)
    assert brightness(page) == scheme

    page.locator("#theme").click()
    assert brightness(page) == other

    page.reload()
    assert brightness(page) == other


@pytest.mark.parametrize(("system", "chosen"), [("light", "dark"), ("dark", "light")])
def test_a_chosen_theme_has_the_colours_of_the_systems_own(
    service: Running, open_page: OpenPage, system: str, chosen: str
):
    native = open_page(service, color_scheme=chosen)
    page = open_page(service, color_scheme=system)
    others = colours(page)

    page.locator("#theme").click()

    assert colours(page) == colours(native)
    assert all(one != other for one, other in zip(colours(page), others, strict=True))


def test_who_chooses_the_systems_theme_follows_the_system_again(service: Running, open_page: OpenPage):
    page = open_page(service, color_scheme="light")
    for _ in range(2):
        page.locator("#theme").click()

    page.emulate_media(color_scheme="dark")

    assert brightness(page) == "dark"


def colours(page: Page) -> list[str]:
    """What the page's own names of colours come to."""
    page.locator("#theme").blur()
    return list(page.evaluate((Path(__file__).parent / "colours.js").read_text()))


def brightness(page: Page) -> str:
    red, green, blue = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    return "light" if red + green + blue > 382 else "dark"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_its_ground(service: Running, open_page: OpenPage, scheme: str):
    page = open_page(service, color_scheme=scheme)
    for verdict in ("accepted", "time_limit_exceeded", "wrong_answer"):
        expect(page.locator("#source")).not_to_have_value("")
        page.locator("#example").select_option(verdict)
        page.locator("#source").press("Control+Enter")
        expect(page.locator("#verdict")).to_contain_text(verdict.replace("_", " "))
    expect(page.locator("#recent tr").nth(2)).to_be_visible()

    faint = page.evaluate((Path(__file__).parent / "contrast.js").read_text())

    assert faint == []


def test_a_narrow_window_needs_no_sideways_scrolling(service: Running, open_page: OpenPage):
    page = open_page(service, viewport={"width": 400, "height": 800})

    run(page, "print('x' * 3000)")

    expect(page.locator("#verdict")).to_contain_text("wrong answer")
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_with_keys_the_page_asks_for_one_and_keeps_it_for_the_tab(tmp_path: Path, open_page: OpenPage):
    with running(tmp_path, SANDBOX_API_KEYS="open-sesame") as service:
        page = open_page(service, expect_refusals=True)
        key = page.get_by_label("Key", exact=True)
        expect(key).to_be_focused()
        expect(page.locator("#queued")).to_have_text("–")

        page.context.set_offline(True)
        key.fill("open-sesame")
        key.press("Enter")
        expect(page.locator("#key-error")).to_have_text("the service does not answer")
        page.context.set_offline(False)
        key.fill("a guess")
        key.press("Enter")
        expect(page.locator("#key-error")).to_have_text("the API key is not known")
        key.fill("open-sesame")
        key.press("Enter")

        run(page, SQUARE)
        expect(page.locator("#verdict")).to_contain_text("accepted")
        page.get_by_role("button", name="As curl").click()
        expect(page.locator("#curl-text")).to_contain_text("Bearer $SANDBOX_API_KEY")
        assert "open-sesame" not in page.content()
        page.reload()
        expect(page.locator("#slots")).to_have_text("0 / 1")
