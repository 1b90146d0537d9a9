"""Two processes that call each other's functions: frames over two pipes, one question open at a time on each side.

A frame is four bytes of length and JSON: a question ``["ask", n, operation, …]``, its answer ``["ok", n, changes,
value]`` or ``["raise", n, changes, exception]``. While one waits for an answer, it serves the other's questions.
"""

import builtins
import operator
import os

from codec import BrokenProtocol, Codec, Session, UnsupportedValue, from_json, to_json, whole
from remotes import (
    REMOTE_MODULE,
    SPECIAL,
    Remote,
    RemoteFunction,
    RemoteIterator,
    RemoteObject,
    RemoteType,
    builtin_exception,
    exception_class,
    forwarding,
)

MOST_FRAME_BYTES = 32 * 2**20
_OWN_SPECIAL = frozenset({"contains", "copy", "deepcopy"})
_ORDERING = ("lt", "le", "gt", "ge")
_OF_EVERY_OBJECT = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "hash", "repr", "str"})


class Gone(BaseException):
    """The other side has ended."""


def take_pipes():
    """What the conversation goes over: nothing that reads standard input or prints comes near it from now on."""
    read_end, write_end = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what is printed goes to standard error
    return read_end, write_end


class Peer:
    """This side of the conversation."""

    def __init__(self, read_end, write_end) -> None:
        self._read_end, self._write_end = read_end, write_end
        self._unread = b""
        self.codec = Codec(self._export, self._adopt)
        self._owned: list = []
        self._numbers: dict[int, int] = {}
        self._classes: dict = {}
        self._told_classes: set[int] = set()
        self._telling: list[int] = []
        self._adopted: dict[int, object] = {}
        self._asked = 0
        self.is_over = False
        self.raised: BaseException | None = None  # what the other side raised last

    # What this side allows, and how it fails, is the business of those that inherit.

    def judge(self, name, remote, *args):
        return self.ask("special", remote._remote_number, (name, *args), {})

    def got(self, owner, value):
        """The value of an attribute, as it is to be used here."""
        return value

    def may_get(self, owner, name) -> bool:
        return True

    def failed(self, error, *, ours=False):
        """What to do about a value that cannot cross; gives back what is to be raised."""
        return error

    # Frames.

    def _send(self, message) -> None:
        body = to_json(message).encode()
        view = memoryview(len(body).to_bytes(4, "big") + body)
        try:
            while view:
                view = view[os.write(self._write_end, view) :]
        except BrokenPipeError:
            raise Gone from None

    def _receive_bytes(self, wanted) -> bytes:
        parts = [self._unread]
        missing = wanted - len(self._unread)
        while missing > 0:
            part = os.read(self._read_end, 1 << 16 if missing < 1 << 16 else 1 << 20)
            if not part:
                raise Gone
            parts.append(part)
            missing -= len(part)
        received = b"".join(parts)
        self._unread = received[wanted:]
        return received[:wanted]

    def _receive(self):
        length = int.from_bytes(self._receive_bytes(4), "big")
        if length > MOST_FRAME_BYTES:
            raise self.failed(UnsupportedValue(f"{length} bytes at once"))
        try:
            message = from_json(self._receive_bytes(length).decode())
        except (ValueError, RecursionError) as error:
            raise self.failed(BrokenProtocol(str(error))) from None
        if type(message) is not list or len(message) < 3:
            raise self.failed(BrokenProtocol("no message"))
        return message

    # Asking.

    def ask(self, operation, number, args, kwargs):
        self._asked += 1
        asked = self._asked
        session = Session()
        telling = len(self._telling)
        try:
            told = [self.codec.encode(each, session) for each in args]
            named = {name: self.codec.encode(each, session) for name, each in kwargs.items()}
        except UnsupportedValue as error:
            self._untell(telling)
            raise self.failed(error, ours=True) from None
        self._send(["ask", asked, operation, number, told, named])
        while True:
            message = self._receive()
            if message[0] == "ask":
                self._serve(message)
                continue
            try:
                return self._answered(message, asked, session)
            except Exception as error:
                if error is self.raised or isinstance(error, UnsupportedValue):
                    raise
                raise self.failed(BrokenProtocol(f"{type(error).__name__}: {error}")) from None

    def _answered(self, message, asked, session):
        kind, answered, changes, told = message
        if answered != asked:
            raise BrokenProtocol("an answer that nobody asked for")
        for changed, contents in changes:
            self.codec.fill(session.containers[changed], contents, session)
        if kind == "ok":
            return self.codec.decode(told, session)
        if kind == "unsupported":
            raise self.failed(UnsupportedValue(str(told)))
        if kind != "raise":
            raise BrokenProtocol("an answer of no kind")
        self.raised = self._exception(told, session)
        raise self.raised

    def _exception(self, told, session):
        described, args, text, number = told
        kind = self._class(described)
        values = tuple(self.codec.decode(each, session) for each in args)
        if not isinstance(kind, type) or not issubclass(kind, BaseException):
            raise BrokenProtocol("an exception of no class")
        error = kind.__new__(kind)
        error.args = values
        if kind.__module__ == REMOTE_MODULE:
            error._remote_text = str(text)
            error._remote_number = number
        return error

    # Answering.

    def serve(self) -> None:
        """Answer until it is over, or the other side has ended."""
        try:
            while not self.is_over:
                message = self._receive()
                if message[0] != "ask":
                    return
                self._serve(message)
        except Gone:
            return

    def _serve(self, message) -> None:
        _, asked, operation, number, told, named = message
        session = Session()
        try:
            args = [self.codec.decode(each, session) for each in told]
            kwargs = {name: self.codec.decode(each, session) for name, each in named.items()}
            session.remember()
            value = getattr(self, _OPERATIONS[operation])(number, *args, **kwargs)
        except Gone:
            raise
        except BaseException as error:
            self._answer_with(error, asked, session)
            return
        told = len(self._telling)
        try:
            changes = self._changes(session)
            answer = ["ok", asked, changes, self.codec.encode(value, session)]
        except (UnsupportedValue, RecursionError) as error:
            self._untell(told)
            answer = ["unsupported", asked, [], str(error)]
        except BaseException as error:
            self._untell(told)
            self._answer_with(error, asked, session)
            return
        self._send(answer)

    def _untell(self, told) -> None:
        """Of classes whose description was not sent after all, the other side knows nothing."""
        self._told_classes.difference_update(self._telling[told:])
        del self._telling[told:]

    def _changes(self, session):
        return [[each, self.codec.contents(session.containers[each], session)] for each in session.changes()]

    def _answer_with(self, error, asked, session) -> None:
        self.note(error)
        try:
            changes = self._changes(session)
        except Exception:
            changes = []
        try:
            args = [self.codec.encode(each, session) for each in BaseException.args.__get__(error)]
        except Exception:
            args = []
        try:
            text = str(error)
        except BaseException:
            text = ""
        number = self._number(error) if self.is_ours(type(error)) else None
        self._send(["raise", asked, changes, [self._describe(type(error)), args, text, number]])

    def note(self, error) -> None:
        """Something of ours raised."""

    def on_call(self, number, *args, **kwargs):
        return self._owned[whole(number)](*args, **kwargs)

    def on_get(self, number, name):
        owner = self._owned[whole(number)]
        if not self.may_get(owner, name):
            raise AttributeError(name)
        return getattr(owner, name)

    def on_set(self, number, name, value):
        owner = self._owned[whole(number)]
        if not self.may_get(owner, name):
            raise AttributeError(name)
        setattr(owner, name, value)

    def on_take(self, number, most):
        """So many values, with what ended the iterator if anything did."""
        values: list = []
        iterator = self._owned[whole(number)]
        try:
            while len(values) < most:
                values.append(next(iterator))
        except StopIteration:
            return values, True
        except BaseException as error:
            if not values:
                raise
            self._owned[number] = _raising(error)
        return values, None

    def on_special(self, number, name, *args):
        owner = self._owned[whole(number)]
        if name not in SPECIAL or not self.may_get(owner, None):
            raise TypeError(name)
        if name in ("copy", "deepcopy"):
            return getattr(__import__("copy"), name)(owner)
        if name == "iter":
            return iter(owner)
        if name in ("str", "repr", "hash", "bool", "len"):
            return getattr(builtins, name)(owner)
        if name in ("eq", "ne", "lt", "le", "gt", "ge"):
            return getattr(operator, name)(owner, *args)
        return getattr(type(owner), f"__{name}__")(owner, *args)

    # Objects.

    def _export(self, value):
        if isinstance(value, Remote):
            return {"$yours": value._remote_number}
        kind = type(value)
        if isinstance(kind, RemoteType) or isinstance(value, RemoteType):
            return {"$yours": value._remote_number}
        if isinstance(value, type):
            return {"$class": self._describe(value)} if self.is_ours(value) else None
        if isinstance(value, BaseException):
            if self.is_ours(kind):
                return {"$object": [self._number(value), self._describe(kind)]}
            return {"$exception": [kind.__name__, [*map(str, value.args)]]}
        if hasattr(kind, "__next__") and hasattr(kind, "__iter__"):
            return {"$iterator": self._number(value)}
        if kind.__name__ in _CALLABLE:
            return {"$function": [self._number(value), str(getattr(value, "__name__", "function"))]}
        if self.may_stand_for(value) and not issubclass(kind, _PLAIN):
            return {"$object": [self._number(value), self._describe(kind)]}
        return None

    def may_stand_for(self, value) -> bool:
        """Whether the other side may have something to hold in its place that is no plain data."""
        return self.is_ours(type(value))

    def is_ours(self, kind) -> bool:
        """Whether a class was defined on this side."""
        return kind.__module__ in self.our_modules

    def _number(self, value) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._owned)
            self._owned.append(value)
        return number

    def _describe(self, kind):
        number = self._number(kind)
        if number in self._told_classes:
            return [number]
        self._told_classes.add(number)
        self._telling.append(number)
        bases = [self._describe(each) for each in kind.__bases__ if self.is_ours(each)]
        builtin = next((each.__name__ for each in kind.__mro__ if each.__module__ == "builtins"), "object")
        special = [name for name in SPECIAL - _OF_EVERY_OBJECT if hasattr(kind, f"__{name}__")]
        special += [
            name
            for name in ("lt", "le", "gt", "ge")
            if getattr(kind, f"__{name}__") is not getattr(object, f"__{name}__")
        ]
        if issubclass(kind, BaseException):
            return [number, kind.__name__, bases, builtin, None]
        return [number, kind.__name__, bases, builtin, special]

    def _class(self, described):
        number = described[0]
        if len(described) > 1:
            _, name, bases, builtin, special = described
            if number in self._classes:
                raise BrokenProtocol("a class told twice")
            if special is None:
                self._classes[number] = self._made_exception(str(name), bases, str(builtin))
            else:
                self._classes[number] = self._made(str(name), number, bases, special)
        return self._classes[number]

    def _made_exception(self, name, bases, builtin):
        kind = builtin_exception(builtin)
        if name == builtin:
            return kind
        known = tuple(self._class(each) for each in bases)
        return exception_class(name, known or (kind,), self)

    def _made(self, name, number, bases, special):
        names = {
            f"__{each}__": forwarding(each)
            for each in special
            if each in SPECIAL and each not in ("contains", "copy", "deepcopy")
        }
        names |= {"__module__": "solution", "_remote_peer": self, "_remote_number": number, "__slots__": ()}
        return RemoteType(name, tuple(self._class(each) for each in bases) or (RemoteObject,), names)

    def _adopt(self, tag, body):
        if tag == "yours":
            return self._owned[whole(body)]
        if tag == "exception":
            return builtin_exception(str(body[0]))(*map(str, body[1]))
        if tag == "class":
            return self._class(body)
        if tag not in ("function", "iterator", "object"):
            raise BrokenProtocol(f"a value of no kind: {tag}")
        number = body if tag == "iterator" else body[0]
        known = self._adopted.get(number)
        if known is None:
            if tag == "function":
                known = RemoteFunction(self, number, str(body[1]))
            elif tag == "iterator":
                known = RemoteIterator(self, number)
            else:
                kind = self._class(body[1])
                known = kind.__new__(kind)
                if isinstance(known, RemoteObject):
                    known._remote_number = number
            self._adopted[number] = known
        return known


def _raising(error):
    raise error
    yield


_OPERATIONS = {name: f"on_{name}" for name in ("call", "get", "set", "take", "special", "resolve", "finish")}
_PLAIN = (int, float, str, bytes, list, tuple, dict, set, frozenset)
_CALLABLE = frozenset(
    """
    function builtin_function_or_method method method-wrapper partial _lru_cache_wrapper method_descriptor
    """.split()
)
