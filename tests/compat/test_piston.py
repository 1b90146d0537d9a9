"""What Piston's callers send, open-r1 among them, and what they read of the answer."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

SQUARE = "print(int(input()) ** 2)"
CHECKER = """
import sys
given, wanted, output = (open(name).read() for name in sys.argv[1:])
print(1 if sorted(output.split()) == sorted(wanted.split()) else 0)
"""


def execute(client: TestClient, status: int = 200, **body: Any) -> Any:
    answer = client.post("/api/v2/execute", json={"version": "*", **body})
    assert answer.status_code == status
    return answer.json()


def file(name: str, content: str, **more: str) -> dict[str, str]:
    return {"name": name, "content": content, **more}


def codeforces(source: str, wanted: str, *more: dict[str, str], given: str = "3", mode: str = "stdio") -> list[Any]:
    """The files of open-r1's reward for Codeforces' problems."""
    config = f"TIME_LIMIT=1.0\nMEMORY_LIMIT=256.0\nINPUT_MODE={mode}"
    return [
        file("main.python", source), *more, file("input.txt", given), file("correct_output.txt", wanted),
        file("grader_config", config),
    ]  # fmt: skip


def graded(client: TestClient, files: list[Any], language: str = "cf_python3") -> tuple[Any, ...]:
    answer = execute(client, language=language, files=files, run_timeout=11000)
    assert answer["compile"]["code"] == 0
    return answer["run"]["code"], answer["run"]["stdout"].strip()


def test_a_program_is_run(client: TestClient) -> None:
    answer = execute(client, language="python3", files=[file("x.py", SQUARE)], stdin="12")

    run = answer["run"]
    assert (run["stdout"], run["stderr"], run["output"], run["code"], run["signal"]) == ("144\n", "", "144\n", 0, None)
    assert (answer["language"], answer["version"].count(".")) == ("python", 2)
    assert "compile" not in answer


@pytest.mark.parametrize(
    ("language", "code"), [("python", "import sys\nprint(sys.argv[1:])"), ("bash", "printf \"['%s', '%s']\\n\" \"$@\"")]
)
def test_a_program_has_its_arguments(client: TestClient, language: str, code: str) -> None:
    answer = execute(client, language=language, files=[{"content": code}], args=["-n", "a b"])

    assert answer["run"]["stdout"] == "['-n', 'a b']\n"


def test_what_comes_with_a_program_lies_beside_it(client: TestClient) -> None:
    files = [
        file("main.py", "print(open('a').read() + open('b/c').read())"),
        file("a", "x"), file("b/c", "eQ==", encoding="base64"), file("d", "7a", encoding="hex"),
    ]  # fmt: skip

    assert execute(client, language="python", files=files)["run"]["stdout"] == "xy\n"


@pytest.mark.parametrize(
    ("source", "code", "signal", "status"),
    [
        ("exit(3)", 3, None, "RE"),
        ("import os; os.abort()", None, "SIGABRT", "SG"),
        ("while True: pass", None, "SIGKILL", "TO"),
    ],
)
def test_how_a_program_ended_is_told(
    client: TestClient, source: str, code: int | None, signal: str | None, status: str
) -> None:
    run = execute(client, language="python", files=[file("a.py", source)], run_timeout=300)["run"]

    assert (run["code"], run["signal"], run["status"]) == (code, signal, status)


def test_a_program_that_does_not_compile_tells_it_twice(client: TestClient) -> None:
    answer = execute(client, language="c++", files=[file("a.cpp", "int main() {")])

    assert (answer["compile"]["code"], answer["run"]["code"]) == (1, 1)
    assert "error" in answer["compile"]["stderr"]


@pytest.mark.parametrize(
    ("source", "wanted", "code", "stdout"),
    [
        (SQUARE, "9\r\n", 0, "1"),
        (SQUARE, "10", 0, "0"),
        ("print('yes', 'a')", "YES\na", 0, "1"),
        ("print('maybe')", "MAYBE", 0, "0"),
        ("exit(3)", "", 3, "0"),
        ("print(", "", 1, "0"),
        ("while True: pass", "", 124, "0"),
        ("x = bytearray(2**29); print(9)", "9", 134, "0"),
        ("import sys; print(9); open('correct_output.txt')", "9", 1, "0"),
    ],
)
def test_codeforces_grader(client: TestClient, source: str, wanted: str, code: int, stdout: str) -> None:
    answer = graded(client, codeforces(source, wanted))

    assert answer[1] == stdout
    assert answer[0] in ((code, 1) if code == 134 else (code,))


def test_codeforces_programs_in_other_languages_and_with_files(client: TestClient) -> None:
    cpp = "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << n * n; }"
    reads = "open('output.txt', 'w').write(open('input.txt').read() * 2)"

    assert graded(client, codeforces(cpp, "9"), "c++17") == (0, "1")
    assert graded(client, codeforces(cpp, "9"), "cf_c++20") == (0, "1")
    assert graded(client, codeforces(reads, "33", mode="file")) == (0, "1")


def test_codeforces_checker_never_meets_the_program(client: TestClient) -> None:
    checker = file("checker.py", CHECKER)
    spies = "import os\nprint(os.path.exists('checker.py') or os.path.exists('correct_output.txt'))"

    assert graded(client, codeforces("print(2, 1)", "1 2", checker)) == (0, "1")
    assert graded(client, codeforces("print(2, 2)", "1 2", checker)) == (0, "0")
    assert graded(client, codeforces(spies, "False")) == (0, "1")
    assert graded(client, codeforces("print(1)", "1", file("checker.py", "raise SystemExit(7)"))) == (7, "0")


def test_a_codeforces_program_that_does_not_compile(client: TestClient) -> None:
    answer = execute(client, language="c++17", files=codeforces("int main( {", "9"))

    assert answer["compile"]["code"] == 1


def ioi(source: str, *more: dict[str, str], wanted: str = "7") -> list[Any]:
    """The files of open-r1's reward for IOI's problems."""
    grader = (
        '#include <cstdio>\n#include "sum.h"\nint main() { int a, b; scanf("%d %d", &a, &b); printf("%d", sum(a, b)); }'
    )
    config = {"task_type": "Batch", "code": "sum", "time_limit": 1.0, "memory_limit": 268435456}
    return [
        file("graders/sum.cpp", source), file("input.txt", "3 4"), file("correct_output.txt", wanted),
        file("graders/grader.cpp", grader), file("graders/sum.h", "int sum(int a, int b);"),
        file("graders/grader_config.json", json.dumps(config)), *more,
    ]  # fmt: skip


ADDS = '#include "sum.h"\nint a;\nint sum(int x, int y) { return x + y; }'


def test_ioi_grader_is_linked_with_the_program(client: TestClient) -> None:
    right, wrong, broken = (
        execute(client, language="cms_ioi", files=ioi(source), run_timeout=4000, run_memory_limit=268435456)
        for source in (ADDS, ADDS.replace("+", "-"), ADDS.replace("sum(int x", "total(int x"))
    )

    assert right["run"]["stdout"].strip() == "1"
    assert wrong["run"]["stdout"].strip() == "0"
    assert broken["compile"]["code"] == 1


def test_ioi_checker_gives_its_score(client: TestClient) -> None:
    checker = """
#include <cstdio>
int main(int argc, char *argv[]) {
    int wanted, found;
    fscanf(fopen(argv[2], "r"), "%d", &wanted);
    fscanf(fopen(argv[3], "r"), "%d", &found);
    printf("%s", wanted == found ? "1.0" : "0.5");
    fprintf(stderr, "translate:success");
}
"""
    answer = execute(client, language="cms_ioi", files=ioi(ADDS, file("checker/checker.cpp", checker), wanted="8"))

    assert (answer["run"]["stdout"], answer["run"]["stderr"]) == ("0.5", "translate:success")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"language": "python"}, "files"),
        ({"language": "cobol", "files": [{"content": ""}]}, "cobol-* runtime is unknown"),
        ({"language": "python", "files": [{"content": ""}], "args": ["a"] * 101}, "arguments"),
        ({"language": "python", "files": [{"content": "eA==", "encoding": "base64"}]}, "utf8"),
        ({"language": "python", "files": [{"content": ""}, {"name": "../a", "content": ""}]}, "relative"),
        ({"language": "python", "files": [{"content": ""}], "run_timeout": 10**9}, "at most"),
        ({"language": "cf_python3", "files": [{"name": "main.py", "content": ""}]}, "input.txt"),
        ({"language": "cms_ioi", "files": [{"name": "graders/a.cpp", "content": ""}]}, "grader_config.json"),
    ],
)
def test_bad_input_is_a_message(client: TestClient, body: dict[str, Any], says: str) -> None:
    assert says in execute(client, 400, **body)["message"]


def test_what_is_not_json_is_told_as_piston_does(client: TestClient) -> None:
    answer = client.post("/api/v2/execute", content="x", headers={"Content-Type": "text/plain"})

    assert (answer.status_code, list(answer.json())) == (415, ["message"])


def test_runtimes_and_packages_are_those_of_the_workers(client: TestClient) -> None:
    runtimes = client.get("/api/v2/runtimes").json()
    packages = client.get("/api/v2/packages").json()

    names = {name for runtime in runtimes for name in (runtime["language"], *runtime["aliases"])}
    assert {"python", "python3", "c++", "cms_ioi", "cf_python3"} <= names
    assert {"language", "language_version", "installed"} == set(packages[0])
    assert client.post("/api/v2/packages", json={}).status_code == 403


def test_our_failure_is_one_to_try_again_after(broken_client: TestClient) -> None:
    answers = [
        broken_client.post("/api/v2/execute", json={"language": language, "version": "*", "files": files})
        for language, files in (("python", [file("a", SQUARE)]), ("cf_python3", codeforces(SQUARE, "9")))
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (503, {"message": "the sandbox failed 3 times"})
    ] * 2
