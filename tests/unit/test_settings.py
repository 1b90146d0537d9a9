"""Settings from SANDBOX_ variables, and the page that lists them."""

import re
from pathlib import Path
from typing import Any

import pytest

from sandbox_service.errors import ConfigurationError
from sandbox_service.models import Tier
from sandbox_service.settings import VARIABLES, Settings, available_cores, read_settings

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def test_nothing_set_means_the_defaults() -> None:
    assert read_settings({"PATH": "/bin"}) == Settings()


def test_the_environment_of_the_process_is_not_looked_at_behind_ones_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_PORT", "1")

    assert Settings().port == read_settings({}).port == 8000


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_means_unset(empty: str) -> None:
    settings = read_settings({"SANDBOX_PORT": empty, "SANDBOX_API_KEYS": empty, "SANDBOX_REDIS_URL": empty})

    assert (settings.port, settings.api_keys, settings.redis_url) == (8000, (), None)


def test_api_keys_are_separated_by_commas() -> None:
    keys = read_settings({"SANDBOX_API_KEYS": "one, two ,,three"}).api_keys

    assert [key.get_secret_value() for key in keys] == ["one", "two", "three"]


def test_secrets_are_not_shown() -> None:
    settings = read_settings({"SANDBOX_API_KEYS": "hidden", "SANDBOX_REDIS_URL": "redis://:hidden@host"})

    assert "hidden" not in repr(settings)


def test_values_are_read_from_text() -> None:
    settings = read_settings(
        {"SANDBOX_WORKERS": "3", "SANDBOX_ISOLATION": "namespaces", "SANDBOX_LOG_LEVEL": "DEBUG", "SANDBOX_PORT": "80"}
    )

    assert (settings.workers, settings.isolation, settings.log_level) == (3, Tier.NAMESPACES, "debug")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SANDBOX_PROT", "1", "did you mean SANDBOX_PORT"),
        ("SANDBOX_XYZZY", "1", "available: SANDBOX_API_KEYS"),
        ("SANDBOX_PORT", "70000", "SANDBOX_PORT: Input should be less than or equal to 65535 (got '70000')"),
        ("SANDBOX_WORKERS", "many", "SANDBOX_WORKERS"),
        ("SANDBOX_ISOLATION", "strong", "'unsafe', 'landlock', 'namespaces' or 'docker'"),
        ("SANDBOX_LOG_LEVEL", "loud", "'debug', 'info'"),
        ("SANDBOX_LEASE_SECONDS", "nan", "SANDBOX_LEASE_SECONDS"),
        ("SANDBOX_MAXIMUM_TESTS", "0", "greater than 0"),
        ("SANDBOX_MAXIMUM_MEMORY_BYTES", "4096", "greater than or equal to 4194304"),
        ("SANDBOX_OTLP_ENDPOINT", "collector:4318", "SANDBOX_OTLP_ENDPOINT: must be http://HOST:PORT"),
        ("SANDBOX_REDIS_URL", "localhost:6379", "SANDBOX_REDIS_URL: must be redis://HOST:PORT/DATABASE"),
        ("SANDBOX_REDIS_URL", "redis://", "SANDBOX_REDIS_URL: must be redis://HOST:PORT/DATABASE"),
        ("SANDBOX_REDIS_URL", "redis://user:pass/word@host", "SANDBOX_REDIS_URL: must be redis://HOST:PORT/DATABASE"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(variable: str, value: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_settings({variable: value})

    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert "pass" not in str(error.value)


def test_the_operations_page_lists_every_setting_as_it_is() -> None:
    rows = re.findall(r"^\| `(SANDBOX_\w+)` \| (.*?) \| (.*?) \|$", OPERATIONS.read_text("utf-8"), re.MULTILINE)

    assert rows == [_row(variable, name) for variable, name in VARIABLES.items()]


def _row(variable: str, name: str) -> tuple[str, str, str]:
    """The setting's row; a test that fails shows the one to write."""
    field = Settings.model_fields[name]
    return variable, _shown(field), field.description or ""


def _shown(field: Any) -> str:
    if field.default_factory is available_cores:
        return "the cores"
    if field.default is None or field.default == ():
        return ""
    if isinstance(field.default, tuple):
        return f"`{','.join(field.default)}`"
    return f"`{field.default:_}`" if type(field.default) is int and field.default > 10**5 else f"`{field.default}`"
