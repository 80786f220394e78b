"""Expressions over parameters: what they may say, what they come to, and what is said of a wrong one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.errors import InvalidSpec
from hpo.expressions import DEEPEST, MOST_CHARACTERS, Expression

NAMES = ("learning_rate", "momentum", "batch_size", "lambda", "init.std")
COLUMNS = {
    "learning_rate": np.array([0.1, 0.01, 1.0]),
    "momentum": np.array([0.9, 0.0, 0.5]),
    "batch_size": np.array([100.0, 16.0, 64.0]),
    "lambda": np.array([1e-4, 0.0, 0.1]),
    "init.std": np.array([0.001, 0.1, 0.01]),
}


def faults(text: str) -> tuple[str, ...]:
    """Every fault of a wrong expression."""
    with pytest.raises(InvalidSpec) as caught:
        Expression.parse(text, NAMES)
    return caught.value.faults


def test_the_effective_rate_of_a_report() -> None:
    """The quantity that the fourth report's failures follow is computed column by column."""
    rate = Expression.parse("learning_rate / ((1 - momentum) * batch_size)", NAMES)
    assert rate.evaluate(COLUMNS) == pytest.approx([0.01, 0.000625, 0.03125])
    assert rate.names == ("learning_rate", "momentum", "batch_size")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("10 - 4 - 3", 3),
        ("8 / 4 / 2", 1),
        ("- - 3", 3),
        (".5e1 + 1.", 6),
        ("log(exp(2)) + sqrt(16) + abs(-1)", 7),
        ("log10(1000) * min(3, 2, 5) / max(1, 4)", 1.5),
    ],
)
def test_arithmetic_is_pythons(text: str, value: float) -> None:
    """Precedence, associativity and functions are those that a reader of Python expects."""
    assert Expression.parse(text, ()).evaluate({}) == pytest.approx(value)


@pytest.mark.parametrize("name", NAMES)
def test_any_parameter_can_be_named(name: str) -> None:
    """A name may be a keyword of Python or hold a dot."""
    assert Expression.parse(f"2 * {name}", NAMES).evaluate(COLUMNS) == pytest.approx(2 * COLUMNS[name])


def test_what_has_no_finite_value_is_not_an_error() -> None:
    """A division by zero or a logarithm of zero spoils its own trial only."""
    found = Expression.parse("log(lambda) / momentum", NAMES).evaluate(COLUMNS)
    assert np.isfinite(found).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("learning_rat * 2", "character 1: unknown name 'learning_rat': did you mean 'learning_rate'?"),
        ("2 * sinus(3)", "character 5: unknown function 'sinus'"),
        ("max(1)", "character 1: max takes 2 to 8 arguments, got 1"),
        ("sqrt(1, 2)", "character 1: sqrt takes 1 argument, got 2"),
        ("1 +", "character 4: expected a name, a number or '(', got the end"),
        ("", "character 1: expected a name, a number or '(', got the end"),
        ("(1 + 2", "character 7: expected ')', got the end"),
        ("1 2", "character 3: expected an operator or the end, got '2'"),
        ("momentum[0]", "character 9: '[' means nothing here"),
        ("__import__('os')", "character 12: ''' means nothing here"),
        ("momentum.__class__ + 1", "character 1: unknown name 'momentum.__class__'"),
        ("1 if momentum else 2", "character 3: expected an operator or the end, got 'if'"),
        ("momentum == 1", "character 10: '=' means nothing here"),
    ],
)
def test_a_fault_has_its_place(text: str, fault: str) -> None:
    """A wrong expression is answered with the place, the rule and what was there; nothing but arithmetic can be said."""
    assert faults(text)[0].startswith(fault)


def test_all_unknown_names_are_told_at_once() -> None:
    """One look at the message is enough to mend every name."""
    assert [fault.split(":")[0] for fault in faults("a + momentum * b / log(c) + f(momentum)")] == [
        "character 1",
        "character 16",
        "character 24",
        "character 29",
    ]


@pytest.mark.parametrize(
    "text",
    ["(" * 1000, "-" * 250 + "1", "(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1), "1+" * MOST_CHARACTERS, "2**" * 90 + "1"],
)
def test_size_is_limited(text: str) -> None:
    """No text exhausts the memory or the stack."""
    assert "at most" in faults(text)[0]


@given(st.text(alphabet="ab1.e+-*/(), log", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is written, the answer is an expression or faults with a place in the text."""
    places = [1]
    try:
        found = Expression.parse(text, ("a", "b"))
    except InvalidSpec as error:
        places = [int(fault.split(":")[0].removeprefix("character ")) for fault in error.faults]
    else:
        assert found.evaluate({"a": np.ones(3), "b": np.ones(3)}).shape in ((), (3,))
    assert all(1 <= place <= len(text) + 1 for place in places)


NUMBERS = st.floats(0.01, 100).map(lambda number: f"{number:.3f}")
LEAVES = NUMBERS | st.sampled_from(["a", "b"])
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map("({0[0]}{0[1]}{0[2]})".format)
        | inner.map("-{}".format)
        | st.tuples(inner, inner).map("max({0[0]},{0[1]})".format)
    ),
    max_leaves=8,
)


@given(TREES, st.floats(0.1, 10), st.floats(0.1, 10))
def test_it_agrees_with_python(text: str, a: float, b: float) -> None:
    """Over any tree of operators the value is the one that Python's own arithmetic gives."""
    try:
        expected = eval(text, {"__builtins__": {"max": max}}, {"a": a, "b": b})
    except ZeroDivisionError:
        expected = math.nan
    found = float(Expression.parse(text, ("a", "b")).evaluate({"a": a, "b": b}))
    assert math.isnan(expected) or found == pytest.approx(expected, rel=1e-9)
