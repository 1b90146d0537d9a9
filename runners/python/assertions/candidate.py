"""The submission's side: loads it as a module and answers for it, whatever it prints or reads."""

import marshal
import os
import sys
import types

from codec import Session
from peer import Peer
from remotes import REMOTE_MODULE

SOURCE, CODE = "main.py", "submission.code"


class Candidate(Peer):
    """Answers the test's questions about one submission."""

    our_modules = frozenset({REMOTE_MODULE})

    def __init__(self) -> None:
        self._exit = os._exit
        read_end, write_end = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)  # what the submission prints goes to its standard error
        super().__init__(read_end, write_end)
        self._module = types.ModuleType(REMOTE_MODULE)
        self._not_loaded: BaseException | None = None
        self._last = None

    def load(self) -> None:
        module = self._module
        module.__file__ = os.path.abspath(SOURCE)
        sys.modules[REMOTE_MODULE] = module
        sys.argv[:] = [SOURCE]
        try:
            exec(_code(), module.__dict__)
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
        while traceback is not None and traceback.tb_frame.f_globals is globals():
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
        return found, self._entry(entry_point)

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

    def _entry(self, entry_point):
        """Whether there is what the entry point names, and what it is; ``Class.method`` is that of an instance."""
        if not entry_point:
            return False, None
        first, _, method = entry_point.partition(".")
        name = first.removesuffix("()")
        if name not in self._module.__dict__:
            return False, None
        found = self._module.__dict__[name]
        if first != name or (method and isinstance(found, type)):
            found = found()
        if method and not hasattr(found, method):
            return False, None
        return True, getattr(found, method) if method else found

    def on_finish(self, _number, failed):
        """The test is over; if it failed, the error that was raised last may be why."""
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


def _code():
    if os.path.exists(CODE):
        with open(CODE, "rb") as file:
            code, _ = marshal.loads(file.read())
        return code
    with open(SOURCE, "rb") as file:
        return compile(file.read(), SOURCE, "exec", dont_inherit=True)


candidate = Candidate()
candidate.load()
candidate.serve()
candidate.end()
