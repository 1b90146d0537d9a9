"""Traces as spans of OpenTelemetry, sent to a collector; its own OTEL_… variables say the rest, such as the sampler."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sandbox_service import __version__
from sandbox_service.models import Job, Judgement, Submission, Verdict
from sandbox_service.queues.traces import Answered, Judged

TRACE_PARENT = "traceparent"


class Spans:
    """The spans of one process."""

    def __init__(self, endpoint: str, piece: str) -> None:
        resource = Resource.create({"service.name": f"sandbox-{piece}", "service.version": __version__})
        self._provider = TracerProvider(resource=resource)
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("sandbox_service", __version__)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def answering(self, method: str, headers: Mapping[str, str]) -> Iterator[Answered]:
        parent = self._propagator.extract(headers)
        with self._tracer.start_as_current_span(method, context=parent, kind=SpanKind.SERVER) as span:

            def answered(route: str, status: int) -> None:
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {"http.request.method": method, "http.route": route, "http.response.status_code": status}
                )
                if status >= 500:
                    span.set_status(Status(StatusCode.ERROR))

            yield answered

    @contextmanager
    def queueing(self, job: Job) -> Iterator[str]:
        with self._tracer.start_as_current_span("queue job", kind=SpanKind.PRODUCER) as span:
            span.set_attribute("sandbox.submissions", len(job.submissions))
            carried: dict[str, str] = {}
            self._propagator.inject(carried)
            yield carried.get(TRACE_PARENT, "")

    @contextmanager
    def judging(self, trace: str, job_id: str, submission: Submission) -> Iterator[Judged]:
        parent = self._propagator.extract({TRACE_PARENT: trace})
        with self._tracer.start_as_current_span("judge submission", context=parent, kind=SpanKind.CONSUMER) as span:
            about = {"sandbox.job": job_id, "sandbox.submission": submission.id}
            span.set_attributes({**about, "sandbox.language": submission.language})

            def judged(judgement: Judgement) -> None:
                span.set_attributes(
                    {
                        "sandbox.verdict": str(judgement.verdict),
                        "sandbox.tests.passed": judgement.passed,
                        "sandbox.tests.total": judgement.total,
                        "sandbox.cpu_seconds": sum(result.cpu_seconds for result in judgement.results),
                    }
                )
                if judgement.verdict is Verdict.JUDGE_ERROR:
                    span.set_status(Status(StatusCode.ERROR, judgement.reason))

            yield judged

    def close(self) -> None:
        self._provider.shutdown()
