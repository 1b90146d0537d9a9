"""The boxes that programs run in, and the choice of the strongest that this machine allows."""

import itertools
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.inside import kernel
from sandbox_service.models import Isolation, Tier
from sandbox_service.sandboxes import gvisor, layout
from sandbox_service.sandboxes.cgroups import ControlGroup, control_groups
from sandbox_service.sandboxes.contract import Box, Zygote
from sandbox_service.sandboxes.native import NativeBox
from sandbox_service.sandboxes.pool import Boxes, OpenBox
from sandbox_service.sandboxes.unsafe import UnsafeBox

__all__ = ["Box", "Boxes", "OpenBox", "Zygote", "open_box", "survey"]

_numbers = itertools.count()
_BY_STRENGTH = (Tier.NAMESPACES, Tier.LANDLOCK)


def _open_native(tier: Tier, zygote: Zygote | None, prepared: Path | None) -> Box:
    number = next(_numbers)
    if tier is Tier.LANDLOCK and not kernel.landlock_abi():
        raise SandboxUnavailable("landlock: this kernel has no Landlock, or it is switched off (lsm=)")
    parent = Path(tempfile.gettempdir())
    if tier is Tier.LANDLOCK:
        _check_programs_can_run_in(parent)
    layout.sweep(parent)
    groups: ControlGroup | None = None
    missing = {}
    try:
        groups = control_groups(number)
    except OSError as error:
        missing["cgroup"] = f"{error.strerror}; memory is watched and counted by process instead"
    if not kernel.landlock_abi():
        missing["landlock"] = "not in this kernel"
    preload = zygote.preload if zygote else ()
    cpu_group = bool(groups and groups.cpu_group)
    setup = layout.setup(tier, parent, number, cpu_group=cpu_group, preload=preload, prepared=prepared)
    return NativeBox(tier, setup, groups, missing, zygote)


def _check_programs_can_run_in(parent: Path) -> None:
    """Compiled programs would all fail to start there, which would be said of them and not of us."""
    if os.statvfs(parent).f_flag & os.ST_NOEXEC:
        mend = "mount it exec, as with docker run --tmpfs /tmp:exec, or set TMPDIR to another directory"
        raise SandboxUnavailable(f"landlock: nothing may be run in {parent}, which is mounted noexec: {mend}")


def open_box(
    wanted: Tier | None = None,
    minimum: Tier = Tier.LANDLOCK,
    *,
    zygote: Zygote | None = None,
    prepared: Path | None = None,
) -> Box:
    """The strongest box this machine allows, or one of the wanted tier; with a zygote, if one is given.

    ``prepared`` is a folder that its programs may read, and that holds nothing of any other.
    The box belongs to the thread that opens it. ``Tier.UNSAFE`` is only ever had by asking for it.

    Raises:
        SandboxUnavailable: none of at least the minimum tier can be had; the text says why, tier by tier.
    """
    if wanted is not None and wanted.strength < minimum.strength:
        message = f"isolation {wanted} is below the configured minimum, {minimum}; correct SANDBOX_ISOLATION or"
        raise SandboxUnavailable(f"{message} SANDBOX_MINIMUM_ISOLATION")
    if wanted is Tier.UNSAFE:
        return UnsafeBox()
    if wanted is Tier.DOCKER:
        raise SandboxUnavailable("docker: its boxes come from a pool of containers, not from this machine's own means")
    reasons = []
    for tier in [wanted] if wanted else _BY_STRENGTH:
        if tier.strength < minimum.strength:
            continue
        try:
            return _open_native(tier, zygote, prepared)
        except SandboxUnavailable as error:
            reasons.append(str(error))
    raise SandboxUnavailable(f"no isolation of at least {minimum} can be had here: {_cause(reasons)}{_mend(minimum)}")


def _cause(reasons: Sequence[str]) -> str:
    """Why no tier can be had; what fails first below gVisor does not tell."""
    said = "; ".join(reasons)
    if not gvisor.is_the_kernel():
        return said
    return f"the kernel is gVisor's, which lacks {', '.join(gvisor.lacking()) or said}"


def _mend(minimum: Tier) -> str:
    if gvisor.is_the_kernel():
        return "; use another runtime than runsc, or a gVisor that has them (docs/isolation.md, Below gVisor)"
    if minimum is Tier.NAMESPACES:
        return "; a container takes deploy/seccomp/namespaces.json for it; or lower SANDBOX_MINIMUM_ISOLATION"
    return "; docs/isolation.md says what a tier takes"


def survey() -> Sequence[Isolation | SandboxUnavailable]:
    """For each tier, from the strongest: what is in force in such a box, or why there can be none."""
    found: list[Isolation | SandboxUnavailable] = []
    for tier in _BY_STRENGTH:
        try:
            box = _open_native(tier, None, None)
        except SandboxUnavailable as error:
            found.append(SandboxUnavailable(_cause([str(error)])))
        else:
            found.append(box.isolation)
            box.close()
    return found
