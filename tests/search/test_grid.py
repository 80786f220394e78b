"""Grids: every point once, in a fixed order."""

from hypothesis import given
from hypothesis import strategies as st

from hpo.search.grid import points
from hpo.space import Parameter

axes = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.one_of(
        st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(lambda values: Parameter(values=tuple(values))),
        st.lists(st.sampled_from(["he", "glorot", "lecun"]), min_size=1, unique=True).map(lambda c: Parameter(choices=tuple(c))),
        st.integers(1, 4).map(lambda width: Parameter(low=1, high=1 + width)),
    ),
    min_size=1,
)


@given(space=axes)
def test_every_point_once(space: dict[str, Parameter]) -> None:
    """A grid visits each combination of its values exactly once."""
    found = [tuple(point.values()) for point in points(space, {})]
    size = 1
    for parameter in space.values():
        size *= len(parameter.grid() or ())
    assert len(found) == len(set(found)) == size


def test_the_last_parameter_moves_fastest() -> None:
    """The order is that of nested loops over the parameters as the study file lists them."""
    space = {"batch": Parameter(values=(500, 20)), "rate": Parameter(values=(0.1, 0.2))}
    found = list(points(space, {}))
    assert found[:2] == [{"batch": 500, "rate": 0.1}, {"batch": 500, "rate": 0.2}]
    assert [point["batch"] for point in found] == [500, 500, 20, 20]


def test_a_box_leaves_points_out() -> None:
    """Only the points inside a stage's box are visited; choices have no order and all stay."""
    space = {"rate": Parameter(values=(0.001, 0.01, 0.1, 1.0)), "init": Parameter(choices=("he", "glorot"))}
    assert [point["rate"] for point in points(space, {"rate": (0.01, 0.1)})] == [0.01, 0.01, 0.1, 0.1]
