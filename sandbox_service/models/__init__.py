"""The vocabulary: what callers send, what a box reports, what the judge says; no I/O."""

from sandbox_service.models.calls import DEEPEST_VALUE, Call
from sandbox_service.models.facts import Compiled, Execution, Isolation, Limits, Outcome, Tier
from sandbox_service.models.fields import LEAST_MEMORY_BYTES, MAXIMUM_FILES_BYTES, Frozen
from sandbox_service.models.jobs import Choice, Job, Problem, Submission
from sandbox_service.models.judgements import (
    Cell,
    Compilation,
    CompletionReward,
    GeneratedRun,
    Generation,
    GroupScore,
    Guarantee,
    Judgement,
    Matrix,
    Reason,
    Row,
    TestResult,
    Verdict,
)
from sandbox_service.models.limits import RequestedLimits
from sandbox_service.models.outlines import Outline
from sandbox_service.models.problem_programs import (
    MATERIAL,
    CheckerProgram,
    CheckerProtocol,
    Interactor,
    InteractorProtocol,
    ProblemProgram,
)
from sandbox_service.models.requests import (
    Completion,
    ExtractionRule,
    GenerateRequest,
    MatrixRequest,
    RewardRequest,
)
from sandbox_service.models.scoring import Aggregation, Group, OnReject, Scoring
from sandbox_service.models.tests import AssertionMode, TestCase, TestChoice, TestKind, TestSet

__all__ = [
    "DEEPEST_VALUE",
    "LEAST_MEMORY_BYTES",
    "MATERIAL",
    "MAXIMUM_FILES_BYTES",
    "Aggregation",
    "AssertionMode",
    "Call",
    "Cell",
    "CheckerProgram",
    "CheckerProtocol",
    "Choice",
    "Compilation",
    "Compiled",
    "Completion",
    "CompletionReward",
    "Execution",
    "ExtractionRule",
    "Frozen",
    "GenerateRequest",
    "GeneratedRun",
    "Generation",
    "Group",
    "GroupScore",
    "Guarantee",
    "Interactor",
    "InteractorProtocol",
    "Isolation",
    "Job",
    "Judgement",
    "Limits",
    "Matrix",
    "MatrixRequest",
    "OnReject",
    "Outcome",
    "Outline",
    "Problem",
    "ProblemProgram",
    "Reason",
    "RequestedLimits",
    "RewardRequest",
    "Row",
    "Scoring",
    "Submission",
    "TestCase",
    "TestChoice",
    "TestKind",
    "TestResult",
    "TestSet",
    "Tier",
    "Verdict",
]
