"""The boxes and the compiler of one slot, as the settings ask for them."""

from sandbox_service.compilers import Compiler, prepared_folder
from sandbox_service.models import Tier
from sandbox_service.sandboxes import Boxes, open_box
from sandbox_service.sandboxes.docker import Containers
from sandbox_service.sandboxes.warm_pool import WarmPool
from sandbox_service.settings import Settings, state_directory

# What a container has beyond what its programs may use: the agent, warm interpreters, compilers' overhead.
ROOM_BYTES = 2 * 2**30
ROOM_PROCESSES = 512


def boxes_of(settings: Settings) -> Boxes:
    """Boxes, none of them opened yet; they belong to the thread that asks them for one."""
    if settings.isolation is Tier.DOCKER:
        pool = WarmPool(_containers(settings), settings.minimum_isolation)
        return Boxes(pool.open, also_close=pool.close)
    folder = state_directory(settings.state_directory)
    prepared = None if folder is None else prepared_folder(folder)
    return Boxes(
        lambda zygote: open_box(settings.isolation, settings.minimum_isolation, zygote=zygote, prepared=prepared)
    )


def _containers(settings: Settings) -> Containers:
    return Containers(
        image=settings.docker_image,
        memory_bytes=settings.maximum_memory_bytes + ROOM_BYTES,
        processes=settings.maximum_processes + ROOM_PROCESSES,
        runtime=settings.docker_runtime,
        seccomp_profile=settings.docker_seccomp_profile,
    )


def compiler_of(settings: Settings) -> Compiler:
    """A compiler that shares its work with the others of this machine."""
    folder = state_directory(settings.state_directory)
    return Compiler.with_folder(folder, prepares=settings.isolation is not Tier.DOCKER)
