"""/v1/jobs: jobs that are queued now and asked for later."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sandbox_service.api.answers import Accepted, AcceptedList, JobReport, report_of
from sandbox_service.api.batches import submit_all
from sandbox_service.api.documentation import EVENTS, JOB_OR_JOBS_BODY
from sandbox_service.api.job_routes import Kind, job_routes
from sandbox_service.api.requests import read_job_or_jobs
from sandbox_service.api.service import Service
from sandbox_service.models import Job, Judgement


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job in the queue."""

    service: Service
    id: str

    async def report(self) -> JobReport:
        """Raises UnknownJob."""
        return report_of(await self.service.queue.status(self.id))

    def watch(self) -> AsyncIterator[Judgement]:
        return self.service.queue.watch(self.id)

    async def cancel(self) -> None:
        await self.service.queue.cancel(self.id)


async def _find(service: Service, job_id: str) -> QueuedJob:
    return QueuedJob(service, job_id)


async def _submit(service: Service, asked: Job | tuple[Job, ...], key: str | None) -> Accepted | AcceptedList:
    if isinstance(asked, Job):
        return Accepted(id=await service.queue.submit(asked, idempotency_key=key))
    return AcceptedList(ids=await submit_all(service.queue, asked, key))


router = job_routes(
    "/v1/jobs",
    "jobs",
    Kind(
        read=read_job_or_jobs,
        submit=_submit,
        find=_find,
        event="judgement",
        thing="job",
        summary="Queue a job, or a list of jobs",
        body=JOB_OR_JOBS_BODY,
        accepted=Accepted | AcceptedList,
        report=JobReport,
        events=EVENTS,
    ),
)
