"""How values cross between a test and a submission: as plain data, and everything else by a number.

JSON with tags: None, bool, str, finite floats, integers of 64 bits and lists stand for themselves, everything else is
an object with one key. A list, dict, set, bytearray or deque that was told before is told by its number (``same``), so
that aliases and cycles survive; what a call changed in its arguments goes back the same way.
"""

import binascii
import collections
import datetime
import decimal
import fractions
import json
import operator

MOST_DEPTH = 150
_WORD = 2**63
_MUTABLE = (list, dict, set, bytearray, collections.deque, collections.OrderedDict, collections.Counter)
_FACTORIES = {kind.__name__: kind for kind in (int, float, str, list, dict, set, bool, tuple)}
_TYPES = {
    kind.__name__: kind
    for kind in (
        *_FACTORIES.values(), bytes, bytearray, complex, frozenset, object, type, type(None), range, slice,
        ArithmeticError, AssertionError, AttributeError, Exception, IndexError, KeyError, LookupError,
        NotImplementedError, OverflowError, RuntimeError, StopIteration, TypeError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip
_DATES = {kind.__name__: kind for kind in (datetime.date, datetime.datetime, datetime.time)}
_VIEWS = {
    type({}.keys()): ("keys", list),
    type({}.values()): ("values", list),
    type({}.items()): ("items", list),
}


class UnsupportedValue(Exception):
    """A value that is no plain data, and that nothing stands for."""


class TooDeep(UnsupportedValue):
    """Data with more levels than either side may have to walk."""


class BrokenProtocol(Exception):
    """What came is nothing that an honest other side sends."""


class Session:
    """The containers that one call and its answer speak of, by their numbers."""

    def __init__(self) -> None:
        self.containers: list[object] = []
        self.numbers: dict[int, int] = {}
        self._seen: list[object] = []

    def add(self, container: object) -> None:
        self.numbers[id(container)] = len(self.containers)
        self.containers.append(container)

    def remember(self) -> None:
        """From here on, ``changes`` tells what became different."""
        self._seen = [_contents(each) for each in self.containers]

    def changes(self) -> list[int]:
        """The numbers of the containers that hold other things than they did."""
        return [number for number, seen in enumerate(self._seen) if not _same(seen, _contents(self.containers[number]))]


def _contents(container: object) -> list[object]:
    if isinstance(container, dict):
        return [*container.keys(), *container.values()]
    return list(container)  # type: ignore[call-overload]  # every container can be walked


def _written(value) -> str:
    return binascii.b2a_base64(value, newline=False).decode()


def _same(before: list[object], after: list[object]) -> bool:
    return len(before) == len(after) and all(map(operator.is_, before, after))


class Codec:
    """``export`` makes what stands for an object of ours, ``adopt`` what stands here for one of theirs."""

    def __init__(self, export, adopt) -> None:
        self._export = export
        self._adopt = adopt

    def encode(self, value, session: Session, depth: int = 0):
        kind = type(value)
        if value is None or kind is str or kind is bool:
            return value
        if kind is int:
            return value if -_WORD < value < _WORD else {"int": hex(value)}
        if kind is float:
            return value if value - value == 0 else {"float": repr(value)}
        if depth > MOST_DEPTH:
            raise TooDeep(f"data nested more than {MOST_DEPTH} deep")
        depth += 1
        if kind is list:
            number = session.numbers.get(id(value))
            if number is not None:
                return {"same": number}
            session.add(value)
            return [self.encode(each, session, depth) for each in value]
        if kind is tuple:
            return {"tuple": [self.encode(each, session, depth) for each in value]}
        if kind in _MUTABLE or kind is collections.defaultdict:
            number = session.numbers.get(id(value))
            if number is not None:
                return {"same": number}
            session.add(value)
            return self.contents(value, session, depth)
        return self._encode_other(kind, value, session, depth)

    def contents(self, value, session: Session, depth: int = 1):
        """A container as if it had not been told before."""
        kind = type(value)
        if kind is list:
            return [self.encode(each, session, depth) for each in value]
        if kind is bytearray:
            return {"bytearray": _written(value)}
        if kind is set:
            return {"set": [self.encode(each, session, depth) for each in value]}
        if kind is collections.deque:
            return {"deque": [value.maxlen, [self.encode(each, session, depth) for each in value]]}
        pairs = [self.encode(each, session, depth) for pair in value.items() for each in pair]
        if kind is collections.defaultdict:
            factory = getattr(value.default_factory, "__name__", None)
            return {"defaultdict": [factory if factory in _FACTORIES else None, pairs]}
        return {kind.__name__: pairs}

    def _encode_other(self, kind, value, session: Session, depth: int):
        if kind is bytes:
            return {"bytes": _written(value)}
        if kind is complex:
            return {"complex": [repr(value.real), repr(value.imag)]}
        if kind is frozenset:
            return {"frozenset": [self.encode(each, session, depth) for each in value]}
        if kind is range or kind is slice:
            ends = (value.start, value.stop, value.step)
            return {kind.__name__: [self.encode(each, session, depth) for each in ends]}
        if kind is decimal.Decimal:
            return {"Decimal": str(value)}
        if kind is fractions.Fraction:
            return {"Fraction": [hex(value.numerator), hex(value.denominator)]}
        if kind.__name__ in _DATES and _DATES[kind.__name__] is kind:
            return {"date": [kind.__name__, value.isoformat()]}
        if kind is datetime.timedelta:
            return {"timedelta": [value.days, value.seconds, value.microseconds]}
        if value is Ellipsis or value is NotImplemented:
            return {"Ellipsis": value is NotImplemented}
        if kind in _VIEWS:
            name, walk = _VIEWS[kind]
            return {name: [self.encode(each, session, depth) for each in walk(value)]}
        if kind is type and _TYPES.get(value.__name__) is value:
            return {"type": value.__name__}
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            fields = [str(field) for field in kind._fields]
            return {"namedtuple": [kind.__name__, fields, [self.encode(each, session, depth) for each in tuple(value)]]}
        if hasattr(kind, "item") and getattr(value, "shape", None) == ():  # a scalar of numpy
            return self.encode(value.item(), session, depth)
        exported = self._export(value)
        if exported is not None:
            return exported
        for base in (int, float, str, list, tuple, collections.OrderedDict, dict, set, frozenset, bytes):
            if isinstance(value, base):  # what a subclass adds or overrides stays where it is
                return self.encode(base(base.__iter__(value)) if base in (list, tuple) else base(value), session, depth)
        raise UnsupportedValue(f"a value of type {kind.__name__}")

    def decode(self, told, session: Session, depth: int = 0):
        kind = type(told)
        if kind is not list and kind is not dict:
            return told
        if depth > MOST_DEPTH:
            raise BrokenProtocol("data nested too deeply")
        depth += 1
        if kind is list:
            values: list = []
            session.add(values)
            values.extend([self.decode(each, session, depth) for each in told])
            return values
        ((tag, body),) = told.items()
        if tag == "same":
            return session.containers[whole(body)]
        if tag in _CONTAINERS:
            container = _new(tag, body)
            session.add(container)
            self.fill(container, told, session, depth)
            return container
        return self._decode_other(tag, body, session, depth)

    def fill(self, container, told, session: Session, depth: int = 1) -> None:
        """Put into an emptied container what its other self holds."""
        if type(container) is list:
            container[:] = [self.decode(each, session, depth) for each in told]
            return
        ((tag, body),) = told.items()
        container.clear()
        if tag == "bytearray":
            container.extend(binascii.a2b_base64(body))
        elif tag == "set":
            container.update([self.decode(each, session, depth) for each in body])
        elif tag == "deque":
            container.extend([self.decode(each, session, depth) for each in body[1]])
        else:
            pairs = body[1] if tag == "defaultdict" else body
            values = [self.decode(each, session, depth) for each in pairs]
            container.update(dict(zip(values[::2], values[1::2])))  # noqa: B905  # Python 3.9 knows no strict

    def _decode_other(self, tag, body, session: Session, depth: int):
        if tag == "tuple":
            return tuple([self.decode(each, session, depth) for each in body])
        if tag == "int":
            return int(body, 16)
        if tag == "float":
            return float(body)
        if tag == "complex":
            return complex(float(body[0]), float(body[1]))
        if tag == "bytes":
            return binascii.a2b_base64(body)
        if tag == "frozenset":
            return frozenset([self.decode(each, session, depth) for each in body])
        if tag == "range" or tag == "slice":
            return (range if tag == "range" else slice)(*[self.decode(each, session, depth) for each in body])
        if tag == "Decimal":
            return decimal.Decimal(body)
        if tag == "Fraction":
            return fractions.Fraction(int(body[0], 16), int(body[1], 16))
        if tag == "date":
            return _DATES[body[0]].fromisoformat(body[1])
        if tag == "timedelta":
            return datetime.timedelta(*body)
        if tag == "Ellipsis":
            return NotImplemented if body else Ellipsis
        if tag == "type":
            return _TYPES[body]
        if tag == "namedtuple":
            return _named_tuple(body[0], tuple(body[1]))(*[self.decode(each, session, depth) for each in body[2]])
        if tag in ("keys", "values", "items"):
            values = [self.decode(each, session, depth) for each in body]
            held = {"keys": dict.fromkeys, "values": lambda each: dict(enumerate(each)), "items": dict}[tag](values)
            return getattr(held, tag)()
        return self._adopt(tag, body)


_CONTAINERS = {kind.__name__ for kind in _MUTABLE} | {"defaultdict"}
_NAMED_TUPLES: dict[tuple[str, tuple[str, ...]], type] = {}


def _new(tag, body):
    if tag == "deque":
        return collections.deque(maxlen=body[0])
    if tag == "defaultdict":
        return collections.defaultdict(_FACTORIES.get(body[0]))
    return {kind.__name__: kind for kind in _MUTABLE}[tag]()


def whole(number) -> int:
    """The number, if it is one that counts things."""
    if type(number) is not int or number < 0:
        raise BrokenProtocol("a number that is none")
    return number


def _named_tuple(name, fields):
    key = (name, fields)
    if key not in _NAMED_TUPLES:
        _NAMED_TUPLES[key] = collections.namedtuple(name, fields)  # type: ignore[misc]  # its name is known at run time only
    return _NAMED_TUPLES[key]


def _no_constant(name):
    raise BrokenProtocol(f"{name} is no JSON")


to_json = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"), check_circular=False).encode
from_json = json.JSONDecoder(parse_constant=_no_constant).decode
