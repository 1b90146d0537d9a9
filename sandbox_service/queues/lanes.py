"""Lanes: queues of their own for workers that have some languages and not all."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sandbox_service.queues.contract import WorkerStatus

COMMON = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane, and every name under which its workers judge a language; all workers of a lane have the same."""

    name: str = COMMON
    languages: tuple[str, ...] = ()


def label_of(lane: str) -> str:
    """The name by which people and metrics tell the lane; no lane of a configuration has brackets."""
    return lane or "(common)"


def queue_name(queue: str, lane: str) -> str:
    """The name of the RQ queue of a lane."""
    return f"{queue}:{lane}" if lane else queue


@dataclass(frozen=True, slots=True)
class Lanes:
    """What is known of the lanes: the languages of each, and how many workers of it live."""

    languages: Mapping[str, Collection[str]] = field(default_factory=dict)
    living: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, languages: Mapping[str, Collection[str]], workers: Iterable[WorkerStatus]) -> "Lanes":
        return cls(languages, Counter(worker.lane for worker in workers))

    def names(self) -> Collection[str]:
        return {COMMON, *self.languages}

    def lane_for(self, language: str) -> str:
        """Where the language is judged: where somebody lives, then where the least else is judged.

        A lane without a worker keeps its work until one starts; what no lane has goes to the common one.
        """
        return min(self._having(language), key=self._rank, default=COMMON)

    def has(self, language: str) -> bool:
        """Whether a lane is known that judges the language."""
        return bool(self._having(language))

    def _having(self, language: str) -> Sequence[str]:
        return [lane for lane, languages in self.languages.items() if language.lower() in languages]

    def _rank(self, lane: str) -> tuple[bool, int, str]:
        return not self.living.get(lane), len(self.languages[lane]), lane
