"""Two commands in the unsafe box talk as those in any other."""

from sandbox_service.models import Limits, Outcome
from sandbox_service.sandboxes.contract import Command, File
from sandbox_service.sandboxes.conversation import Conversation, Party, converse
from sandbox_service.sandboxes.unsafe import UnsafeBox

LIMITS = Limits(cpu_seconds=2, wall_seconds=6, memory_bytes=2**28, output_bytes=100_000, processes=16)


def talk(first: str, second: str, *, settled: bool = False) -> Conversation:
    parties = (
        Party(UnsafeBox(), Command(("python3", "main.py"), {"main.py": File(source.encode())}), LIMITS)
        for source in (first, second)
    )
    return converse(*parties, settles=lambda side, execution: settled)


def test_each_reads_what_the_other_writes():
    asking = "print(41, flush=True); import sys; sys.stderr.write(input())"
    answering = "print(int(input()) + 1, flush=True)"

    first, second = talk(asking, answering).executions

    assert (first.stdout, second.stdout, first.stderr) == (b"41\n", b"42\n", b"42")


def test_who_ended_first_is_known_and_may_settle_it():
    conversation = talk("import time; time.sleep(60)", "raise SystemExit(43)", settled=True)

    assert (conversation.ended_first, conversation.executions[1].exit_code) == (1, 43)
    assert conversation.executions[0].outcome == Outcome.SIGNALLED


def test_a_flood_is_ended():
    flooding = talk("while True: print('x' * 99)", "import sys; sys.stdin.read()").executions[0]

    assert (flooding.outcome, flooding.stdout_truncated, len(flooding.stdout)) == (Outcome.OUT_OF_OUTPUT, True, 100_000)
