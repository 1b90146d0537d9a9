"""A judge for programs written by models: programs and tests in, verdicts and rewards out."""

__version__ = "0.1.0"
