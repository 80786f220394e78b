"""Arithmetic over parameters, read from a study file: `learning_rate / ((1 - momentum) * batch_size)`.

A parser of its own instead of Python's: `lambda` is a good name of a parameter, every fault has its place in the text, and
nothing but the arithmetic below can be said, so there is nothing to forbid.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import InvalidSpec, unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

MOST_CHARACTERS = 300
DEEPEST = 30
"""Nested parentheses, calls, signs and powers: enough for any formula, far below Python's own limit."""

FUNCTIONS: dict[str, tuple[str, range]] = {
    "abs": ("absolute", range(1, 2)),
    "exp": ("exp", range(1, 2)),
    "log": ("log", range(1, 2)),
    "log10": ("log10", range(1, 2)),
    "sqrt": ("sqrt", range(1, 2)),
    "max": ("maximum", range(2, 9)),
    "min": ("minimum", range(2, 9)),
}
"""Name: NumPy's function, and how many arguments it takes."""

_OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<sign>\*\*|[-+*/(),])|(?P<end>$))"
)


class _Token(NamedTuple):
    kind: str
    text: str
    place: int
    """Counted from 1."""


@dataclass(frozen=True, slots=True)
class _Constant:
    value: float

    def names(self) -> Iterator[str]:
        return iter(())

    def over(self, columns: Mapping[str, Any]) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class _Name:
    name: str

    def names(self) -> Iterator[str]:
        yield self.name

    def over(self, columns: Mapping[str, Any]) -> Any:
        return columns[self.name]


@dataclass(frozen=True, slots=True)
class _Apply:
    function: str
    operands: tuple["_Node", ...]

    def names(self) -> Iterator[str]:
        for operand in self.operands:
            yield from operand.names()

    def over(self, columns: Mapping[str, Any]) -> Any:
        import numpy as np

        function: Callable[..., Any] = getattr(np, self.function)
        first, *others = (operand.over(columns) for operand in self.operands)
        if not others:
            return function(first)
        for other in others:
            first = function(first, other)
        return first


_Node = _Constant | _Name | _Apply


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula that has been read and found good."""

    text: str
    tree: _Node

    @classmethod
    def parse(cls, text: str, names: Iterable[str]) -> "Expression":
        """Read a formula in which `names` may appear. They may hold dots, such as `init.std`.

        Raises InvalidSpec with every name that is unknown, or with the first place that cannot be read.
        """
        reader = _Reader(text, frozenset(names))
        try:
            tree = reader.whole()
        except _Unreadable as fault:
            raise InvalidSpec(f"expression '{_short(text)}'", [str(fault)]) from None
        if reader.faults:
            raise InvalidSpec(f"expression '{_short(text)}'", reader.faults)
        return cls(text, tree)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, each once, in order of appearance."""
        return tuple(dict.fromkeys(self.tree.names()))

    def evaluate(self, columns: Mapping[str, "Numbers | float"]) -> "Numbers":
        """Its value over columns of equal length; NaN or infinite where the arithmetic has no finite answer."""
        import numpy as np

        floats = {name: np.asarray(columns[name], dtype=np.float64) for name in self.names}
        with np.errstate(all="ignore"):
            return np.asarray(self.tree.over(floats), dtype=np.float64)


class _Unreadable(Exception):
    """The text stops being a formula at some place."""


class _Reader:
    """Recursive descent over sum, product, sign, power and atom, each binding tighter than the one before."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        if len(text) > MOST_CHARACTERS:
            raise InvalidSpec("expression", [f"an expression has at most {MOST_CHARACTERS} characters, got {len(text)}"])
        self.known = names
        self.faults: list[str] = []
        self.text = text
        self.position = 0
        self.depth = 0
        self.token = _Token("start", "", 1)

    def whole(self) -> _Node:
        self._advance()
        tree = self._sum()
        if self.token.kind != "end":
            raise self._unexpected("an operator or the end")
        return tree

    def _advance(self) -> _Token:
        """The token that was current; the next one takes its place."""
        passed = self.token
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            blank = len(self.text) - len(self.text[self.position :].lstrip())
            meant = "an expression has names, numbers, + - * / ** and ( )"
            raise _Unreadable(f"character {blank + 1}: '{self.text[blank]}' means nothing here; {meant}")
        kind = str(match.lastgroup)
        self.token = _Token(kind, match[kind], match.start(kind) + 1)
        self.position = match.end()
        return passed

    def _unexpected(self, wanted: str) -> _Unreadable:
        got = "the end" if self.token.kind == "end" else f"'{self.token.text}'"
        return _Unreadable(f"character {self.token.place}: expected {wanted}, got {got}")

    def _take(self, sign: str) -> None:
        if self.token.text != sign:
            raise self._unexpected(f"'{sign}'")
        self._advance()

    def _sum(self) -> _Node:
        left = self._product()
        while self.token.text in ("+", "-"):
            sign = self._advance().text
            left = _Apply(_OPERATORS[sign], (left, self._product()))
        return left

    def _product(self) -> _Node:
        left = self._signed()
        while self.token.text in ("*", "/"):
            sign = self._advance().text
            left = _Apply(_OPERATORS[sign], (left, self._signed()))
        return left

    def _signed(self) -> _Node:
        """A sign binds looser than a power: -x ** 2 is -(x ** 2), as in Python."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Unreadable(f"character {self.token.place}: an expression is nested at most {DEEPEST} deep")
        if self.token.text in ("+", "-"):
            negative = self._advance().text == "-"
            operand = self._signed()
            node: _Node = _Apply("negative", (operand,)) if negative else operand
        else:
            node = self._power()
        self.depth -= 1
        return node

    def _power(self) -> _Node:
        base = self._atom()
        if self.token.text != "**":
            return base
        self._advance()
        return _Apply("power", (base, self._signed()))

    def _atom(self) -> _Node:
        token = self.token
        if token.text == "(":
            self._advance()
            inner = self._sum()
            self._take(")")
            return inner
        if token.kind not in ("number", "name"):
            raise self._unexpected("a name, a number or '('")
        self._advance()
        if token.kind == "number":
            return _Constant(float(token.text))
        return self._call(token) if self.token.text == "(" else self._named(token)

    def _named(self, token: _Token) -> _Node:
        if token.text not in self.known:
            self.faults.append(f"character {token.place}: {unknown('name', token.text, self.known)}")
        return _Name(token.text)

    def _call(self, token: _Token) -> _Node:
        self._advance()
        arguments = [self._sum()]
        while self.token.text == ",":
            self._advance()
            arguments.append(self._sum())
        self._take(")")
        if token.text not in FUNCTIONS:
            self.faults.append(f"character {token.place}: {unknown('function', token.text, FUNCTIONS)}")
            return _Constant(0.0)
        function, counts = FUNCTIONS[token.text]
        if len(arguments) not in counts:
            wanted = "1 argument" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} arguments"
            self.faults.append(f"character {token.place}: {token.text} takes {wanted}, got {len(arguments)}")
        return _Apply(function, tuple(arguments))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
