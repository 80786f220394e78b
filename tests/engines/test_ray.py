"""The engine on a Ray cluster. The nodes are processes of this machine; the driver's own does no work."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from hpo.data import Prepared
from hpo.engines import make, ray_cluster, ray_session
from hpo.engines.ray_cluster import RayCluster
from hpo.engines.ray_data import Shipment, file_sum
from hpo.engines.ray_task import Refused, Started, serve
from hpo.engines.serial import Serial
from hpo.errors import EngineError, UsageError
from hpo.runner import create, run, trial_table_hash
from hpo.storage import connect
from hpo.testing.engine_work import PracticeJob
from hpo.testing.pytest_engines import WORK, WorkerEngineContract, expected, made_up_data, outcomes, practice_job
from hpo.training.job import JobResult, Progress

from ..fakes.studies import images, study_file
from ..runner.test_crashes import drive
from .conftest import FAKE

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'hpo-lanes[ray]'")

TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}

#: On loopback; and a dead node is noticed in a second instead of fifteen.
SMALL = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_period_ms": "300", "RAY_health_check_failure_threshold": "3", "RAY_health_check_initial_delay_ms": "300",
}  # fmt: skip


@pytest.fixture(scope="module")
def nodes_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of the nodes, which is not the driver's."""
    return tmp_path_factory.mktemp("nodes")


@pytest.fixture(scope="module")
def cluster(nodes_cache: Path) -> Iterator[Any]:
    """A node for the driver, without cores, and one of two cores; a token is needed."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**TOKEN, **SMALL}.items():
            environment.setenv(name, value)
        environment.setenv("HPO_CACHE_DIR", str(nodes_cache))
        from ray.cluster_utils import Cluster

        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        made.add_node(num_cpus=2)
        yield made
        made.shutdown()


@pytest.fixture(scope="class")
def joined(cluster: Any) -> Iterator[None]:
    """The driver is in the cluster."""
    with ray_session.joined(cluster.address):
        yield


@needs_ray
@pytest.mark.usefixtures("joined")
class TestRay(WorkerEngineContract):
    """A cluster at an address."""

    @pytest.fixture
    def engine(self, cluster: Any) -> Iterator[RayCluster]:
        """On the cluster that the class has joined."""
        with RayCluster(1, cluster.address, WORK) as engine:
            yield engine

    def test_images_are_written_once(
        self, engine: RayCluster, data: Prepared, jobs: list[PracticeJob], nodes_cache: Path
    ) -> None:
        """A node takes the images from the object store once and then reads its own file: the driver's may be gone."""
        wanted = expected(jobs)
        assert outcomes(engine, jobs[:1]) == wanted[:1]
        (written,) = nodes_cache.rglob("images.npy")
        before = written.stat()
        data.images.unlink()
        assert outcomes(engine, jobs) == wanted
        assert (written.stat().st_ino, written.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_store_stays_bounded(self, engine: RayCluster, data: Prepared) -> None:
        """Checkpoints leave the object store with their job: more of them than it could hold go through, and none stays."""
        import ray

        jobs = [practice_job(data, trial, 1, bulk=2 * 10**7) for trial in range(20)]
        assert sum(len(outcome.lanes[0].checkpoint) for _, outcome in engine.run(jobs, lambda progress: None)) > 4 * 10**8  # type: ignore[union-attr, arg-type]
        for _ in range(100):
            free = ray.available_resources()["object_store_memory"]
            if free > ray.cluster_resources()["object_store_memory"] - 10**7:
                break
            time.sleep(0.1)
        assert free > ray.cluster_resources()["object_store_memory"] - 10**7

    def test_a_damaged_copy_is_written_again(
        self, engine: RayCluster, data: Prepared, jobs: list[PracticeJob], nodes_cache: Path
    ) -> None:
        """A node's images that have changed since they were written are replaced before a job sees them, and that is said."""
        wanted, sums = expected(jobs), {file.name: file_sum(file) for file in (data.images, data.labels)}
        assert outcomes(engine, jobs) == wanted
        copies = [file for file in nodes_cache.rglob("*.npy") if file.name in sums]
        for file in copies:
            file.write_bytes(file.read_bytes()[:-1] + b"\x07")
        after = [outcome for _, outcome in engine.run(jobs, lambda progress: None)]
        notes = [note for outcome in after if isinstance(outcome, JobResult) for note in outcome.notes]
        assert sum("have changed since they were written" in note for note in notes) == 2
        assert {file.name: file_sum(file) for file in copies} == sums

    def test_nodes_come_and_go(self, engine: RayCluster, cluster: Any, data: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
        """A node that joins in mid-run is given jobs; when it dies, they are run again elsewhere."""
        monkeypatch.setattr(ray_cluster, "LOOK_SECONDS", 0.1)
        import ray

        added: list[Any] = []
        died: list[bool] = []

        def change(progress: Progress) -> None:
            if not added:
                added.append(cluster.add_node(num_cpus=1, resources={"late": 1}))
            busy = ray._private.state.available_resources_per_node()
            late = next((free for node, free in busy.items() if free.get("late")), {"CPU": 1})
            if not died and not late.get("CPU"):
                cluster.remove_node(added[0], allow_graceful=False)
                died.append(True)

        jobs = [practice_job(data, trial, 1, end=20, seconds=0.05) for trial in range(8)]
        found = dict(engine.run(jobs, change))
        assert died
        assert [found[index] for index in range(len(jobs))] == expected([replace(job, seconds=0) for job in jobs])

    def test_lacking_resources_are_named(self, engine: RayCluster, data: Prepared) -> None:
        """A job that no node has room for says what it takes and what there is."""
        job = replace(practice_job(data), device="cuda")
        with pytest.raises(EngineError, match=r"1 CPU and 1 GPU, which no node .*: 2 CPU, 0 GPU"):
            outcomes(engine, [job])

    def test_versions_must_agree(self, engine: RayCluster, jobs: list[PracticeJob], monkeypatch: pytest.MonkeyPatch) -> None:
        """A node with another release of what the numbers depend on is refused, by name."""
        monkeypatch.setattr(ray_cluster, "versions", lambda: {"hpo-lanes": "0.0.1", "torch": "2.10.0"})
        with pytest.raises(EngineError, match=rf"{socket.gethostname()} has .*\(driver: 0\.0\.1\)"):
            outcomes(engine, jobs)


@needs_ray
def test_another_ray_is_refused(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver whose Ray is of another release than the cluster's says so."""
    import ray

    monkeypatch.setattr(ray, "__version__", "2.50.0")
    with pytest.raises(EngineError, match=r"same Ray and Python: .*2\.50\.0"), RayCluster(1, cluster.address):
        pass


@needs_ray
@pytest.mark.parametrize("token", [None, "f" * 64])
def test_token_is_needed(token: str | None, cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the cluster's token nobody gets in, and is told how."""
    monkeypatch.delenv("RAY_AUTH_MODE")
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    if token:
        monkeypatch.setenv("RAY_AUTH_TOKEN", token)
    with pytest.raises(EngineError, match="ray get-auth-token"), RayCluster(1, cluster.address):
        pass


@needs_ray
@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        ("127.0.0.1", UsageError, "auto or HOST:PORT"),
        ("ray://127.0.0.1:10001", UsageError, "auto or HOST:PORT"),
        ("127.0.0.1:99999", UsageError, "auto or HOST:PORT"),
        ("127.0.0.1:1", EngineError, "no Ray cluster answers at 127.0.0.1:1 .*refused"),
        ("no-such-host.invalid:6379", EngineError, "no Ray cluster answers"),
    ],
)
def test_bad_address(address: str, error: type[Exception], message: str) -> None:
    """An address that is none, or that no cluster answers at, is explained."""
    with pytest.raises(error, match=message), RayCluster(1, address):
        pass


@needs_ray
def test_address_that_is_no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port at which something else listens is given up, too."""
    for name, value in {**TOKEN, **SMALL}.items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(EngineError, match="cannot be joined"), RayCluster(1, address):
            pass


SECRET = "postgresql://me:secret@server/studies"


@pytest.fixture(scope="class")
def own() -> Iterator[RayCluster]:
    """A Ray of two workers on this machine, started where a storage is known."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("HPO_STORAGE", "HPO_STORAGE_FILE", "PGPASSWORD"):
            environment.setenv(name, SECRET)
        environment.syspath_prepend(str(Path(__file__).parents[1] / "fakes"))
        before = dict(os.environ)
        with RayCluster(2, work=FAKE) as engine:
            assert dict(os.environ) == before
            yield engine


@needs_ray
class TestOwnRay:
    """Without an address."""

    def test_same_table_as_serial(self, own: RayCluster, tmp_path: Path) -> None:
        """A study that runs on Ray has the trial table that it has in one process."""
        made = []
        for name, engine in {"serial": Serial(FAKE), "ray": own}.items():
            study = create(connect(f"sqlite:///{tmp_path / name}.db", "create"), "study", study_file(execution={"groups": 2}))
            run(study, images(), engine)
            made.append(trial_table_hash(study.optuna))
        assert made[0] == made[1]

    def test_it_keeps_to_itself(self, own: RayCluster) -> None:
        """Loopback alone and no dashboard; the workers know no storage and no password, and Ray does not tell them."""
        import ray

        assert own.slots == 2
        environment, jobs = ray.get(ray.remote(lambda: (dict(os.environ), ray._private.state.jobs())).remote())
        assert environment["RAY_AUTH_MODE"] == "token"
        assert environment["RAY_USAGE_STATS_ENABLED"] == "0"
        assert SECRET not in environment.values()
        assert [job["Entrypoint"] for job in jobs] == ["hpo"]
        sockets = [socket for each in _family(environment["RAY_AUTH_TOKEN"]) for socket in each.net_connections("inet")]
        listening = [socket.laddr for socket in sockets if socket.status == psutil.CONN_LISTEN]
        assert listening
        assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
        assert 8265 not in {address.port for address in listening}


def _family(token: str) -> list[psutil.Process]:
    """The processes of the Ray with this token: there may be another one beside it."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if child.environ().get("RAY_AUTH_TOKEN") == token]


@needs_ray
@pytest.mark.slow
def test_a_killed_drivers_study_goes_on(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver on a cluster is killed in mid-run; the next one ends with the table that a run in one process has."""
    monkeypatch.chdir(tmp_path)
    for name in ("images.npy", "labels.npy"):
        np.save(tmp_path / name, np.zeros(1))
    spec = study_file(search={"pruner": "successive-halving"}, execution={"groups": 2, "cohort": 8})
    whole, study = (create(connect(f"sqlite:///{tmp_path / name}.db", "create"), "study", spec) for name in ("whole", "killed"))
    run(whole, images(), Serial(FAKE))
    monkeypatch.setenv("FAKE_SECONDS", "0.2")
    driver = drive(study, cluster.address)
    while not any(trial.state.is_finished() for trial in study.trials()):
        assert driver.poll() is None, driver.communicate()
        time.sleep(0.05)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.communicate()
    assert 0 < study.missing() < 14
    monkeypatch.setenv("FAKE_SECONDS", "0")
    output, errors = drive(study, cluster.address).communicate()
    assert output.split() == ["begun", trial_table_hash(whole.optuna)], errors


DRIVER = """
    import sys
    from pathlib import Path
    from hpo.engines.ray_cluster import RayCluster
    from hpo.testing.pytest_engines import WORK, made_up_data, practice_job
    job = practice_job(made_up_data(Path(sys.argv[1])), end=10**6, seconds=0.01)
    with RayCluster(1, work=WORK) as engine:
        list(engine.run([job], lambda progress: print("epoch", flush=True)))
"""


@needs_ray
def test_killed_driver_leaves_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A Ray of one's own ends with its driver, however that ends; its two agents first look a minute for the server."""
    command = [sys.executable, "-c", textwrap.dedent(DRIVER), str(tmp_path)]
    short = tempfile.mkdtemp()  # Nobody is left to remove Ray's folder, and the names of its sockets do not fit below tmp_path.
    request.addfinalizer(lambda: shutil.rmtree(short, ignore_errors=True))
    environment = {**os.environ, "TMPDIR": short}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "epoch\n"
        processes = psutil.Process(driver.pid).children(recursive=True)
        driver.kill()
    agents = [process for process in psutil.wait_procs(processes, timeout=10)[1] if "Agent" in process.name()]
    for agent in agents:
        agent.kill()
    assert len(processes) > 4
    assert len(agents) <= 2
    assert not psutil.wait_procs(processes, timeout=10)[1]


def test_ray_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Ray is not installed, the engine says how to get it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'hpo-lanes\[ray\]'"):
        make("ray")


class Unkept(Shipment):
    """Images for which the node has no place."""

    def here(self, say: Callable[[str], None] = print) -> Prepared:
        """See Shipment."""
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/home/nodes")


def test_what_a_node_refuses_is_no_fault_of_the_job(tmp_path: Path) -> None:
    """It is said by the node's name, and told apart from a job that fails."""
    data = made_up_data(tmp_path)
    started, refused = serve(WORK, practice_job(data, 0, 1), Unkept(data, "another"))
    assert isinstance(started, Started)
    assert refused == Refused(
        started.node, f"the images cannot be kept there: [Errno 30] {os.strerror(errno.EROFS)}: '/home/nodes'"
    )
