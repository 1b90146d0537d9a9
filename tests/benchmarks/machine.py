"""Names the machine that the figures were taken on."""

import os
import platform
import subprocess
import time
from pathlib import Path

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.sandboxes import open_box
from sandbox_service.settings import available_cores


def describe() -> dict[str, str]:
    """What a reader needs to know of the machine; nothing that tells whose it is."""
    return {
        "processor": _processor(),
        "cores": str(available_cores()),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "isolation": _isolation(),
        "revision": _revision(),
        "load at the start": f"{os.getloadavg()[0]:.2f}",
        "taken": time.strftime("%Y-%m-%d"),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _isolation() -> str:
    try:
        box = open_box()
    except SandboxUnavailable as error:
        return f"none: {error}"
    try:
        return f"{box.isolation.tier} ({', '.join(sorted(box.isolation.layers))})"
    finally:
        box.close()


def _revision() -> str:
    try:
        said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said.stdout.strip()
