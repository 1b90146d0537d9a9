"""Runs on the other host: names its strongest box, runs the contract suite, says how it ended.

SANDBOX_TEST_TIERS names the tiers that host must have; the suite fails where one of them is missing.
"""

import os
import sys

import pytest

from sandbox_service.sandboxes import open_box


def main() -> int:
    box = open_box()
    box.close()
    print(f"user {os.getuid()}, kernel {os.uname().release}")
    print(f"strongest box: {box.isolation.tier}")
    for name, found in box.isolation.layers.items():
        print(f"  {name}: {found}")
    sys.stdout.flush()
    status = pytest.main(["tests/contract", "-q", "--color=no", "-p", "no:cacheprovider", *sys.argv[1:]])
    print(f"exit status: {int(status)}", flush=True)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
