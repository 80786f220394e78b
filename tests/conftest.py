"""What all tests share: the user's home stays untouched, and a property fails with the same example everywhere."""

import os
import signal
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from hypothesis import settings

from hpo.testing import postgresql as postgresql_server
from hpo.training.importing import look_in

DATA = os.environ.pop("HPO_DATA_DIR", None) or os.environ.get("HPO_TEST_DATA_DIR")
"""Taken out of the environment, so that a test finds the same images on every machine unless it asks for `real_data`."""

if DATA:
    os.environ["HPO_TEST_DATA_DIR"] = DATA  # for the workers of pytest-xdist, which start with what is left here


def _benchmarks() -> None:
    """Make `benchmarks` importable without the checkout on sys.path, where its hpo would hide the installed one."""
    folder = Path(__file__).parent.parent / "benchmarks"
    spec = spec_from_file_location("benchmarks", folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules["benchmarks"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


_benchmarks()

# No deadline: the two cores are shared. Derandomised: a run that fails fails again.
settings.register_profile("hpo", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("chaos", deadline=None, print_blob=True, max_examples=60, stateful_step_count=25)
settings.load_profile("hpo")


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no process that a test starts, reads or writes the user's home, cache or settings."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(home))
        environment.setenv("HPO_CACHE_DIR", str(home / "cache"))
        # COLUMNS: tox sets it, and tables would be folded to it.
        for name in ("HPO_STORAGE", "HPO_STORAGE_FILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "COLUMNS", "LINES"):
            environment.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> None:
    """Where the tests were started with nohup or in the background, processes ignore these, and hpo's do as they should."""
    for number, handler in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """A PostgreSQL server of these tests alone; `fresh()` gives the URL of an empty database on it."""
    reason = postgresql_server.why_not()
    if reason is not None:
        pytest.skip(reason)
    with postgresql_server.server() as found:
        yield found


@pytest.fixture(autouse=True)
def _no_folders() -> Iterator[None]:
    """Where one test looked for a factory, the next one does not."""
    yield
    look_in(())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of decoded images, of this test alone."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("HPO_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def real_data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of HPO_DATA_DIR, with MNIST's files and cifar10-jpeg.zip in it."""
    if DATA is None:
        pytest.skip("HPO_DATA_DIR is not set: no real images here")
    folder = Path(DATA).resolve()
    missing = [name for name in ("MNIST/raw/train-images-idx3-ubyte", "cifar10-jpeg.zip") if not (folder / name).is_file()]
    if missing:
        pytest.skip(f"HPO_DATA_DIR={DATA} has no {' and no '.join(missing)}")
    monkeypatch.setenv("HPO_DATA_DIR", str(folder))
    return folder
