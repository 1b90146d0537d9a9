"""The boxes and the compiler of one slot, as the settings ask for them."""

from sandbox_service.compilers import Compiler, prepared_folder
from sandbox_service.sandboxes import Boxes, open_box
from sandbox_service.settings import Settings, state_directory


def boxes_of(settings: Settings) -> Boxes:
    """Boxes, none of them opened yet; they belong to the thread that asks them for one."""
    folder = state_directory(settings.state_directory)
    prepared = None if folder is None else prepared_folder(folder)
    return Boxes(
        lambda zygote: open_box(settings.isolation, settings.minimum_isolation, zygote=zygote, prepared=prepared)
    )


def compiler_of(settings: Settings) -> Compiler:
    """A compiler that shares its work with the others of this machine."""
    return Compiler.with_folder(state_directory(settings.state_directory))
