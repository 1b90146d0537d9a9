"""One solution's runs on all inputs, as the client answers them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox_service.models import Cell, Matrix, Verdict


@dataclass(frozen=True, slots=True)
class Runs:
    """``texts`` has what each run printed, None where there is nothing or only a part of it.

    Equal texts of one request are one object: a thousand equal outputs take the place of one.
    """

    id: str
    verdict: Verdict
    reason: str | None
    cells: tuple[Cell, ...]
    texts: tuple[str | None, ...]

    @property
    def outputs(self) -> tuple[str | None, ...]:
        """What counts as an answer, for a vote: the texts of the runs that ended well."""
        return tuple(
            text if cell.verdict is Verdict.ACCEPTED else None
            for cell, text in zip(self.cells, self.texts, strict=True)
        )


def runs_of(matrix: Matrix) -> Sequence[Runs]:
    """The rows with their texts."""
    return [
        Runs(row.id, row.verdict, row.reason, row.cells, tuple(_text(cell, matrix) for cell in row.cells))
        for row in matrix.rows
    ]


def _text(cell: Cell, matrix: Matrix) -> str | None:
    return None if cell.output is None or cell.truncated else matrix.outputs[cell.output]
