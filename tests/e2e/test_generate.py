"""Generators and packages, against a whole service."""

import base64
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox_service.client import Client, RequestRefused
from sandbox_service.errors import BadRequest
from sandbox_service.models import Choice, Group, Scoring
from tests.e2e.service import Running, running

SEEDED = """\
import argparse, random
parser = argparse.ArgumentParser()
parser.add_argument('--seed', type=int, default=42)
random.seed(parser.parse_args().seed)
for name, least in (('base', 1), ('boundary', 100), ('large', 10**9)):
    with open(f'{name}.in', 'w') as file:
        print(random.randrange(least, least * 10), file=file)
"""
SQUARE = {"id": "s", "language": "python", "source": "print(int(input()) ** 2)"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def client(service: Running) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{service.port}") as client:
        yield client


def test_the_same_seed_writes_the_same_files_and_another_others(client: Client) -> None:
    made = client.generate(SEEDED, seeds=[1, 2, 1])

    assert made.verdict == "accepted"
    assert [sorted(run.files) for run in made.runs] == [["base.in", "boundary.in", "large.in"]] * 3
    assert made.runs[0].files == made.runs[2].files != made.runs[1].files
    assert made.runs[1].arguments == ("--seed", "2")


def test_what_is_kept_is_a_test_set_by_which_a_program_is_run(client: Client) -> None:
    made = client.generate(SEEDED, keep=True)

    assert made.test_set is not None
    assert made.tests == ("base.in", "boundary.in", "large.in")
    (judgement,) = client.judge({"test_set": made.test_set}, [SQUARE])
    numbers = [int(made.runs[0].files[name]) for name in made.tests]
    assert [int(result.stdout) for result in judgement.results] == [number**2 for number in numbers]


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python", "import sys; open('a.in', 'w').write(' '.join(sys.argv[1:]))"),
        ("bash", 'printf %s "$*" > a.in'),
        (
            "cpp",
            '#include <fstream>\nint main(int n, char** v) { std::ofstream f("a.in"); '
            'for (int i = 1; i < n; i++) f << (i > 1 ? " " : "") << v[i]; }',
        ),
    ],
)
def test_a_program_gets_its_arguments(client: Client, language: str, source: str) -> None:
    made = client.generate(source, language=language, arguments=[["-n", "5"], ["x"], []])

    assert made.verdict == "accepted"
    assert [run.files["a.in"] for run in made.runs] == [b"-n 5", b"x", b""]


def test_a_library_comes_along_with_the_generator(client: Client) -> None:
    library = {"tools/__init__.py": b"def numbers(n): return ' '.join(map(str, range(n)))\n"}

    made = client.generate("from tools import numbers; open('a.in', 'w').write(numbers(3))", files=library)

    assert made.runs[0].files == {"a.in": b"0 1 2"}


@pytest.mark.parametrize(
    ("source", "verdict", "files"),
    [
        ("import os; os.symlink('/etc/passwd', 'a.in'); os.symlink('main.py', 'b.in')", "accepted", {}),
        (
            "import os; os.mkdir('d'); os.symlink('/etc', 'e.in'); open('d/a.in', 'w').write('1')",
            "accepted",
            {"d/a.in": b"1"},
        ),
        ("for n in range(1000): open(f'{n}.in', 'w').write('1')", "output_limit_exceeded", {}),
        ("import os; os.truncate(os.open('a.in', os.O_CREAT | os.O_RDWR), 100 << 20)", "output_limit_exceeded", {}),
        (
            "import os\nfor n, size in (('a', 10), ('b', 125)): os.truncate(os.open(n + '.in', 66), size << 20)",
            "output_limit_exceeded",
            {},
        ),
        ("raise SystemExit(3)", "runtime_error", {}),
        ("while True: pass", "time_limit_exceeded", {}),
        ("print('nothing')", "accepted", {}),
    ],
)
def test_a_hostile_generator_has_its_verdict_and_nobody_else_is_harmed(
    client: Client, source: str, verdict: str, files: dict[str, bytes]
) -> None:
    made = client.generate(source, limits={"cpu_seconds": 1})

    assert (made.verdict, dict(made.runs[0].files)) == (verdict, files)
    (after,) = client.judge({"tests": [{"stdin": "3", "expected": "9"}]}, [SQUARE])
    assert after.verdict == "accepted"


def test_ten_gigabytes_do_not_come_to_be(client: Client) -> None:
    source = "block = bytes(1 << 20)\nwith open('a.in', 'wb') as file:\n    for _ in range(10_000): file.write(block)\n"

    made = client.generate(source, limits={"cpu_seconds": 5})

    assert made.verdict in ("output_limit_exceeded", "runtime_error")  # a full disk may be told to the program first
    assert made.runs[0].files == {}
    (after,) = client.judge({"tests": [{"stdin": "3", "expected": "9"}]}, [SQUARE])
    assert after.verdict == "accepted"


def test_a_generator_that_does_not_compile_has_no_runs(client: Client) -> None:
    made = client.generate("int main( {", language="cpp", keep=True)

    assert (made.verdict, list(made.runs), made.test_set) == ("compile_error", [], None)
    assert "error" in (made.reason or "")


def test_the_same_input_twice_is_one_test(client: Client) -> None:
    made = client.generate("for n in (10, 2, 1): open(f'{n}.in', 'w').write(str(n % 2))", keep=True)

    assert made.tests == ("1.in", "2.in")


def test_what_is_no_text_comes_back_and_is_not_kept(client: Client) -> None:
    made = client.generate("open('a.in', 'wb').write(bytes([255]))", keep=True)

    assert (made.runs[0].files, made.test_set) == ({"a.in": b"\xff"}, None)
    assert "a.in is no text" in (made.reason or "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seeds": [1], "arguments": [["a"]]}, "request"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [1] * 33}, "seeds"),
        ({"seeds": ["1"]}, "seeds.0"),
        ({"arguments": [["a\0"]]}, "arguments.0.0"),
        ({"fetch": ["../*.in"]}, "fetch.0"),
        ({"language": "pyhton"}, "language"),
        ({"limits": {"cpu_seconds": 1e6}}, "limits.cpu_seconds"),
        ({"files": {"/etc/a": ""}}, "files./etc/a"),
        ({"stdin": "1"}, "stdin"),
    ],
)
def test_what_cannot_be_is_refused_by_name(service: Running, changes: dict[str, object], field: str) -> None:
    body = {"language": "python", "source": SEEDED} | changes

    answer = httpx.post(f"http://127.0.0.1:{service.port}/v1/generate", json=body)

    assert answer.status_code == 422
    assert (answer.json()["error"]["field"] or "request") == field


def test_the_same_request_by_its_key_is_the_same_work(service: Running) -> None:
    body = {"language": "python", "source": "import os; open('a.in', 'w').write(os.urandom(8).hex())"}
    url, headers = f"http://127.0.0.1:{service.port}/v1/generate", {"Idempotency-Key": "generate-once"}

    first, second = (httpx.post(url, json=body, headers=headers).json() for _ in range(2))

    assert first == second
    assert base64.b64decode(first["runs"][0]["files"]["a.in"])


# ---------------------------------------------------------------- packages


@pytest.fixture
def package(tmp_path: Path) -> Path:
    files = {
        "problem.yaml": "name: Squares\nvalidator_flags: float_tolerance 1e-3\nlimits: {time_limit: 2}\n",
        "data/sample/1.in": "2\n",
        "data/sample/1.ans": "4\n",
        "data/secret/1.in": "3\n",
        "data/secret/1.ans": "9\n",
    }
    for name, content in files.items():
        path = tmp_path / "squares" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "squares"


def test_a_package_is_a_problem_that_others_can_be_judged_by(client: Client, package: Path) -> None:
    problem = client.upload_package(package)

    close = {"id": "c", "language": "python", "source": "print(int(input()) ** 2 + 0.0001)"}
    wrong = {"id": "w", "language": "python", "source": "print(4)"}
    assert problem.tests is None
    assert problem.limits.cpu_seconds == 2
    assert [judgement.verdict for judgement in client.judge(problem, [SQUARE, close, wrong])] == [
        "accepted",
        "accepted",
        "wrong_answer",
    ]


def test_a_package_is_refused_with_what_does_not_go_with_its_tests(client: Client, package: Path) -> None:
    problem = client.upload_package(package)

    changes: list[tuple[dict[str, Any], str]] = [
        ({"checker": Choice(name="strict")}, "problem.checker"),
        ({"scoring": Scoring(groups=(Group(name="large"),))}, "problem.scoring.groups.0.name"),
    ]
    for change, field in changes:
        with pytest.raises(RequestRefused) as refused:
            client.judge(problem.model_copy(update=change), [SQUARE])

        assert (refused.value.status, refused.value.field) == (422, field)


def test_the_groups_of_a_package_are_subtasks_of_a_reward(client: Client, package: Path) -> None:
    (package / "problem.yaml").write_text("type: scoring\n")
    (package / "data/testdata.yaml").write_text("on_reject: continue\n")
    (package / "data/sample/testdata.yaml").write_text("accept_score: 30\n")
    (package / "data/secret/testdata.yaml").write_text("accept_score: 70\n")
    problem = client.upload_package(package)
    four = {"id": "f", "language": "python", "source": "print(4)"}

    judged = {reward: client.judge(problem, [SQUARE, four], reward=reward) for reward in ("subtasks", "weighted")}

    assert [judgement.reward for judgement in judged["subtasks"]] == [100, 30]
    assert [judgement.reward for judgement in judged["weighted"]] == [1, 0.3]


def test_a_zip_of_a_package_is_the_same_problem(client: Client, package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "squares.zip", "w") as archive:
        for path in package.rglob("*"):
            archive.write(path, path.relative_to(tmp_path))

    assert client.upload_package(tmp_path / "squares.zip") == client.upload_package(package)


def test_a_package_that_is_not_whole_is_refused_with_what_is_missing(client: Client, package: Path) -> None:
    (package / "data/secret/1.ans").unlink()

    with pytest.raises(BadRequest, match=r"data/secret/1\.ans: is missing"):
        client.upload_package(package)

    problem = client.upload_package(package, partly=True)
    assert client.judge(problem, [SQUARE])[0].total == 1
    assert json.loads(problem.model_dump_json())["test_set"].startswith("sha256:")
