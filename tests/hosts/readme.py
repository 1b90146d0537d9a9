"""What the README tells a newcomer to type."""

import re

from tests.hosts.report import CHECKOUT

README = (CHECKOUT / "README.md").read_text()


def request_of_the_readme() -> tuple[str, str]:
    """The URL and the body of the first request that it shows."""
    shown = re.search(r"curl\b.*?(http://\S+).*?(?:-d|--data|--json)\s+'(.*?)'", README, re.DOTALL)
    assert shown, "the README shows no request with curl"
    return shown[1], shown[2]


def compose_command_of_the_readme() -> list[str]:
    """The words after ``docker compose`` that bring the stack up."""
    shown = re.search(r"^docker compose (up[^#\n]*)", README, re.MULTILINE)
    assert shown, "the README does not bring up the stack"
    return shown[1].split()
