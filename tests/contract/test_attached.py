"""A box behind an agent that dies, or is left in the middle of a command, breaks and holds nobody up."""

import os
import select
import socket
from collections.abc import Iterator

import pytest

from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.models import Execution, Outcome, Tier
from sandbox_service.sandboxes import frames
from sandbox_service.sandboxes.attached import AttachedBox, AttachedRun
from sandbox_service.sandboxes.contract import Command, Running
from sandbox_service.sandboxes.conversation import Party, converse
from sandbox_service.sandboxes.frames import Talk
from sandbox_service.sandboxes.running import finish
from tests.contract.attached import AgentLink, StreamLink
from tests.contract.conftest import EXPECTED, limits

PATIENT = Command(("sleep", "100"))
FLOOD = Command(("python3", "-c", "while True: print('x' * 99)"))


def get_on_until(descriptor: int, running: Running) -> None:
    """See to the command until the descriptor is readable."""
    while True:
        ready, _, _ = select.select([descriptor, *running.awaited], [], [])
        if descriptor in ready:
            return
        for other in ready:
            running.see_to(other)


@pytest.fixture
def link() -> Iterator[AgentLink]:
    link = AgentLink()
    yield link
    link.close()


@pytest.fixture
def box(link: AgentLink) -> AttachedBox:
    try:
        return AttachedBox(link, None, Tier.LANDLOCK)
    except SandboxUnavailable as error:
        if EXPECTED:
            raise
        pytest.skip(str(error))


def test_an_agent_that_dies_is_a_broken_box(box: AttachedBox, link: AgentLink) -> None:
    running = box.start(PATIENT, limits())

    link.agent.kill()

    with pytest.raises(BoxBroken, match="did not answer"):
        finish(running)
    with pytest.raises(BoxBroken):
        box.run(PATIENT, limits())


def test_an_agent_that_dies_ends_the_conversation(box: AttachedBox, link: AgentLink) -> None:
    other = AttachedBox(AgentLink(), None, Tier.LANDLOCK)

    def kill(side: int, execution: Execution) -> bool:
        link.agent.kill()
        return False

    with pytest.raises(BoxBroken):
        converse(Party(box, PATIENT, limits()), Party(other, Command(("true",)), limits()), settles=kill)

    other.close()


def test_a_box_that_was_left_in_the_middle_takes_no_other_command(box: AttachedBox) -> None:
    box.start(PATIENT, limits()).abandon()

    with pytest.raises(BoxBroken):
        box.run(Command(("true",)), limits())


def test_a_flood_that_nobody_reads_can_be_stopped(box: AttachedBox) -> None:
    read_end, write_end = os.pipe()
    running = box.start(FLOOD, limits(), stdout=write_end)
    get_on_until(read_end, running)

    running.stop(Outcome.OUT_OF_OUTPUT)
    execution = finish(running)

    assert (execution.outcome, execution.signal) == (Outcome.OUT_OF_OUTPUT, 9)
    assert box.run(Command(("echo", "next")), limits()).stdout == b"next\n"
    assert os.get_blocking(write_end)
    os.close(write_end)
    os.close(read_end)


def test_an_end_without_a_last_word_is_an_end() -> None:
    near, far = socket.socketpair()
    read_end, write_end = os.pipe()
    facts = Execution(Outcome.EXITED, 0, None, b"", b"", 0.1, 0.1, 4096)
    far.sendall(frames.pack_talk(Talk.SAYS, b"some") + frames.pack_execution(facts))

    running = AttachedRun(StreamLink(near), limits(), None, write_end)
    os.close(write_end)

    assert finish(running) == facts
    assert (os.read(read_end, 9), os.read(read_end, 9)) == (b"some", b"")
    for end in (near, far):
        end.close()
    os.close(read_end)


def test_a_program_whose_output_nobody_reads_is_killed_as_on_any_pipe(box: AttachedBox) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    running = box.start(Command(("yes",)), limits(), stdout=write_end)

    execution = finish(running)

    assert (execution.outcome, execution.signal) == (Outcome.SIGNALLED, 13)
    os.close(write_end)
