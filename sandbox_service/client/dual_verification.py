"""Dual verification: which outputs are right and which solution is, from a matrix of outputs alone.

The method of X-Coder's SynthSmith (arXiv 2601.06953): candidate solutions vote on the output of each
input (equation 1), the voted tests are weighted and split, the best solution is chosen on one part
(equation 2) and must be the best on the part that was held out (algorithm 1); else the task is
discarded. Everything here is a pure function; what is drawn is drawn by a seed.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from sandbox_service.errors import BadRequest
from sandbox_service.models import TestCase

# One row for each solution, one column for each input; None where the run gave no output that counts.
Outputs = Sequence[Sequence[str | None]]
Canonical = Callable[[str], str]
Value = TypeVar("Value", str, int)

LONGEST_NUMBER = 1000
HOLD_OUT = 0.5
SEMANTIC_WEIGHTS: Mapping[str, int] = {"nominal": 1, "complex": 2, "boundary": 3, "stress": 4}
QUARTERS = 4


# ---------------------------------------------------------------- outputs


def stripped(output: str) -> str:
    """The output without white space around it: what the paper's own code votes on."""
    return output.strip()


def tokens(output: str) -> str:
    """The output's words with one space between them; equal for whatever the checker ``tokens`` accepts."""
    return " ".join(output.split())


def numbers(output: str) -> str:
    """As ``tokens``, and a decimal number in one way only: ``1.50`` and ``1.5e0`` are ``1.5``."""
    return " ".join(map(_number, output.split()))


def _number(word: str) -> str:
    if len(word) > LONGEST_NUMBER or not word.isascii() or "_" in word:
        return word
    try:
        value = Decimal(word)
    except InvalidOperation:
        return word
    if not value.is_finite() or abs(value.adjusted()) > LONGEST_NUMBER:
        return word
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


# ---------------------------------------------------------------- votes


@dataclass(frozen=True, slots=True)
class Vote:
    """What the solutions say of one input; ``output`` is None when too few agree.

    ``counts`` has how many said what, ``tied`` whether others were said as often as what was voted for.
    """

    output: str | None
    counts: Mapping[str, int]
    tied: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was voted for: mostly a task that asks for a function and prints nothing."""
        return self.output == ""


def votes(outputs: Outputs, *, seed: int | str = 0, canonical: Canonical = tokens, quorum: int = 1) -> tuple[Vote, ...]:
    """Equation 1 for each input: the output that most solutions gave; a tie is drawn by the seed.

    The order of the solutions makes no difference. Fewer than ``quorum`` that agree are no vote.
    """
    inputs = _width(outputs)
    return tuple(
        _vote([row[position] for row in outputs], f"{seed}:{position}", canonical, quorum) for position in range(inputs)
    )


def _vote(column: Iterable[str | None], seed: str, canonical: Canonical, quorum: int) -> Vote:
    counts = Counter(canonical(output) for output in column if output is not None)
    if not counts:
        return Vote(None, {}, tied=False)
    most = max(counts.values())
    first = [output for output, count in counts.items() if count == most]
    drawn = _shuffled(first, seed)[0]
    return Vote(drawn if most >= quorum else None, dict(counts), tied=len(first) > 1)


def agreement(outputs: Outputs, voted: Sequence[Vote], *, canonical: Canonical = tokens) -> list[list[bool]]:
    """For each solution and input, whether its output is what was voted for: 1[Aⱼ(xᵢ) = ŷᵢ]."""
    return [
        [
            vote.output is not None and output is not None and canonical(output) == vote.output
            for output, vote in zip(row, voted, strict=True)
        ]
        for row in outputs
    ]


# ---------------------------------------------------------------- weights, split


def size_weights(inputs: Sequence[str]) -> tuple[int, ...]:
    """1 to 4 by the quarter in which the input is when they are sorted by size in bytes; equal sizes weigh the same."""
    sizes = [len(text.encode()) for text in inputs]
    rank = {size: position for position, size in reversed(list(enumerate(sorted(sizes))))}
    return tuple(1 + rank[size] * QUARTERS // len(sizes) for size in sizes)


def semantic_weights(kinds: Sequence[str]) -> tuple[int, ...]:
    """1 to 4 by what an input is for: nominal, complex, boundary, stress.

    Raises:
        BadRequest: there is no such kind.
    """
    for position, kind in enumerate(kinds):
        if kind not in SEMANTIC_WEIGHTS:
            message = f"unknown kind {kind!r}; available: {', '.join(SEMANTIC_WEIGHTS)}"
            raise BadRequest(message, field=f"kinds.{position}")
    return tuple(SEMANTIC_WEIGHTS[kind] for kind in kinds)


@dataclass(frozen=True, slots=True)
class Split:
    """The positions of the tests that choose the golden solution, and of those that confirm it."""

    golden: tuple[int, ...]
    validation: tuple[int, ...]


def hold_out(positions: Sequence[int], *, fraction: float = HOLD_OUT, seed: int | str = 0) -> Split:
    """A part of the tests drawn by the seed to be held out; of two or more tests neither part is empty."""
    if not 0 < fraction < 1:
        raise BadRequest("fraction must be between 0 and 1", field="fraction")
    drawn = _shuffled(positions, f"{seed}:hold-out")
    held = min(max(round(len(drawn) * fraction), 1), len(drawn) - 1) if len(drawn) > 1 else 0
    return Split(golden=tuple(sorted(drawn[held:])), validation=tuple(sorted(drawn[:held])))


# ---------------------------------------------------------------- the whole


class Discarded(StrEnum):
    """Why a task is not kept."""

    TOO_FEW_VOTES = "too_few_votes"
    NOTHING_PASSED = "nothing_passed"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True)
class Verified:
    """What comes of a task: ``golden`` is the position of the solution, None when the task is discarded.

    ``scores`` are the weighted ones of equation 2 on the golden part, ``accuracies`` the unweighted ones
    on the part that was held out, each by the solutions' positions.
    """

    golden: int | None
    discarded: Discarded | None
    votes: tuple[Vote, ...]
    split: Split
    scores: tuple[float, ...]
    accuracies: tuple[float, ...]

    def tests(self, inputs: Sequence[str]) -> tuple[TestCase, ...]:
        """The golden tests, for training."""
        return tuple(
            TestCase(stdin=inputs[position], expected=self.votes[position].output) for position in self.split.golden
        )


def verify(
    outputs: Outputs,
    weights: Sequence[float],
    *,
    seed: int | str = 0,
    canonical: Canonical = tokens,
    quorum: int = 1,
    fraction: float = HOLD_OUT,
    tolerance: float = 0.0,
) -> Verified:
    """Vote, split, choose, confirm.

    The golden solution has the highest weighted score on the golden part, and an accuracy on the held-out
    part that is the highest of all: algorithm 1, the strict rule. ``tolerance`` is how far below the
    highest it may be, for the paper's "competitively high". Of several that are the best on the golden
    part the one that is best on the other counts, and then the first.

    Raises:
        BadRequest: rows of unequal length, or not one weight for each input.
    """
    inputs = _width(outputs)
    if len(weights) != inputs:
        raise BadRequest(f"{len(weights)} weights for {inputs} inputs", field="weights")
    voted = votes(outputs, seed=seed, canonical=canonical, quorum=quorum)
    split = hold_out([i for i, vote in enumerate(voted) if vote.output is not None], fraction=fraction, seed=seed)
    agreed = agreement(outputs, voted, canonical=canonical)
    scores = tuple(float(sum(weights[i] for i in split.golden if row[i])) for row in agreed)
    accuracies = tuple(sum(row[i] for i in split.validation) / max(len(split.validation), 1) for row in agreed)
    golden, discarded = _choose(split, scores, accuracies, tolerance)
    return Verified(golden, discarded, voted, split, scores, accuracies)


def _choose(
    split: Split, scores: Sequence[float], accuracies: Sequence[float], tolerance: float
) -> tuple[int | None, Discarded | None]:
    if not split.validation:
        return None, Discarded.TOO_FEW_VOTES
    best = max(scores)
    if best <= 0:
        return None, Discarded.NOTHING_PASSED
    golden = max((j for j, score in enumerate(scores) if score == best), key=lambda j: (accuracies[j], -j))
    if accuracies[golden] < max(accuracies) - tolerance:
        return None, Discarded.NOT_CONFIRMED
    return golden, None


def _width(outputs: Outputs) -> int:
    """How many inputs there are; every solution has a cell for each."""
    widths = {len(row) for row in outputs}
    if len(widths) != 1:
        raise BadRequest("outputs must hold rows of one length", field="outputs")
    return widths.pop()


def _shuffled(values: Sequence[Value], seed: str) -> list[Value]:
    # By digests and not by `random`, whose draws may differ between versions of Python.
    return sorted(values, key=lambda value: hashlib.sha256(f"{seed}:{value}".encode()).digest())
