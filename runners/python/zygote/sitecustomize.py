"""Lets a plain ``python3 main.py`` wait in a box: for each run a fork of it goes on as if it had just been started.

The interpreter imports this module as it starts, and then goes on to the script. Of that it takes the code that was
compiled before, by a way that leaves no frame of ours below the program's own:

1. It asks ``sys.path_hooks`` whether the script's path is something to import from. We say so once.
2. It therefore gets ``runpy._run_module_as_main``, to call it. All waiting is done there, in a property of our
   stand-in; what a fork gets from it is a bound ``dict.pop``, which hands over, and so lets drop, the only reference
   to an object whose ``__del__`` is the program.
3. What a ``__del__`` raises goes to ``sys.unraisablehook``, where we do with it what is done for a script; then the
   callback of a weak reference to the object tells that the script is over.

(CPython's Modules/main.c, ``pymain_run_python``; the same from 3.11 on.)
"""

import atexit
import builtins
import ctypes
import functools
import gc
import marshal
import os
import random
import signal
import sys
import types
import warnings
import weakref
from collections.abc import Callable
from typing import Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_LINK, _PACKAGE = int(os.environ.pop("SANDBOX_LINK")), os.environ.pop("SANDBOX_PACKAGE")
_PLACE_OF_HARNESS = os.environ.pop("SANDBOX_HARNESS")
del os.environ["PYTHONPATH"], os.environ["LD_BIND_NOW"]
_HARNESS = "sandbox_harness.pyz"  # what calls functions, and what runs test code
_FAILED, _FLUSH_FAILED = 1, 120  # as the interpreter's own exit codes
_fix_filename = __import__("_imp")._fix_co_filename
_count_threads = __import__("_thread")._count
_seed = super(random.Random, random._inst).seed  # type: ignore[attr-defined]  # private to random: whose numbers random.random() draws


class _Runpy(types.ModuleType):
    """Stands for runpy, whose one function the interpreter asks for when all else is in place."""

    @property
    def _run_module_as_main(self) -> object:
        directory, name = os.environ["HOME"], sys.argv[0]
        path = os.path.join(directory, name)
        sys.path_importer_cache.pop(sys.path[0], None)  # no other import may ask us
        del sys.path[0]
        program = _Script(path)
        from sandbox_service.inside.main import main
        from sandbox_service.inside.scripts import compile_script, read_harness

        _PARTS.update(read_harness(_PLACE_OF_HARNESS, _NAMES_OF_PARTS))
        _hide()
        sys.path.insert(0, directory)
        wait = main(_LINK, _preload)
        gc.collect()
        gc.freeze()
        program.prepare()
        # Each call, and each object let go of, touches memory that then has to be copied: few of them from here on.
        load, function, hand_over = marshal.loads, program.function, program.hand_over
        ordered = wait()
        # What the handlers of os.fork, which we do without, would have done: no two programs draw the same numbers.
        _seed()
        for state in _RANDOM_OF_NUMPY:
            state[:] = os.urandom(len(state))
        if type(ordered) is bytes:
            code, said = load(ordered)
            if not said:
                _fix_filename(code, path)
                function.__code__ = code
                return hand_over
            return program.made_of(ordered)
        if ordered.step == "compile":
            compile_script(name, name)
        if ordered.argv[2:] and ordered.argv[1] == name:
            sys.argv[1:] = ordered.argv[2:]
        return program.made_of(ordered.code, *ordered.argv[1:])


class _Script:
    """All that surrounds a program, made before there is one; only its code is put in later."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._exit_code = 0
        self._interrupted = False
        self.function: Callable[[], object] | None = None
        self._loader = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", path)
        # Static, so that it is called without the object.
        self._kind: Any = type("Program", (), {"__del__": staticmethod(print), "__slots__": ("__weakref__",)})
        dropped = self._kind()
        self._over = weakref.ref(dropped, self._flush_after_script)
        self.hand_over = {"__main__": dropped}.pop
        sys.unraisablehook = self._raised
        atexit.register(self._end)  # the first to be registered is the last to be called

    def prepare(self) -> None:
        """Make its module and a function of it: all but the code.

        Only once all else is frozen: the collector never looks at that, but ends what a program leaves behind.
        """
        main_module = types.ModuleType("__main__")
        names = main_module.__dict__
        names["__loader__"] = self._loader
        names["__annotations__"] = {}
        names["__builtins__"] = builtins
        names["__file__"] = self._path
        names["__cached__"] = None
        sys.modules["__main__"] = main_module
        self.function = types.FunctionType(compile("", self._path, "exec"), names)
        self._kind.__del__ = staticmethod(self.function)

    def made_of(self, code_and_warnings: bytes, script: str = "", part: str = "", *rest: str) -> object:
        """What the interpreter is to call as ``_run_module_as_main("__main__", False)``.

        The program itself, or the part of the harness that calls it or tests it; a test alone comes without code.
        """
        code, said = marshal.loads(code_and_warnings) if code_and_warnings else (None, ())
        for text, category, line in said:
            kind = getattr(builtins, category, SyntaxWarning)
            sys.stderr.write(warnings.formatwarning(text, kind, self._path, line))
        if code is not None:
            _fix_filename(code, self._path)
            self.function.__code__ = code
        if script == _HARNESS:
            # Without a frame of our own, which would be told wherever the program fails.
            self.function = functools.partial(_PARTS[part].run, code, self._path, *rest)
            self._kind.__del__ = staticmethod(self.function)
        return self.hand_over

    def _flush_after_script(self, _over: object) -> None:
        for stream in (getattr(sys, "stderr", None), getattr(sys, "stdout", None)):
            try:
                stream.flush()
            except BaseException:
                continue
        # The interpreter would first ask threading to wait for threads.
        if not _count_threads() and not any(_AT_THREADS_END):
            atexit._run_exitfuncs()

    def _raised(self, unraisable: "sys.UnraisableHookArgs") -> None:
        if unraisable.object is not self.function:
            sys.__unraisablehook__(unraisable)
            return
        error = unraisable.exc_value
        assert error is not None
        if isinstance(error, SystemExit):
            self._exit_code = _exit_code_of(error)
            return
        self._exit_code = _FAILED
        self._interrupted = isinstance(error, KeyboardInterrupt)
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
        if sys.version_info >= (3, 12):
            sys.last_exc = error
        try:
            sys.excepthook(type(error), error, error.__traceback__)
        except SystemExit as exit:
            self._exit_code = _exit_code_of(exit)
        except BaseException as another:
            print("Error in sys.excepthook:", file=sys.stderr)
            own_frame = another.__traceback__
            another.__traceback__ = own_frame and own_frame.tb_next
            sys.__excepthook__(type(another), another, another.__traceback__)
            print("\nOriginal exception was:", file=sys.stderr)
            sys.__excepthook__(type(error), error, error.__traceback__)

    def _end(self) -> None:
        """Threads have been joined and exit functions called: flush, let go of what the script held, and leave.

        The interpreter would go on to take itself apart, module by module, which takes longer than most programs.
        """
        failure = _flush("stdout", "stderr")
        if failure is not None:
            _say(f"Exception ignored in: {sys.stdout!r}\n{type(failure).__name__}: {failure}\n")
        self.function = None
        del self._kind.__del__
        sys.modules.pop("__main__", None)
        _collect()
        if _flush("stdout", "stderr") or failure:
            self._exit_code = self._exit_code or _FLUSH_FAILED
        _flush("__stdout__", "__stderr__")
        if self._interrupted:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        os._exit(self._exit_code)


def _exit_code_of(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return _FAILED


def _flush(*names: str) -> BaseException | None:
    """Why standard output could not be flushed; whether standard error could does not matter."""
    failure = None
    for name in names:
        stream = getattr(sys, name, None)
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException as error:
            failure = error if name == "stdout" else failure
    return failure


def _collect() -> None:
    """End what is left in cycles, as the interpreter would at its own end.

    A full collection goes on to free what each type keeps to use again, which touches a lot of memory. So young objects
    alone are looked at where there are no others: all that was there before the program is frozen.
    """
    has_old = gc.get_count()[2] or sys.version_info >= (3, 14) or bool(gc.get_objects(2))  # not kept: that holds them
    gc.collect(2 if has_old else 1)


def _say(text: str) -> None:
    try:
        sys.stderr.write(text)
    except BaseException:
        return


def _hide() -> None:
    """Take out of sight what a plain interpreter would not have loaded for itself, and keep it in memory."""
    for name in [name for name in sys.modules if name in _OURS or name.startswith("sandbox_service")]:
        _HIDDEN.append(sys.modules.pop(name))
    for place in (_PACKAGE, _FOLDER):
        sys.path_importer_cache.pop(place, None)
    sys.path.remove(_PACKAGE)
    sys.dont_write_bytecode = _writes_no_bytecode


def _preload(modules: list[str]) -> None:
    """Import what programs may want, as far as it is installed: it is in memory then, and in no name space."""
    for module in modules:
        try:
            __import__(module)
        except ImportError:
            continue
    _AT_THREADS_END.append(__import__("threading")._threading_atexits)
    _PARTS["call"].prepare("leetcode")
    _PARTS["rehearsal"].rehearse()
    _RANDOM_OF_NUMPY.extend(_state_of_numpy_random())
    sys.path_importer_cache.pop(sys.path[0], None)  # it was not there yet, and nothing is imported until it is
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _state_of_numpy_random() -> list[memoryview]:
    """Where numpy keeps the words of its Mersenne Twister; to seed it anew takes it a hundred times as long."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is None:
        return []
    numpy_random.seed()  # so that the next number is made of new words
    _, words, *_ = numpy_random.get_state()
    address = numpy_random.mtrand._rand._bit_generator.ctypes.state_address
    state = memoryview((ctypes.c_char * words.nbytes).from_address(address)).cast("B")
    if state != words.tobytes():
        raise RuntimeError("numpy keeps the state of its random numbers elsewhere")
    return [state]


def _script_is_importable(path: str) -> object:
    if not path.endswith(sys.argv[0]):
        raise ImportError
    sys.path_hooks.remove(_script_is_importable)
    sys.path[:] = [_PACKAGE, *(place for place in sys.path if place != _FOLDER)]
    sys.modules["runpy"] = _Runpy("runpy")
    return sys.modules["runpy"]


_OURS = frozenset({"sitecustomize", "runpy"})
_HIDDEN: list[object] = []
_NAMES_OF_PARTS = ("call", "candidate", "tests", "same_process", "rehearsal")
_PARTS: dict[str, Any] = {}
_RANDOM_OF_NUMPY: list[memoryview] = []
_AT_THREADS_END: list[list[object]] = []
_writes_no_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
sys.path_hooks.insert(0, _script_is_importable)
