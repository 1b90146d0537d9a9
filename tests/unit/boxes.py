"""What boxes in tests have in common."""

from sandbox_service.sandboxes.contract import Running


class RunsAlone:
    """A box that nobody starts a command in without waiting for its end."""

    def start(self, *_: object, **__: object) -> Running:
        raise NotImplementedError
