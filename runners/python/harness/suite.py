"""Runs test code in the ways in which it may be written, and says why it did not come to its end."""

import re
import sys
import types

FILE = "assertions.py"
MODULE = "__test__"
ORDER, OUTCOME = "order.json", "outcome.json"
NAMES_OF_SUBMISSION = ("solution", "submission", "main")
MOST_DETAIL = 2000
_CALLS_CHECK = re.compile(r"^check\s*\(", re.MULTILINE)


class Refused(Exception):
    """The test code asks for something that is not offered; the submission has no part in it."""


class NoSuchName(Exception):
    """The submission does not define it."""

    def __init__(self, name) -> None:
        super().__init__(f"the program does not define {name}")


NO_CANDIDATE = object()


def run_suite(source, code, names, candidate) -> None:
    """Everything, in the order it is written; returns only if all went well."""
    exec(code, names)
    check = names.get("check")
    if _is_of_test(check) and not _CALLS_CHECK.search(source):
        if candidate is NO_CANDIDATE:
            raise Refused("the test code has a function check, and no entry_point says what to check")
        check(candidate)
    for name, value in list(names.items()):
        if _is_of_test(value) and name.startswith("test"):
            _run_function(value)
        elif isinstance(value, type) and value.__module__ == MODULE:
            _run_class(name, value)


def _is_of_test(value) -> bool:
    """Whether it is a function that the test code defines, not one that it took from the submission."""
    return isinstance(value, types.FunctionType) and value.__code__.co_filename == FILE


def _run_function(function) -> None:
    cases = getattr(function, "_cases", [{}])
    if not cases:
        raise Refused(f"{function.__name__} has no cases")
    for case in cases:
        _need_no_fixture(function, case)
        function(**case)


def _need_no_fixture(function, case, given=0) -> None:
    code = function.__code__
    without_default = code.co_argcount - len(function.__defaults__ or ())
    for name in code.co_varnames[given:without_default]:
        if name not in case:
            raise Refused(f"{function.__name__} wants the fixture {name}; fixtures are not offered")


def _run_class(name, kind) -> None:
    unittest = sys.modules.get("unittest")
    if unittest is not None and issubclass(kind, unittest.TestCase):
        _run_unittest(unittest, kind)
    elif name.startswith("Test"):
        for method_name, method in list(vars(kind).items()):
            if method_name.startswith("test") and isinstance(method, types.FunctionType):
                _run_method(kind, method)


def _run_method(kind, method) -> None:
    for case in getattr(method, "_cases", [{}]):
        _need_no_fixture(method, case, given=1)
        instance = kind()
        for surrounding in ("setup_method", None, "teardown_method"):
            if surrounding is None:
                method(instance, **case)
            elif hasattr(instance, surrounding):
                takes_method = getattr(kind, surrounding).__code__.co_argcount > 1
                getattr(instance, surrounding)(*([method] if takes_method else []))


class TestsFailed(AssertionError):
    """Some of a class's tests did not pass; the text is what the first said."""


def _run_unittest(unittest, kind) -> None:
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(kind)
    wanted = suite.countTestCases()
    result = unittest.TestResult()
    suite.run(result)
    for bad in (result.errors, result.failures):
        if bad:
            raise TestsFailed(bad[0][1])
    for text in ("skipped", "expectedFailures", "unexpectedSuccesses"):
        if getattr(result, text):
            raise TestsFailed(f"{text}: a test that does not run to its end does not pass")
    if result.testsRun != wanted:
        raise TestsFailed("not all tests ran")


class StandIns:
    """Finds the few things of pytest that need nothing around them."""

    def find_spec(self, name, path=None, target=None):
        if name != "pytest":
            return None
        import importlib.machinery

        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module) -> None:
        module.__dict__.update(raises=_Raises, approx=_Approx, mark=_Mark(), skip=_skip, fail=_fail, param=_param)
        module.__dict__["__getattr__"] = _not_of_pytest


def _not_of_pytest(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise Refused(f"pytest.{name} is not offered; of pytest there are raises, approx, param, fail and mark.parametrize")


class _Raises:
    """pytest.raises."""

    def __init__(self, expected, *call, match=None, **named) -> None:
        self._expected, self._match = expected, match
        self.value = None
        if call:
            with self:
                call[0](*call[1:], **named)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _traceback):
        if kind is None:
            raise AssertionError(f"did not raise {self._expected}")
        if not issubclass(kind, self._expected):
            return False
        self.value, self.type = error, kind
        if self._match is not None:
            assert re.search(self._match, str(error)), f"{str(error)!r} does not match {self._match!r}"
        return True


class _Approx:
    """pytest.approx, for numbers and for what holds them."""

    def __init__(self, expected, rel=None, abs=None, nan_ok=False) -> None:
        self._expected = expected
        self._relative = 1e-6 if rel is None and abs is None else rel or 0.0
        self._absolute = 1e-12 if abs is None else abs
        self._nan_ok = nan_ok

    def __eq__(self, actual):
        return self._close(self._expected, actual)

    def __ne__(self, actual):
        return not self == actual

    def __repr__(self):
        return f"approx({self._expected!r})"

    def _close(self, expected, actual):
        if isinstance(expected, dict):
            return (
                isinstance(actual, dict)
                and expected.keys() == actual.keys()
                and all(self._close(value, actual[key]) for key, value in expected.items())
            )
        if isinstance(expected, (list, tuple)):
            return (
                isinstance(actual, (list, tuple))
                and len(expected) == len(actual)
                and all(map(self._close, expected, actual))
            )
        if (
            isinstance(expected, bool)
            or not isinstance(expected, (int, float, complex))
            or hasattr(type(actual), "_remote_number")
        ):
            return bool(expected == actual)
        if not hasattr(actual, "__abs__"):
            return False
        if expected == actual:
            return True
        if expected != expected:
            return self._nan_ok and actual != actual
        if abs(expected) == float("inf"):
            return False
        return bool(abs(expected - actual) <= max(self._absolute, self._relative * abs(expected)))


class _Mark:
    """pytest.mark: parametrize runs a test many times; what would let one be skipped makes it fail."""

    @staticmethod
    def parametrize(names, values, ids=None):
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)

        def mark(function):
            cases = getattr(function, "_cases", [{}])
            rows = [dict(_paired(names, value if len(names) > 1 else (value,))) for value in map(_bare, values)]
            function._cases = [{**case, **row} for row in rows for case in cases]
            return function

        return mark

    def __getattr__(self, name):
        if name not in ("skip", "skipif", "xfail"):
            return _unmarked
        raise Refused(f"pytest.mark.{name} is not offered: a test that does not run does not pass")


def _paired(names, values):
    values = list(values)
    if len(values) != len(names):
        raise Refused(f"parametrize: {len(names)} names and {len(values)} values")
    return zip(names, values)  # noqa: B905  # PyPy's Python 3.9 knows no strict


def _bare(value):
    return value.values if isinstance(value, _param) else value


class _param:  # noqa: N801  # pytest's name
    def __init__(self, *values, id=None, marks=()) -> None:
        self.values = values if len(values) > 1 else values[0]


def _unmarked(*args, **kwargs):
    if len(args) == 1 and not kwargs and callable(args[0]):
        return args[0]
    return lambda function: function


def _skip(reason="", **_):
    raise AssertionError(f"skipped: {reason}")


def _fail(reason="", **_):
    raise AssertionError(reason)


def compiled(source):
    try:
        return compile(source, FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refused(f"the test code does not compile: {error}") from None


def detail(error, source) -> str:
    """What went wrong and where in the test code."""
    text = type(error).__name__
    said = str(error)
    if said:
        text += f": {said}"
    line, traceback = 0, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    lines = source.splitlines()
    return f"line {line}: {lines[line - 1].strip()}\n{text}" if 0 < line <= len(lines) else text
