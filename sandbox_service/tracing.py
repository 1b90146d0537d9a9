"""Who is told of the steps of a job: a collector where one is configured, otherwise nobody."""

from sandbox_service.errors import ConfigurationError
from sandbox_service.queues.traces import NoTraces, Traces
from sandbox_service.settings import Settings


def traces_of(settings: Settings, piece: str) -> Traces:
    """The traces of this process; ``piece`` is what it is called in them.

    Raises:
        ConfigurationError: a collector is configured, and what speaks to it is not installed.
    """
    if settings.otlp_endpoint is None:
        return NoTraces()
    try:
        from sandbox_service.spans import Spans
    except ImportError as error:
        needed = "pip install 'sandbox-service[tracing]'"
        raise ConfigurationError(f"SANDBOX_OTLP_ENDPOINT needs OpenTelemetry ({error.name}): {needed}") from None
    return Spans(settings.otlp_endpoint, piece)
