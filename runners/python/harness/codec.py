"""How values are told from process to process: as plain data, and between a test and a submission also by a number.

JSON, and for what it has no word an object with one key, ``$`` and a name: docs/api.md has the words of an answer to a
call, which ``Plain`` writes and the service reads; ``Codec`` has more of them. It tells a list, dict, set, bytearray or
deque that was told before by its number (``$same``), so that aliases and cycles survive; what a call changed in its
arguments goes back the same way.
"""

import collections
import datetime
import decimal
import fractions
import json
import operator

_WORD = 2**63  # from here on integers are written in hexadecimal, which takes time in proportion to their length
_name_of = type.__dict__["__name__"].__get__  # whatever a class of classes makes of it
_MUTABLE = (list, dict, set, bytearray, collections.deque, collections.OrderedDict, collections.Counter)
_FACTORIES = {kind.__name__: kind for kind in (int, float, str, list, dict, set, bool, tuple)}
_TYPES = {
    kind.__name__: kind
    for kind in (
        *_FACTORIES.values(),
        bytes,
        bytearray,
        complex,
        frozenset,
        object,
        type,
        type(None),
        range,
        slice,
        ArithmeticError,
        AssertionError,
        AttributeError,
        Exception,
        IndexError,
        KeyError,
        LookupError,
        NotImplementedError,  # a value like the others, and nothing left undone
        OverflowError,
        RuntimeError,
        StopIteration,
        TypeError,
        ValueError,
        ZeroDivisionError,
    )
}
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


def _same(before: list[object], after: list[object]) -> bool:
    return len(before) == len(after) and all(map(operator.is_, before, after))


class Plain:
    """Of a derived type, tells what it is derived from, whatever it makes of itself."""

    most_depth = 100
    unsupported = "{}"
    told_apart = frozenset(map(id, (list, dict, set)))  # a class of classes may have an equality of its own
    reduced = (
        (int, int.__int__),
        (float, float.__float__),
        (str, str.__str__),
        (list, lambda value: list.__getitem__(value, slice(None))),
        (tuple, lambda value: tuple.__getitem__(value, slice(None))),
        (dict, dict.copy),
        (complex, complex.__pos__),
    )

    def encode(self, value, session=None, depth=0):
        kind = type(value)
        if value is None or kind is str or kind is bool:
            return value
        if kind is int:
            return value if -_WORD < value < _WORD else {"$int": hex(value)}
        if kind is float:
            return value if value - value == 0 else {"$float": repr(value)}
        if depth >= self.most_depth:
            raise TooDeep(f"containers more than {self.most_depth} deep")
        depth += 1
        if kind is tuple:
            return {"$tuple": [self.encode(each, session, depth) for each in value]}
        if id(kind) in self.told_apart:
            if session is not None:
                number = session.numbers.get(id(value))
                if number is not None:
                    return {"$same": number}
                session.add(value)
            return self.contents(value, session, depth)
        if kind is frozenset:
            return {"$frozenset": [self.encode(each, session, depth) for each in value]}
        if kind is bytes:
            return {"$bytes": value.hex()}
        if kind is complex:
            return {"$complex": [self.encode(value.real), self.encode(value.imag)]}
        told = self.other(kind, value, session, depth)
        return self._reduce(kind, value, session, depth) if told is None else told

    def contents(self, value, session, depth=1):
        """A container as if it had not been told before."""
        kind = type(value)
        if kind is list:
            return [self.encode(each, session, depth) for each in value]
        if kind is set:
            return {"$set": [self.encode(each, session, depth) for each in value]}
        if kind is dict and not any(type(key) is not str or key[:1] == "$" for key in value):
            return {key: self.encode(each, session, depth) for key, each in value.items()}
        return {"$dict": self.pairs(value, session, depth)}

    def pairs(self, value, session, depth):
        return [[self.encode(key, session, depth), self.encode(each, session, depth)] for key, each in value.items()]

    def other(self, kind, value, session, depth):
        """What there are more words for; None for nothing."""
        return

    def _reduce(self, kind, value, session, depth):
        if hasattr(kind, "item") and getattr(value, "shape", None) == ():  # a scalar of numpy
            return self.encode(value.item(), session, depth)
        for base, reduce in self.reduced:
            if issubclass(kind, base):
                return self.encode(reduce(value), session, depth - 1)
        raise UnsupportedValue(self.unsupported.format(_name_of(kind)))


class Codec(Plain):
    """``export`` makes what stands for an object of ours, ``adopt`` what stands here for one of theirs."""

    most_depth = 150
    unsupported = "a value of type {}"
    told_apart = frozenset(map(id, (*_MUTABLE, collections.defaultdict)))
    reduced = (
        (collections.OrderedDict, lambda value: collections.OrderedDict(collections.OrderedDict.items(value))),
        *Plain.reduced,
        (set, lambda value: set(set.__iter__(value))),
        (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
        (bytes, lambda value: bytes.__getitem__(value, slice(None))),
    )

    def __init__(self, export, adopt) -> None:
        self._export = export
        self._adopt = adopt

    def contents(self, value, session: Session, depth: int = 1):
        kind = type(value)
        if kind is bytearray:
            return {"$bytearray": value.hex()}
        if kind is collections.deque:
            return {"$deque": [value.maxlen, [self.encode(each, session, depth) for each in value]]}
        if kind is collections.defaultdict:
            factory = getattr(value.default_factory, "__name__", None)
            return {"$defaultdict": [factory if factory in _FACTORIES else None, self.pairs(value, session, depth)]}
        if kind is collections.OrderedDict or kind is collections.Counter:
            return {f"${kind.__name__}": self.pairs(value, session, depth)}
        return super().contents(value, session, depth)

    def other(self, kind, value, session: Session, depth: int):
        if kind is range or kind is slice:
            ends = (value.start, value.stop, value.step)
            return {f"${kind.__name__}": [self.encode(each, session, depth) for each in ends]}
        if kind is decimal.Decimal:
            return {"$Decimal": str(value)}
        if kind is fractions.Fraction:
            return {"$Fraction": [hex(value.numerator), hex(value.denominator)]}
        name = _name_of(kind)
        if _DATES.get(name) is kind:
            return {"$date": [name, value.isoformat()]}
        if kind is datetime.timedelta:
            return {"$timedelta": [value.days, value.seconds, value.microseconds]}
        if value is Ellipsis or value is NotImplemented:
            return {"$Ellipsis": value is NotImplemented}
        if kind in _VIEWS:
            name, walk = _VIEWS[kind]
            return {f"${name}": [self.encode(each, session, depth) for each in walk(value)]}
        if kind is type and _TYPES.get(value.__name__) is value:
            return {"$type": value.__name__}
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            fields = [str(field) for field in kind._fields]
            values = [self.encode(each, session, depth) for each in tuple.__getitem__(value, slice(None))]
            return {"$namedtuple": [name, fields, values]}
        return None if hasattr(kind, "item") and getattr(value, "shape", None) == () else self._export(value)

    def decode(self, told, session: Session, depth: int = 0):
        kind = type(told)
        if kind is not list and kind is not dict:
            return told
        if depth >= self.most_depth:
            raise BrokenProtocol("data nested too deeply")
        depth += 1
        if kind is list:
            values: list = []
            session.add(values)
            values.extend([self.decode(each, session, depth) for each in told])
            return values
        tag = _tag(told)
        if tag is None or tag in _CONTAINERS:
            container = _new(tag, told)
            session.add(container)
            self.fill(container, told, session, depth)
            return container
        body = told[f"${tag}"]
        return session.containers[whole(body)] if tag == "same" else self._decode_other(tag, body, session, depth)

    def fill(self, container, told, session: Session, depth: int = 1) -> None:
        """Put into an emptied container what its other self holds."""
        if type(container) is list:
            container[:] = [self.decode(each, session, depth) for each in told]
            return
        container.clear()
        tag = _tag(told)
        if tag is None:
            container.update({key: self.decode(each, session, depth) for key, each in told.items()})
            return
        body = told[f"${tag}"]
        if tag == "bytearray":
            container.extend(bytes.fromhex(body))
        elif tag == "set":
            container.update([self.decode(each, session, depth) for each in body])
        elif tag == "deque":
            container.extend([self.decode(each, session, depth) for each in body[1]])
        else:
            pairs = body[1] if tag == "defaultdict" else body
            decoded = [(self.decode(key, session, depth), self.decode(each, session, depth)) for key, each in pairs]
            container.update(dict(decoded))

    def _decode_other(self, tag, body, session: Session, depth: int):
        if tag == "tuple":
            return tuple([self.decode(each, session, depth) for each in body])
        if tag == "int":
            return int(body, 16)
        if tag == "float":
            return float(body)
        if tag == "complex":
            return complex(*[self.decode(each, session, depth) for each in body])
        if tag == "bytes":
            return bytes.fromhex(body)
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


def _tag(told):
    """The word that an object stands for, if it does for one."""
    (first,) = told if len(told) == 1 else ("",)
    if first[:1] == "$":
        return first[1:]
    if len(told) > 1 and any(key[:1] == "$" for key in told):
        raise BrokenProtocol("a word among keys")
    return None


def _new(tag, told):
    if tag is None:
        return {}
    if tag == "deque":
        return collections.deque(maxlen=told["$deque"][0])
    if tag == "defaultdict":
        return collections.defaultdict(_FACTORIES.get(told["$defaultdict"][0]))
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
