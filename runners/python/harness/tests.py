"""The test's side: runs the caller's test code, for which what the submission defines stands behind proxies.

What came of it is left in a file of this box, which holds nothing of the submission. Nothing that ends the run early,
from whichever side, gets as far as to say ``completed``.
"""

import builtins
import json
import os
import sys
import types

from codec import BrokenProtocol, TooDeep, UnsupportedValue
from peer import Gone, Peer, take_pipes
from remotes import Remote, RemoteFunction, RemoteType
from suite import (
    MODULE,
    MOST_DETAIL,
    NAMES_OF_SUBMISSION,
    NO_CANDIDATE,
    ORDER,
    OUTCOME,
    NoSuchName,
    Refused,
    StandIns,
    compiled,
    detail,
    run_suite,
)

_SHORT_NAMES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot"}


class Tester(Peer):
    """Asks the submission, and remembers whatever must keep the test from counting as passed."""

    our_modules = frozenset({MODULE})

    def __init__(self, read_end, write_end) -> None:
        super().__init__(read_end, write_end)
        self.asked = 0
        self.flaw: tuple[str, str] | None = None
        self._named: set[type] = set()

    def ask(self, operation, number, args, kwargs):
        if self.flaw is not None and operation != "finish":
            raise UnsupportedValue(self.flaw[1])
        self.asked += 1
        try:
            return super().ask(operation, number, args, kwargs)
        except Gone:
            self._flawed("gone", "the program ended before it had answered")
            raise

    def _flawed(self, kind, text) -> None:
        self.flaw = self.flaw or (kind, text)

    def failed(self, error, *, ours=False):
        if isinstance(error, BrokenProtocol):
            self._flawed("protocol", f"the program does not keep to the protocol: {error}")
        elif ours and not isinstance(error, TooDeep):  # which may be an answer's own depth, and one more
            self._flawed("refused", f"the test code passes what cannot cross to the program: {error}")
        else:
            self._flawed("unsupported", f"an answer of the program is {error}")
        return error

    def judge(self, name, remote, *args):
        """Objects of the submission are compared among themselves; never do they say what a plain value is worth."""
        for each in args:
            if not isinstance(each, Remote) and not isinstance(each, RemoteType):
                shown = type(remote).__name__
                raise self.failed(UnsupportedValue(f"an object of type {shown} where plain data is compared"))
        return super().judge(name, remote, *args)

    def may_get(self, owner, name) -> bool:
        kind = owner if isinstance(owner, type) else type(owner)
        return kind.__module__ == MODULE and (name is None or (type(name) is str and not name.startswith("_")))

    def name(self, value):
        """What the test code names itself may be asked anything by its methods."""
        if isinstance(value, RemoteType):
            self._named.update(each for each in value.__mro__ if isinstance(each, RemoteType))
        return value

    def got(self, owner, value):
        if isinstance(owner, RemoteType):
            return self.name(value)
        if isinstance(value, RemoteFunction) and type(owner) not in self._named:
            return _Guarded(self, value._remote_number, value.__name__)
        return value


class _Guarded(RemoteFunction):
    """A method of an object that the test code does not know the class of: it is told no plain value."""

    def __call__(self, *args, **kwargs):
        for each in (*args, *kwargs.values()):
            if not isinstance(each, Remote):
                raise self._remote_peer.failed(
                    UnsupportedValue(f"an object whose {self.__name__} is asked about plain data")
                )
        return super().__call__(*args, **kwargs)


class Suite:
    """The test code in a module of its own, with what it takes from the submission."""

    def __init__(self, tester, order) -> None:
        self._tester = tester
        self._entry_point = order["entry_point"]
        self._source = order["assertions"]
        self._code = compiled(self._source)
        self._module = types.ModuleType(MODULE)
        self._missing: set[str] = set()
        self.took_data = False

    def run(self) -> None:
        """Returns only if all went well."""
        sys.modules[MODULE] = self._module
        for name in NAMES_OF_SUBMISSION:
            sys.modules[name] = _Submission(name, self._tester)
        sys.meta_path.insert(0, StandIns())
        names = self._module.__dict__
        names["__builtins__"] = builtins
        run_suite(self._source, self._code, names, self._resolve(names))

    def _resolve(self, names):
        """Give the test code what it takes from the submission; answers what is to be checked."""
        wanted = sorted({name for name in _names(self._code) if not hasattr(builtins, name)})
        found, (has_entry, entry) = self._tester.ask("resolve", 0, (self._entry_point, wanted), {})
        for name, (kind, value) in found.items():
            if name not in wanted:
                raise self._tester.failed(BrokenProtocol("a name that nobody asked for"))
            if kind == "value":
                names[name] = self._tester.name(value)
                self.took_data = self.took_data or not isinstance(value, (Remote, RemoteType))
            elif value == _SHORT_NAMES.get(name, name):
                _import_for(names, name, value)
        self._missing = set(wanted) - found.keys()
        if not self._entry_point:
            return NO_CANDIDATE
        if not has_entry:
            raise NoSuchName(self._entry_point)
        if self._entry_point.isidentifier():
            names[self._entry_point] = entry
        names["candidate"] = self._tester.name(entry)
        return entry

    def is_missing(self, error) -> bool:
        """Whether the error says that the submission lacks a name."""
        return isinstance(error, NoSuchName) or (
            type(error) is NameError and error is not self._tester.raised and _name_of(error) in self._missing
        )


def _name_of(error) -> str:
    """Which name was not found; Python 3.9 says so in words alone."""
    return getattr(error, "name", None) or str(error).partition("'")[2].partition("'")[0]


class _Submission(types.ModuleType):
    """What the test code imports as the submission's module."""

    def __init__(self, name, tester) -> None:
        super().__init__(name)
        self.__dict__["_tester"] = tester

    def __getattr__(self, name):
        if name == "__path__":
            raise AttributeError(name)
        tester = self.__dict__["_tester"]
        found, _ = tester.ask("resolve", 0, ("", None if name == "__all__" else [name]), {})
        if name == "__all__":
            return list(found)
        if name not in found or found[name][0] != "value":
            raise NoSuchName(name) if not name.startswith("__") else AttributeError(name)
        return tester.name(found[name][1])


def _names(code):
    """Every name that the code mentions, of variables and of attributes."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


def _import_for(names, name, module) -> None:
    """The module that the submission has under that name; our own, not the submission's."""
    try:
        names[name] = __import__(module)
    except ImportError:
        return


def _outcome(tester, order):
    """How the run ended: a kind, and a text for people."""
    suite = None
    try:
        suite = Suite(tester, order)
        suite.run()
    except Gone:
        return tester.flaw
    except Refused as error:
        return "refused", str(error)
    except BaseException as error:
        if tester.flaw is not None:
            return tester.flaw
        if suite is not None and suite.is_missing(error):
            return "missing", detail(error, order["assertions"])
        if error is tester.raised:
            return "raised", detail(error, order["assertions"])
        return "failed", detail(error, order["assertions"])
    if tester.flaw is not None:
        return tester.flaw
    if tester.asked == 1 and not suite.took_data:
        return "refused", "the test code asks nothing of the program"
    return "completed", ""


def run(_code, _file) -> None:
    """Leave behind what came of the test code of the order; of the submission there is nothing here."""
    with open(ORDER, encoding="utf-8") as file:
        order = json.load(file)
    os.unlink(ORDER)
    tester = Tester(*take_pipes())
    exit_now, open_file, dump = os._exit, open, json.dumps
    kind, text = _outcome(tester, order)
    if kind != "gone":
        try:
            tester.ask("finish", 0, (kind != "completed",), {})
        except BaseException as error:
            if kind == "completed":
                kind, text = tester.flaw or ("protocol", str(error))
    told = {"mark": order["mark"], "kind": kind, "text": text[:MOST_DETAIL], "asked": tester.asked}
    with open_file(OUTCOME, "w", encoding="utf-8") as file:
        file.write(dump(told))
    exit_now(0)
