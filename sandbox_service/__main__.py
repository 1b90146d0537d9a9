"""Makes ``python -m sandbox_service`` the same as ``sandbox-service``."""

from sandbox_service.cli import main

main()
