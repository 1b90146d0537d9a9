"""The worker: the only place that catches everything, logs a submission and counts it."""

import os
import secrets
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from redis.exceptions import RedisError

from sandbox_service import chosen_tests, logs, runners
from sandbox_service.compilers import Compiler
from sandbox_service.equipment import boxes_of, compiler_of
from sandbox_service.errors import (
    BadRequest,
    BoxBroken,
    ConfigurationError,
    ProblemProgramFailed,
    QueueUnavailable,
    SandboxUnavailable,
    Stopped,
)
from sandbox_service.judge import Rules, judge, whole
from sandbox_service.metrics import (
    BOX_RESETS,
    BOXES_BROKEN,
    BOXES_OPENED,
    COMPILATIONS,
    QUEUE_WAIT_SECONDS,
    ZYGOTE_FORKS,
    Tally,
)
from sandbox_service.models import Isolation, Job, Judgement, Submission, TestCase, Verdict
from sandbox_service.queues import connections
from sandbox_service.queues.chunks import key_of
from sandbox_service.queues.consumer import ChunkWorker
from sandbox_service.queues.journal import Journal, Redone
from sandbox_service.queues.lanes import COMMON, Lane, label_of
from sandbox_service.queues.slots import judge_error
from sandbox_service.runners import Runner
from sandbox_service.sandboxes import Box, Boxes, Zygote
from sandbox_service.settings import Settings
from sandbox_service.shares import Share
from sandbox_service.tracing import traces_of

ATTEMPTS = 3  # each on a fresh box

log = logs.get(__name__)


class JudgingSlot:
    """A slot with its boxes: every submission gets an answer, whatever breaks.

    It belongs to the thread that makes it, as its boxes do.
    """

    def __init__(
        self,
        languages: Mapping[str, Runner],
        boxes: Boxes,
        compiler: Compiler | None = None,
        *,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.tally = Tally()
        self._runners = languages
        self._boxes = boxes
        self._stopping = stopping
        self._compiler = compiler or Compiler()
        self._isolation = self._boxes.of(None).isolation
        self._always_open: set[Zygote | None] = {None}
        self._job_id = ""
        self._rules: Rules | None = None
        self._judgements: dict[str, Judgement] = {}
        self._test_seconds: dict[str, list[float]] = defaultdict(list)

    @property
    def languages(self) -> Sequence[str]:
        return tuple(self._runners)

    def names(self) -> tuple[str, ...]:
        """Every name under which its languages may be asked for."""
        return tuple(name for runner in self._runners.values() for name in (runner.name, *runner.aliases))

    @property
    def isolation(self) -> Isolation:
        return self._isolation

    def judge(
        self,
        submission: Submission,
        job: Job,
        tests: Sequence[TestCase],
        *,
        job_id: str,
        share: Share | None = None,
    ) -> Judgement:
        """The answer to one submission; of those of a job that are identical, one is run.

        Of a ``share`` that is, or comes to be, less than all tests it is what became of these; the log line and the
        counts come with the whole.

        Raises:
            Stopped: the slot was asked to stop; nothing is concluded.
        """
        self._begin(job_id)
        total = chosen_tests.count(job.tests, len(tests))
        share = share or Share(0, total)
        key = key_of(submission)
        same = self._judgements.get(key) if share.is_all_of(total) else None
        if same is not None:
            judgement = same.model_copy(update={"id": submission.id})
            self.tally.shared(self._label(submission.language), judgement)
            self._say(submission, judgement, job_id, None, 0.0)
            return judgement
        started = time.monotonic()
        judgement, cause = self._judged(submission, job, tests, share)
        if not share.is_all_of(total):
            self._note_part(submission, judgement, job_id, cause, time.monotonic() - started)
            return judgement
        if cause is None:
            self._judgements[key] = judgement
        self._record(submission, judgement, job_id, cause, time.monotonic() - started)
        return judgement

    def _note_part(
        self, submission: Submission, judgement: Judgement, job_id: str, cause: Exception | None, seconds: float
    ) -> None:
        if cause is None:
            self._test_seconds[submission.language].append(seconds / max(len(judgement.results), 1))
        else:
            self.tally.failed(type(cause).__name__)
            log.error("part not judged", job=job_id, submission=submission.id, exc_info=cause)

    def whole(
        self, submission: Submission, job: Job, tests: Sequence[TestCase], parts: Sequence[Judgement], *, job_id: str
    ) -> Judgement:
        """The answer to a submission from the judgements of its parts."""
        self._begin(job_id)
        failed = next((part for part in parts if part.verdict is Verdict.JUDGE_ERROR), None)
        judgement = failed or whole(parts, self._rules_of(job, tests))
        seconds = sum(result.wall_seconds for result in judgement.results)
        self.tally.judged(self._label(submission.language), judgement, seconds)
        self._say(submission, judgement, job_id, None, seconds)
        return judgement

    def _begin(self, job_id: str) -> None:
        if job_id != self._job_id:
            self._job_id, self._rules, self._judgements = job_id, None, {}

    def _rules_of(self, job: Job, tests: Sequence[TestCase]) -> Rules:
        self._rules = self._rules or Rules.of(job, tests, self._runners)
        return self._rules

    def _judged(
        self, submission: Submission, job: Job, tests: Sequence[TestCase], share: Share
    ) -> tuple[Judgement, Exception | None]:
        total = chosen_tests.count(job.tests, len(tests))
        try:
            runner = runners.find(self._runners, submission.language)
            return self._judge_on_a_good_box(submission, self._rules_of(job, tests), runner, share), None
        except Stopped:
            raise
        except BadRequest as error:
            return judge_error(submission, total, str(error)), error
        except ProblemProgramFailed as error:
            reason = f"{error}: {error.log}" if error.log else str(error)
            return judge_error(submission, total, reason), error
        except SandboxUnavailable as error:
            return judge_error(submission, total, "this worker has no sandbox any more"), error
        except BoxBroken as error:
            return judge_error(submission, total, f"the sandbox failed {ATTEMPTS} times"), error
        except Exception as error:  # the only catch-all: our failure must not become the program's
            self._boxes.close()
            return judge_error(submission, total, "the judge failed"), error

    def warm_up(self) -> None:
        """Before the first program comes: start what most are forked from, make ready what compilers will want."""
        for runner in self._runners.values():
            if runner.warm is not None and runner.warm.at_start:
                zygote = next(runner.zygotes())
                self._box_for(zygote)
                self._always_open.add(zygote)
            self._compiler.prepare(runner, self._boxes.of(None))

    def rest(self) -> None:
        """Give back the memory of all that was not there at the start; it is opened anew when it is wanted."""
        self._boxes.close_all_but(self._always_open)

    def _box_for(self, zygote: Zygote | None) -> Box:
        refused = len(self._boxes.refused)
        box = self._boxes.of(zygote)
        if zygote is not None and len(self._boxes.refused) > refused:
            log.warning("programs are started anew each time", zygote=zygote.argv, error=self._boxes.refused[zygote])
        return box

    def _judge_on_a_good_box(self, submission: Submission, rules: Rules, runner: Runner, share: Share) -> Judgement:
        for attempt in range(1, ATTEMPTS + 1):
            zygote = runner.zygote(submission)
            self._box_for(zygote)
            try:
                return judge(
                    submission, rules, runner, self._boxes, self._compiler, share=share, stopping=self._stopping
                )
            except BoxBroken as error:
                self._boxes.throw_away(zygote)
                self._boxes.beside.close()  # it may have been the other box that broke
                self.tally.count(BOXES_BROKEN)
                log.warning("box broken", submission=submission.id, attempt=attempt, error=str(error))
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _record(
        self, submission: Submission, judgement: Judgement, job_id: str, cause: Exception | None, seconds: float
    ) -> None:
        self.tally.judged(self._label(submission.language), judgement, seconds)
        if cause is None:
            self._test_seconds[submission.language].append(seconds / max(len(judgement.results), 1))
        else:
            self.tally.failed(type(cause).__name__)
        self._say(submission, judgement, job_id, cause, seconds)

    def _say(
        self, submission: Submission, judgement: Judgement, job_id: str, cause: Exception | None, seconds: float
    ) -> None:
        write = log.error if judgement.verdict is Verdict.JUDGE_ERROR else log.info
        write(
            "judged",
            job=job_id,
            submission=submission.id,
            language=submission.language,
            verdict=str(judgement.verdict),
            passed=judgement.passed,
            total=judgement.total,
            seconds=round(seconds, 4),
            reason=judgement.reason if cause is None else str(cause),
            isolation=judgement.isolation and str(judgement.isolation),
            exc_info=None if isinstance(cause, ProblemProgramFailed) else cause,
        )

    def _label(self, language: str) -> str:
        """One name for a language and its aliases; never a text that a caller made up."""
        try:
            return runners.find(self._runners, language).name
        except BadRequest:
            return "other"

    def take_counts(self) -> dict[str, float]:
        """What was counted since the last call, here and in the boxes and the compiler."""
        boxes = self._boxes.take_counts()
        for counter, times in ((BOXES_OPENED, boxes.opened), (BOX_RESETS, boxes.runs), (ZYGOTE_FORKS, boxes.forks)):
            if times:
                self.tally.count(counter, times=times)
        for (language, found), times in self._compiler.take_found().items():
            self.tally.count(COMPILATIONS, language, found, times=times)
        return self.tally.take()

    def take_test_seconds(self) -> dict[str, float]:
        """What a test took on the mean, by language, since the last call."""
        means = {language: sum(seconds) / len(seconds) for language, seconds in self._test_seconds.items()}
        self._test_seconds.clear()
        return means

    def close(self) -> None:
        self._boxes.close()


def open_slot(settings: Settings) -> JudgingSlot:
    """A slot as it is configured; call this from the thread that will judge.

    Raises:
        ConfigurationError: no language can be judged here, or no box of the configured minimum can be had.
    """
    languages = runners.require_available(runners.read_runners(settings))
    slot = JudgingSlot(languages, boxes_of(settings), compiler_of(settings))
    slot.warm_up()
    return slot


def run_worker(settings: Settings) -> None:
    """Judge what the queue holds until asked to stop.

    Raises:
        ConfigurationError: the worker cannot start as it is configured.
        QueueUnavailable: Redis stayed away for longer than a restart takes.
    """
    if settings.redis_url is None:
        raise ConfigurationError("a worker needs a Redis: set SANDBOX_REDIS_URL, or use `sandbox-service serve`")
    url = settings.redis_url.get_secret_value()
    connections.reach(url, lambda place: log.warning("waiting for Redis", place=place))
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    traces = traces_of(settings, "worker")
    slot = open_slot(settings)
    lane = Lane(settings.lane or COMMON, slot.names())

    def report(journal: Journal) -> None:
        journal.report(slot.take_test_seconds(), slot.take_counts())

    def taken(seconds: float, submissions: int) -> None:
        slot.tally.observe(QUEUE_WAIT_SECONDS, label_of(lane.name), value=seconds, times=submissions)

    def redone(chunk: Redone) -> None:
        log.warning("lease lost", job=chunk.chunk.job_id, requeued=chunk.requeued, given_up=chunk.given_up)

    try:
        journal = Journal(connections.patient(url), settings.queue, settings.lease_seconds, lane)
        worker = ChunkWorker(
            slot,
            journal,
            connections.impatient(url),
            name=name,
            report=report,
            redone=redone,
            taken=taken,
            idle=slot.rest,
            traces=traces,
        )
        log.info("worker ready", worker=name, languages=slot.languages, isolation=str(slot.isolation.tier))
        worker.serve()
    except RedisError as error:
        raise QueueUnavailable(f"Redis does not answer: {error}") from None
    finally:
        slot.close()
        traces.close()
    if not worker.stopped_on_request:
        raise QueueUnavailable("the worker lost its Redis")
