"""The submission's side: loads it as a module and answers for it, whatever it prints or reads."""

import os
import sys
import types

import entry_points
import peer
from codec import Session
from remotes import REMOTE_MODULE

_OURS = (globals(), vars(peer))


class Candidate(peer.Peer):
    """Answers the test's questions about one submission."""

    our_modules = frozenset({REMOTE_MODULE})

    def __init__(self, read_end, write_end) -> None:
        super().__init__(read_end, write_end)
        self._exit = os._exit
        self._module = types.ModuleType(REMOTE_MODULE)
        self._not_loaded: BaseException | None = None
        self._last = None

    def load(self, code, file) -> None:
        module = self._module
        module.__file__ = file
        sys.modules[REMOTE_MODULE] = module
        try:
            exec(code, module.__dict__)
        except BaseException as error:
            self.note(error)
            self._not_loaded = error

    def may_stand_for(self, value) -> bool:
        return not isinstance(value, types.ModuleType)

    def note(self, error) -> None:
        """Keep it with its way through the submission alone."""
        if error is self._not_loaded:
            return
        traceback = error.__traceback__
        while traceback is not None and any(traceback.tb_frame.f_globals is each for each in _OURS):
            traceback = traceback.tb_next
        self._last = error, traceback

    def on_resolve(self, _number, entry_point, names):
        """What the names stand for; those that it does not define are left out."""
        if self._not_loaded is not None:
            raise self._not_loaded.with_traceback(None)
        found = {}
        for name in names if names is not None else self._public():
            value = self._module.__dict__.get(name, self)
            if isinstance(value, types.ModuleType):
                found[name] = ("module", value.__name__)
            elif value is not self and self._crosses(value):
                found[name] = ("value", value)
        entry = entry_points.find(self._module.__dict__, entry_point) if entry_point else entry_points.MISSING
        return found, (False, None) if entry is entry_points.MISSING else (True, entry)

    def _crosses(self, value) -> bool:
        told = len(self._telling)
        try:
            self.codec.encode(value, Session())
        except Exception:
            return False
        finally:
            self._untell(told)
        return True

    def _public(self):
        names = self._module.__dict__
        return names.get("__all__") or [name for name in names if not name.startswith("_")]

    def on_finish(self, _number, failed):
        """The test is over; if it failed, the error that was raised last may be why."""
        self.is_over = True
        if failed and self._last is not None:
            error, traceback = self._last
            sys.__excepthook__(type(error), error.with_traceback(traceback), traceback)

    def end(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:
                continue
        self._exit(0)


def run(code, file) -> None:
    """Serve until the test is over; ``code`` is the submission's, of that file."""
    candidate = Candidate(*peer.take_pipes())
    candidate.load(code, file)
    candidate.serve()
    candidate.end()
