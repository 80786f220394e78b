"""What goes into a free slot."""

from hypothesis import given
from hypothesis import strategies as st

from hpo.runner.slots import Pool, share

lanes = st.lists(st.tuples(st.sampled_from([0, 1, 3]), st.integers(0, 2)), max_size=40)


def pool(members: list[tuple[int, int]], most: int) -> Pool[tuple[int, int, int]]:
    """Lanes of these epochs and keys, numbered."""
    made: Pool[tuple[int, int, int]] = Pool(most)
    for number, (reached, key) in enumerate(members):
        made.add(reached, key, (reached, key, number))
    return made


@given(members=lanes, most=st.integers(1, 8), free=st.integers(1, 5))
def test_nothing_is_lost(members: list[tuple[int, int]], most: int, free: int) -> None:
    """Once no more come, every lane goes once, with its like, in a group that is not too large."""
    waiting, taken = pool(members, most), []
    while group := waiting.take(free, more=False):
        assert len(group) <= most
        assert len({lane[:2] for lane in group}) == 1
        taken += group
    assert sorted(lane[2] for lane in taken) == list(range(len(members)))


@given(members=lanes, most=st.integers(1, 8))
def test_no_more_wait_than_a_group(members: list[tuple[int, int]], most: int) -> None:
    """While more can be asked for, fewer lanes stay behind at a rung than make a group, and no new ones at all."""
    waiting = pool(members, most)
    while waiting.take(1, more=True):
        pass
    left: list[tuple[int, int, int]] = []
    while group := waiting.take(1, more=False):
        left += group
    assert all(sum(lane[0] == reached for lane in left) < (most if reached else 1) for reached in (0, 1, 3))


def test_freed_places_are_filled_by_lanes_of_other_groups() -> None:
    """Those whom pruning has left of several groups go on as one, before new lanes begin."""
    waiting = pool([(1, 0), (0, 0), (1, 0)], 3)
    assert waiting.take(1, more=True) == ((0, 0, 1),)
    assert waiting.take(1, more=True) == ()
    waiting.add(0, 0, (0, 0, 3))
    waiting.add(1, 0, (1, 0, 4))
    assert waiting.take(1, more=True) == ((1, 0, 0), (1, 0, 2), (1, 0, 4))


def test_the_furthest_on_go_first() -> None:
    """Of full groups the one that ends soonest goes first; once no more come, the one that can still fill others."""
    members = [(1, 0), (3, 0), (0, 0)]
    assert pool(members, 1).take(1, more=True) == ((3, 0, 1),)
    assert pool(members[:2], 2).take(1, more=False) == ((1, 0, 0),)


@given(most=st.integers(1, 32), slots=st.integers(1, 100), left=st.integers(1, 1000))
def test_a_share_of_what_is_left(most: int, slots: int, left: int) -> None:
    """What is left is shared out among the slots, never more than a group for each: at once, or slot by slot."""
    assert share(most, slots, slots, left) == min(most * slots, left)
    assert 1 <= share(most, slots, 1, left) <= max(1, min(most, -(-left // slots)))
