"""Two programs in two boxes talk: nobody hangs, and whoever ended first is known."""

from collections.abc import Callable, Iterator

import pytest

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Execution, Outcome, Tier
from sandbox_service.sandboxes import Box
from sandbox_service.sandboxes.contract import Command, File
from sandbox_service.sandboxes.conversation import Conversation, Party, converse
from sandbox_service.sandboxes.running import finish
from tests.contract.attached import open_attached
from tests.contract.conftest import EXPECTED, KINDS, PATIENCE, TIERS, ZYGOTE, Kind, limits, open_tier, python_command

SIGNALLED = Outcome.SIGNALLED
Talk = Callable[..., Conversation]

ECHO = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"
GUESSING = """
low, high = 1, 1000
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    answer = input()
    if answer == 'correct': break
    if answer == 'lower': high = middle - 1
    else: low = middle + 1
"""
ANSWERING = """
for guesses in range(1, 100):
    guess = int(input())
    print('correct' if guess == 777 else 'lower' if guess > 777 else 'higher', flush=True)
    if guess == 777: break
"""


# As in a container, wherever there is none; where there are, the boxes are such in any case.
ATTACHED = [Kind(tier, warm=True, attached=True) for tier in TIERS[:1] if tier is not Tier.DOCKER]


@pytest.fixture(scope="module", params=[*KINDS, *ATTACHED], ids=str)
def boxes(request: pytest.FixtureRequest) -> Iterator[tuple[Box, Box]]:
    """The first may have a warm interpreter, the second has none: as a submission and what runs beside it."""
    kind: Kind = request.param
    open_one = open_attached if kind.attached else open_tier
    try:
        first = open_one(kind.tier, ZYGOTE if kind.warm else None)
    except SandboxUnavailable as error:
        if EXPECTED:
            raise
        pytest.skip(str(error))
    second = open_one(kind.tier)
    yield first, second
    first.close()
    second.close()


@pytest.fixture
def talk(request: pytest.FixtureRequest, boxes: tuple[Box, Box]) -> Talk:
    """Let two Python programs talk; keywords change the limits of both."""

    def talk_python(
        first: str, second: str, *, settles: Callable[[int, Execution], bool] = lambda *_: False, **changes: float
    ) -> Conversation:
        warm = request.node.callspec.params["boxes"].warm
        command = python_command(boxes[0], first, warm=warm)
        beside = Command(("python3", "main.py"), {"main.py": File(second.encode())})
        bounds = limits(**changes)
        return converse(Party(boxes[0], command, bounds), Party(boxes[1], beside, bounds), settles=settles)

    return talk_python


def test_two_programs_talk(talk: Talk) -> None:
    conversation = talk(GUESSING, ANSWERING)

    guesser, answerer = conversation.executions
    assert (guesser.exit_code, answerer.exit_code) == (0, 0)
    assert guesser.stdout.startswith(b"500\n750\n875\n")
    assert guesser.stdout.endswith(b"\n777\n")
    assert answerer.stdout.startswith(b"higher\nhigher\nlower\n")
    assert answerer.stdout.endswith(b"correct\n")


def test_megabytes_pass_unharmed(talk: Talk) -> None:
    count = "import hashlib, sys\ntext = sys.stdin.buffer.read()\nsys.stderr.write(hashlib.sha1(text).hexdigest())"
    flood = "import hashlib, sys\ntext = b'0123456789' * 300_000\nsys.stdout.buffer.write(text)\nsys.stderr.write(hashlib.sha1(text).hexdigest())"

    first, second = talk(flood, count, output_bytes=4_000_000).executions

    assert len(first.stderr) == 40
    assert first.stderr == second.stderr


def test_waiting_for_the_other_is_no_cpu_time(talk: Talk) -> None:
    busy = "import time\nstart = time.process_time()\nwhile time.process_time() < start + 0.6: pass\nprint('done')"

    waiting, _ = talk("print(input())", busy).executions

    assert waiting.outcome == Outcome.EXITED
    assert waiting.wall_seconds >= 0.5
    assert waiting.cpu_seconds < 0.3 * PATIENCE


# ---------------------------------------------------------------- who ended first


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    "leaving", ["raise SystemExit(3)", "import os; os._exit(3)", "import os; os.close(1); os._exit(3)"]
)
def test_the_one_that_leaves_is_seen_to_end_before_the_one_that_it_leaves(talk: Talk, side: int, leaving: str) -> None:
    staying = "import sys; sys.stdin.read(); sys.exit(4)"
    programs = (leaving, staying) if side == 0 else (staying, leaving)

    for _ in range(3):
        conversation = talk(*programs)

        assert conversation.ended_first == side
        assert conversation.executions[side].exit_code == 3
        assert conversation.executions[1 - side].exit_code == 4


@pytest.mark.parametrize("side", [0, 1])
def test_writing_to_the_one_that_left_is_no_broken_pipe_and_still_bounded(talk: Talk, side: int) -> None:
    writing = "import os, signal, time\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\ntime.sleep(0.2)\n"
    some, endless = writing + "os.write(1, bytes(200_000))", writing + "while True: os.write(1, bytes(1000))"

    for writer, outcome in ((some, Outcome.EXITED), (endless, Outcome.OUT_OF_OUTPUT)):
        programs = ("raise SystemExit(3)", writer) if side == 0 else (writer, "raise SystemExit(3)")
        conversation = talk(*programs, output_bytes=500_000)

        assert conversation.ended_first == side
        assert conversation.executions[1 - side].outcome == outcome


def test_the_rest_may_be_settled_by_the_first_end(talk: Talk) -> None:
    asked = []

    def settles(side: int, execution: Execution) -> bool:
        asked.append((side, execution.exit_code))
        return True

    conversation = talk("import time; time.sleep(100)", "raise SystemExit(43)", settles=settles)

    assert asked == [(1, 43)]
    assert (conversation.executions[0].outcome, conversation.executions[0].signal) == (SIGNALLED, 9)


def test_one_may_be_killed_before_it_has_begun(boxes: tuple[Box, Box]) -> None:
    command = Command(("true",))

    for _ in range(20):
        running = boxes[0].start(command, limits())
        running.stop(Outcome.SIGNALLED)

        assert finish(running).outcome in (Outcome.SIGNALLED, Outcome.EXITED)


# ---------------------------------------------------------------- nobody hangs


def test_both_waiting_ends_at_the_wall(talk: Talk) -> None:
    conversation = talk("input()", "input()", wall_seconds=0.5)

    assert Outcome.OUT_OF_TIME in {execution.outcome for execution in conversation.executions}


def test_both_pipes_full_ends_at_the_wall(talk: Talk) -> None:
    shouting = "import sys\nsys.stdout.write('x' * 500_000); sys.stdout.flush(); input()"

    conversation = talk(shouting, shouting, wall_seconds=0.7)

    assert Outcome.OUT_OF_TIME in {execution.outcome for execution in conversation.executions}


def test_what_was_not_flushed_is_not_said(talk: Talk) -> None:
    conversation = talk(
        "import sys; print('ready'); sys.stdin.readline()",
        "print(input(), flush=True)",
        wall_seconds=0.5,
        settles=lambda *_: True,
    )

    assert conversation.executions[0].stdout == b""
    assert Outcome.OUT_OF_TIME in {execution.outcome for execution in conversation.executions}


def test_writing_before_anybody_reads_is_as_good(talk: Talk) -> None:
    late = "import time; time.sleep(0.3)\nfor _ in range(1000): assert input() == 'early'"

    first, second = talk("for _ in range(1000): print('early')", late).executions

    assert (first.exit_code, second.exit_code) == (0, 0)


def test_closing_early_is_the_end_of_the_input_while_the_program_lives(talk: Talk) -> None:
    closing = "import os, sys\nprint('last', flush=True); os.close(1)\nsys.stderr.write(sys.stdin.read())"
    answering = "import sys; print('got', sys.stdin.read().strip())"

    conversation = talk(closing, answering)

    assert conversation.executions[0].stderr == b"got last\n"
    assert conversation.ended_first == 1


def test_a_dialogue_without_end_ends_by_its_limits(talk: Talk) -> None:
    conversation = talk("print('ping', flush=True)\n" + ECHO, ECHO, output_bytes=2_000)

    assert Outcome.OUT_OF_OUTPUT in {execution.outcome for execution in conversation.executions}


@pytest.mark.parametrize("side", [0, 1])
def test_a_flood_is_ended_and_marked(talk: Talk, side: int) -> None:
    flood, drain = "while True: print('x' * 999)", "import sys; sys.stdin.read()"

    conversation = talk(*((flood, drain) if side == 0 else (drain, flood)), output_bytes=100_000)

    flooding = conversation.executions[side]
    assert (flooding.outcome, flooding.stdout_truncated, len(flooding.stdout)) == (Outcome.OUT_OF_OUTPUT, True, 100_000)
    assert conversation.executions[1 - side].outcome == Outcome.EXITED


def test_what_is_left_running_does_not_hold_the_other_up(talk: Talk) -> None:
    forking = "import os, time\nif os.fork() == 0: time.sleep(100)\nprint('done', flush=True)"

    conversation = talk(forking, "import sys; sys.stderr.write(sys.stdin.read())")

    assert conversation.executions[1].stderr == b"done\n"


def test_the_boxes_are_as_new_afterwards(talk: Talk) -> None:
    talk("open('note', 'w').write('x'); input()", "raise SystemExit", wall_seconds=1)

    first, _ = talk("import os; print(os.path.exists('note'))", "import sys; sys.stdin.read()").executions

    assert first.stdout == b"False\n"
