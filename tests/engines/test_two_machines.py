"""Two machines share a study, as docs/scaling.md says. Each has a network, a name, processes and files of Ray of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from hpo.testing import postgresql

RECIPE = re.findall(
    r"^```console\n(.*?)^```$",
    (Path(__file__).parents[2] / "docs" / "scaling.md").read_text().split("## Two machines")[1].split("\n## ")[0],
    re.DOTALL | re.MULTILINE,
)
ADDRESSES = ("10.77.0.1", "10.77.0.2")
SMALL = "--data digits --set training.epochs=3 --set search.pruner=successive-halving --set \"stage=[{name='all',trials=16}]\""
SMALL += " --set execution.groups=4 --set execution.cohort=8"

OWN = ("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child")
BOOT = "hostname {0}; mkdir -p /tmp/ray; mount -t tmpfs ray /tmp/ray; mount -t tmpfs shm /dev/shm; echo up; "
BOOT += "while :; do sleep 1; done"


def _why_not() -> str | None:
    if find_spec("ray") is None:
        return "Ray is not installed: pip install 'hpo-lanes[ray]'"
    if shutil.which("ip") is None:
        return "there is no ip (Debian's package iproute2)"
    if subprocess.run([*OWN, "true"], capture_output=True, check=False).returncode != 0:
        return "this user may make no network namespaces"
    return postgresql.why_not()


@dataclass
class Machine:
    """A group of namespaces, and a home."""

    name: str
    home: Path
    keeper: int

    @property
    def enter(self) -> Sequence[str]:
        """Runs a command there."""
        return ("nsenter", f"--target={self.keeper}", f"--wdns={self.home}", "--net", "--mount", "--uts", "--pid", "--")

    def run(self, script: str) -> str:
        """Type lines into a shell there; what they print."""
        here = {"HOME": str(self.home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(
            [*self.enter, "bash", "-euc", script],
            env=here,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Machine]]:
    """Two of them, with a cable between them."""
    reason = _why_not()
    if reason is not None:
        pytest.skip(reason)
    with ExitStack() as stack:
        made = [_machine(stack, name, tmp_path_factory.mktemp(name)) for name in ("first", "second")]
        first, second = (str(machine.keeper) for machine in made)
        cable = ["ip", "link", "add", "eth0", "netns", first, "type", "veth", "peer", "name", "eth0", "netns", second]
        subprocess.run(cable, check=True)
        for machine, own, other in zip(made, ADDRESSES, reversed(ADDRESSES), strict=True):
            up = f"ip link set lo up; ip link set eth0 up; ip address add {own}/24 dev eth0; ip route add default via {other}"
            machine.run(up)
        yield made


def _machine(stack: ExitStack, name: str, home: Path) -> Machine:
    keeper = subprocess.Popen([*OWN, "sh", "-c", BOOT.format(name)], stdout=subprocess.PIPE)
    stack.enter_context(keeper)
    stack.callback(keeper.kill)  # And with it all that runs there.
    assert keeper.stdout is not None
    assert keeper.stdout.readline() == b"up\n"
    return Machine(name, home, psutil.Process(keeper.pid).children()[0].pid)


@pytest.fixture(scope="module")
def server(machines: list[Machine]) -> Iterator[postgresql.Server]:
    """PostgreSQL on the first machine."""
    with postgresql.server(machines[0].enter, hosts="*") as made:
        yield made


def _typed(block: str, storage: str) -> str:
    """The lines of the recipe, with this storage and a study small enough for a test."""
    lines = [line.removeprefix("$ ") for line in block.replace("FIRST", ADDRESSES[0]).splitlines()]
    script = "\n".join(re.sub(r"postgresql://\S+", storage, line) for line in lines)
    return script.replace("hpo study run cifar-bn", f"hpo study run cifar-bn {SMALL}")


def _hash(machine: Machine, storage: str) -> str:
    return str(json.loads(machine.run(f"hpo study show cifar-bn --json --storage {storage}"))["study"]["trial_table_hash"])


@pytest.fixture(scope="module")
def alone(machines: list[Machine]) -> str:
    """The trial table of one machine without Ray."""
    storage = "sqlite:///alone.db"
    machines[0].run(f"hpo study run cifar-bn {SMALL} --workers 1 --storage {storage}")
    return _hash(machines[0], storage)


def test_the_recipe_gives_what_one_machine_gives(machines: list[Machine], server: postgresql.Server, alone: str) -> None:
    """Line by line as printed. The second machine trains too: the images have come there."""
    first, second = machines
    storage = server.fresh()
    on_first, on_second = (_typed(block, storage) for block in RECIPE)
    before, run = on_first.split("\nhpo ")
    first.run(before)
    shutil.copytree(first.home / ".ray", second.home / ".ray")
    second.run(on_second)
    try:
        first.run(f"export RAY_AUTH_MODE=token\nhpo {run}")
        assert _hash(first, storage) == alone
        assert list((second.home / ".cache" / "hpo" / "nodes").glob("*/images.npy"))
    finally:
        for machine in machines:
            machine.run("ray stop")


def test_two_drivers_give_what_one_gives(machines: list[Machine], server: postgresql.Server, alone: str) -> None:
    """Without Ray, the same command on both at once."""
    storage = server.fresh().replace("127.0.0.1", ADDRESSES[0])
    command = f"hpo study run cifar-bn {SMALL} --workers 1 --storage {storage}"
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda machine: machine.run(command), machines))
    for machine in machines:
        assert _hash(machine, storage) == alone
