"""A worker process whose slot does what each source says, so that tests decide who dies when."""

import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox_service.models import Isolation, Job, Judgement, Submission, TestCase, Tier, Verdict
from sandbox_service.queues import connections, consumer
from sandbox_service.queues.consumer import ChunkWorker
from sandbox_service.queues.journal import Journal
from sandbox_service.queues.lanes import COMMON, Lane
from sandbox_service.settings import read_settings
from sandbox_service.shares import Share


class ScriptedSlot:
    """Sources: ``accept``, ``reject``, ``sleep SECONDS``, ``wait FILE``, ``die``, ``die-once FILE``, ``say BYTES``.

    ``each SECONDS`` sleeps in each test, and ``each SECONDS POSITION FILE`` dies once, in one of them.
    """

    isolation = Isolation(tier=Tier.UNSAFE, layers={})

    def __init__(self, journal: Path, *languages: str) -> None:
        self.languages: Sequence[str] = languages or ("scripted",)
        self._judged = journal.open("a", buffering=1)

    def judge(
        self,
        submission: Submission,
        job: Job,
        tests: Sequence[TestCase],
        *,
        job_id: str,
        share: Share | None = None,
    ) -> Judgement:
        """A part under a name that tells it; a source may have words for each part, by ``|``."""
        share = share or Share(0, len(tests))
        if share.is_all_of(len(tests)):
            return self._judge(submission, len(tests), share)
        words = submission.source.split("|")
        its_own = {
            "id": f"{submission.id}[{share.first}-{share.end}]",
            "source": words[share.first * len(words) // len(tests)],
        }
        judgement = self._judge(submission.model_copy(update=its_own), len(tests), share)
        return judgement.model_copy(update={"id": submission.id})

    def _judge(self, submission: Submission, total: int, share: Share) -> Judgement:
        word, _, argument = submission.source.partition(" ")
        if word == "each":
            return self._judge_each(submission, share, total, *argument.split())
        if word == "sleep":
            time.sleep(float(argument))
        elif word == "wait":
            while not Path(argument).exists():
                time.sleep(0.01)
        elif word == "die" or (word == "die-once" and not Path(argument).exists()):
            if argument:
                Path(argument).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        self._judged.write(f"{submission.id}\n")
        passed = 0 if word == "reject" else share.end - share.first
        said = os.urandom(int(argument)).hex() if word == "say" else None
        return self._judgement(submission, passed, total, said)

    def _judge_each(
        self, submission: Submission, share: Share, total: int, seconds: str, dies_at: str = "", once: str = ""
    ) -> Judgement:
        for position in share.positions():
            time.sleep(float(seconds))
            if str(position) == dies_at and not Path(once).exists():
                Path(once).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            self._judged.write(f"{submission.id.partition('[')[0]}:{position}\n")
        return self._judgement(submission, share.end - share.first, total)

    def _judgement(self, submission: Submission, passed: int, total: int, said: str | None = None) -> Judgement:
        return Judgement(
            id=submission.id,
            verdict=Verdict.ACCEPTED if passed else Verdict.WRONG_ANSWER,
            reward=1.0,
            score=1.0,
            passed=passed,
            total=total,
            compilation=None,
            results=(),
            isolation=Tier.UNSAFE,
            reason=said,
        )

    def whole(
        self, submission: Submission, job: Job, tests: Sequence[TestCase], parts: Sequence[Judgement], *, job_id: str
    ) -> Judgement:
        verdict = next((part.verdict for part in parts if part.verdict is not Verdict.ACCEPTED), Verdict.ACCEPTED)
        passed = sum(part.passed for part in parts)
        return parts[0].model_copy(update={"verdict": verdict, "passed": passed, "total": len(tests)})

    def idle(self) -> None:
        self._judged.write("idle\n")

    def close(self) -> None: ...


def main() -> int:
    settings = read_settings()
    assert settings.redis_url is not None
    url = settings.redis_url.get_secret_value()
    slot = ScriptedSlot(Path(sys.argv[1]), *sys.argv[2:])
    lane = Lane(settings.lane or COMMON, tuple(slot.languages))
    journal = Journal(connections.patient(url), settings.queue, settings.lease_seconds, lane)
    consumer.IDLE_SECONDS = float(os.environ.get("SCRIPTED_IDLE_SECONDS", consumer.IDLE_SECONDS))
    worker = ChunkWorker(slot, journal, connections.impatient(url), name=secrets.token_hex(8), idle=slot.idle)
    worker.serve()
    return 0 if worker.stopped_on_request else 1


if __name__ == "__main__":
    sys.exit(main())
