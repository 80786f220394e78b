"""What a run loads while its workers train."""

from importlib.util import find_spec

import pytest

from hpo.cli.study import loading
from hpo.runner import events
from hpo.training.job import Progress

EPOCH = events.JobProgress(Progress(1, 1, 1, None, loading.SECONDS_LEFT))
LAST = events.JobProgress(Progress(1, 1, 3, None, 0.9 * loading.SECONDS_LEFT))
OTHER = events.RungDone(0, 1, 1)


def test_one_library_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing before the workers train, nor towards the end of a job; then one by one, whether it is there or not."""
    loaded: list[str] = []

    def load(name: str) -> None:
        loaded.append(name)
        raise ImportError(name)

    monkeypatch.setattr(loading.importlib, "import_module", load)
    seen: list[events.Event] = []
    display = loading.loading(seen.append)
    display(OTHER)
    display(LAST)
    assert not loaded
    display(EPOCH)
    assert loaded == [loading.LIBRARIES[0]]
    for _ in range(20):
        display(EPOCH)
    assert tuple(loaded) == loading.LIBRARIES
    assert seen == [OTHER, LAST, *[EPOCH] * 21]


@pytest.mark.parametrize("name", loading.LIBRARIES)
def test_libraries_are_there(name: str) -> None:
    """A name that no release has any more would be passed over in silence."""
    assert find_spec(name)
