"""What docs/api.md says is what the API does."""

import json
import re
from pathlib import Path

from sandbox_service.api import failures
from sandbox_service.models import Job, Verdict

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


def test_the_page_explains_every_code_with_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", PAGE, re.MULTILINE)
    told = {(int(status), code) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}

    answered = {(int(status), code) for status, code in failures.ANSWERS.values()}
    assert told == answered | {(status, code) for status, code in failures.CODES_OF_STATUS.items()}


def test_the_page_names_every_verdict() -> None:
    assert all(f"`{verdict}`" in PAGE for verdict in Verdict)


def test_the_first_example_is_a_job() -> None:
    found = re.search(r"/v1/judge .*? -d '(\{.*?\n\})'", PAGE, re.DOTALL)

    assert found is not None
    assert len(Job.model_validate(json.loads(found[1])).submissions) == 2
