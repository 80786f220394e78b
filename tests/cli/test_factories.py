"""Networks of a user's own from the command line: where they are found, and what is said of them before anything is stored."""

import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from hpo.runner import load, retry_errors, trial_table_hash
from hpo.storage import connect

from .conftest import Call

STUDY = """
title = "a network of my own"
[data]
name = "digits"
train = 200
validation = 100
[model]
factory = "nets:build"
[training]
epochs = 2
[space]
learning_rate = { low = 0.01, high = 0.5, log = true }
width = { low = 3, high = 9 }
[[stage]]
name = "only"
trials = 4
"""

NETS = """
import math
import layers
from torch import nn

def build(shape, classes, width):
    first = nn.Linear(math.prod(shape), width)
    return nn.Sequential(nn.Flatten(), first, layers.Act(), nn.Dropout(0.2), nn.Linear(width, classes))
"""


def make(folder: Path, nets: str = NETS, layers: str = "from torch.nn import Tanh as Act", study: str = STUDY) -> Path:
    """A study file with its network beside it, which imports another module there."""
    folder.mkdir(parents=True)
    (folder / "nets.py").write_text(nets)
    (folder / "layers.py").write_text(layers)
    (folder / "mine.toml").write_text(study)
    return folder / "mine.toml"


def table(name: str, storage: str = "hpo.db") -> str:
    """The hash of a study's trials."""
    return trial_table_hash(load(connect(f"sqlite:///{Path(storage).resolve()}", "read"), name).optuna)


def test_a_factory_lies_beside_the_study_file(hpo: Call, command: Call, folder: Path) -> None:
    """No PYTHONPATH is needed, by any engine; what the network draws is the same for each; nothing is left in the folder."""
    file = make(folder / "work")
    assert hpo("study", "run", file, "--engine", "serial").code == 0
    runs = [("two", "--workers", "2"), ("ray", "--engine", "ray", "--workers", "1")][: 2 if find_spec("ray") else 1]
    for name, *options in runs:
        done = command("study", "run", file, "--name", name, *options)
        assert done.code == 0, done.err
        assert table(name) == table("mine")
    assert sorted(each.name for each in file.parent.iterdir()) == ["layers.py", "mine.toml", "nets.py"]


def test_a_study_is_gone_on_with_from_anywhere(hpo: Call, command: Call, folder: Path, tmp_path: Path) -> None:
    """The folder is stored with the study, for runs by its name, for the final test and for its report."""
    file = make(folder / "work")
    assert hpo("study", "run", file, "--name", "whole", "--engine", "serial").code == 0
    assert hpo("study", "run", file, "--trials", "2", "--engine", "serial").code == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    os.chdir(elsewhere)
    storage = ("--storage", f"sqlite:///{folder / 'hpo.db'}")
    done = command("study", "run", "mine", *storage)
    assert done.code == 0, done.err
    assert table("mine", str(folder / "hpo.db")) == table("whole", str(folder / "hpo.db"))
    assert command("study", "test", "mine", *storage).code == 0


def test_a_factory_in_the_working_directory(hpo: Call, folder: Path) -> None:
    """It is found there too, wherever the study file is."""
    file = make(folder / "work")
    for module in ("nets.py", "layers.py"):
        shutil.move(file.parent / module, folder / module)
    assert hpo("study", "run", file, "--engine", "serial").code == 0


def test_two_studies_have_modules_of_one_name(hpo: Call, folder: Path) -> None:
    """Each is built by what lies beside its own file, in one process after the other."""
    one, other = make(folder / "one"), make(folder / "other", layers="from torch.nn import ReLU as Act")
    for name, file in (("first", one), ("relu", other), ("again", one)):
        assert hpo("study", "run", file, "--name", name, "--engine", "serial").code == 0
    assert table("first") == table("again")
    assert table("first") != table("relu")


HEAD = "import math, random\nimport numpy as np\nimport torch\nfrom torch import nn\ncalls = 0\n\n"
DENSE = "nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), width), nn.Linear(width, classes))"
CLASS = """
class Net(nn.Module):
    def __init__(self, shape, classes, width):
        super().__init__()
        self.body = DENSE
        self.calls = 0
        self.source = np.random.default_rng()
    def forward(self, x):
FORWARD

def build(shape, classes, width):
    return Net(shape, classes, width)
"""


def network(forward: str) -> str:
    """A module with a network of that forward pass."""
    return HEAD + CLASS.replace("DENSE", DENSE).replace("FORWARD", "        " + forward.replace("\n", "\n        "))


UNFIT = {
    "no module": (
        "import absent_package",
        r"nets raised ModuleNotFoundError: No module named 'absent_package' \(.*nets.py, line 1\)",
    ),
    "syntax": ("def build(:", r"nets raised SyntaxError: (?!.*\(nets.py).* \(.*nets.py, line 1\)"),
    "another name": ("def biuld(): pass", "no 'build' in nets; unknown function 'build': did you mean 'biuld'"),
    "raises": (
        HEAD + "def build(shape, classes, width):\n    return 1 / 0",
        r"raised ZeroDivisionError: .*\(.*nets.py, line 8\)",
    ),
    "options": (HEAD + "def build(shape, classes): pass", "unexpected keyword argument 'width'"),
    "no network": (HEAD + "def build(shape, classes, width): return 3", "a factory returns an nn.Module, got int"),
    "a class": (
        HEAD + "def build(shape, classes, width): return nn.Linear",
        r"got the class Linear from nets:build: return Linear\(...\), a network of it",
    ),
    "a network": (HEAD + "build = nn.Linear(1, 1)", "a factory is a function that builds a network, got a network, nets:build"),
    "leaves on import": (HEAD + "import sys\nsys.exit(0)", r"nets raised SystemExit: 0 \(.*nets.py, line 8\)"),
    "leaves": (HEAD + "def build(shape, classes, width): raise SystemExit('not here')", "but raised SystemExit: not here"),
    "leaves in a pass": (
        network("if not self.training:\n    raise SystemExit\nreturn self.body(x)"),
        r"a network must not end the process that trains it, but it raised SystemExit: +\(.*nets.py, line \d+\)",
    ),
    "halves": (
        network("return self.body(x.half())").replace(
            "return Net(shape, classes, width)", "return Net(shape, classes, width).half()"
        ),
        r"is trained in float32, but nets:build has parameters in float16, and raised RuntimeError: .*\(.*nets.py.*\): leave out",
    ),
    "answers": (
        network("scores = self.body(x)\nreturn scores if self.training else scores.argmax(1)"),
        "of int64: return the scores, and not which of them is the highest",
    ),
    "one number": (network("return self.body(x)[:, 0]"), r"got a tensor of \(4,\): let its last layer have as many outputs"),
    "images last": (network("return self.body(x).T"), r"got a tensor of \(10, 4\): let the images come first"),
    "detached": (network("return self.body(x).detach()"), "must depend on parameters that train, got scores that do not"),
    "registers late": (
        network(
            "if self.training or not hasattr(self, 'mean'):\n    self.register_buffer('mean', x.mean(0))\n"
            "return self.body(x - self.mean)"
        ),
        "must be there when it is built, but nets:build makes or drops mean in a pass",
    ),
    "remembers the last": (
        network(
            "if self.training or not self.calls:\n    self.calls = float(x.detach().std()) + 1\n"
            "return self.body(x) * (self.calls if not self.training else 1)"
        ),
        "goes by what it keeps elsewhere .'calls'.: keep it",
    ),
    "outputs": (
        HEAD + f"def build(shape, classes, width):\n    classes = 1000\n    return {DENSE}",
        r"\(4, 10\) for 4 images and 10 cl",
    ),
    "few outputs": (
        HEAD + f"def build(shape, classes, width):\n    classes = 4\n    return {DENSE}",
        r"got a tensor of \(4, 4\): let",
    ),
    "images": (
        HEAD + "def build(shape, classes, width): return nn.Conv2d(3, 4, 3)",
        "must train on a batch of 4 images of .1, 8, 8.",
    ),
    "in evaluation": (
        network("if not self.training:\n    raise RuntimeError('not now')\nreturn self.body(x)"),
        r"raised RuntimeError: not now \(.*nets.py",
    ),
    "remembers": (
        network("self.calls += 1\nreturn self.body(x) * self.calls"),
        "goes by what it keeps elsewhere .'calls'.: keep it",
    ),
    "own source": (
        network("return self.body(x) * float(self.source.random())"),
        "draws from a generator of its own: take PyTorch's",
    ),
    "own weights": (
        HEAD + f"def build(shape, classes, width):\n    network = {DENSE}\n"
        "    network[1].weight.data *= float(np.random.default_rng().random())\n    return network",
        "must build the same network from the same seed",
    ),
    "shapes": (
        HEAD + f"def build(shape, classes, width):\n    width = random.randrange(2, 200)\n    return {DENSE}",
        "must build networks of one shape from the same options",
    ),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_network_that_cannot_be_trained_is_not_stored(hpo: Call, folder: Path, kind: str) -> None:
    """What is wrong with it is one line, without a traceback, before there is a study: on running, creating and checking."""
    nets, message = UNFIT[kind]
    file = make(folder / "work", nets)
    for words in (("study", "run", file, "--engine", "serial"), ("study", "create", file), ("check", "network", file)):
        done = hpo(*words)
        assert done.code == 2
        (line,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
        assert done.err.endswith(f"{line}\n")
        assert re.search(message, line), line
    assert not (folder / "hpo.db").exists()


def test_doubles_are_trained_where_the_study_says_so(hpo: Call, folder: Path) -> None:
    """A network in float64 that asks for images in it is trained, checked and tested, once the precision is that."""
    nets = network("return self.body(x.double())").replace(
        "return Net(shape, classes, width)", "return Net(shape, classes, width).double()"
    )
    file = make(folder / "work", nets)
    assert "execution.precision to 'float64'" in hpo("study", "create", file).err
    double = ("--set", "execution.precision=float64")
    for words in (
        ("check", "gradients", file, *double),
        ("check", "network", file, *double),
        ("study", "run", file, *double, "--trials", "1", "--engine", "serial"),
        ("study", "test", "mine"),
    ):
        done = hpo(*words)
        assert done.code in ((0, 1) if words[0] == "check" else (0,)), done.err


def test_buffers_that_every_pass_changes_are_taken(hpo: Call, folder: Path) -> None:
    """Batch norm's averages and a count of all passes are kept where they can be found again."""
    nets = network("self.passes += 0.1\nreturn self.body(self.norm(x)) * (1 + self.passes)")
    held = "self.norm, self.passes = nn.BatchNorm2d(1), nn.Buffer(torch.zeros(()))"
    file = make(folder / "work", nets.replace("self.calls = 0", held))
    done = hpo("study", "create", file)
    assert done.code == 0, done.err


def test_what_a_network_prints_is_no_answer(hpo: Call, folder: Path) -> None:
    """It goes beside the messages, so that stdout is the answer alone."""
    nets = network("print('a pass')\nreturn self.body(x)").replace("\ncalls = 0", "\nprint('an import')")
    file = make(folder / "work", nets.replace("    return Net", "    print('a network')\n    return Net"))
    for words in (("study", "run", file, "--engine", "serial"), ("check", "network", file), ("study", "test", "mine")):
        done = hpo(*words)
        assert done.code in (0, 1), done.err
        assert "a pass" in done.err
        assert not {"a pass", "an import", "a network"} & set(done.out.splitlines())


def test_each_network_that_is_named_is_tried(hpo: Call, folder: Path) -> None:
    """A choice that cannot be built is named, with the others left out."""
    nets = HEAD + f"def build(shape, classes, kind, width=5):\n    assert kind != 'deep', 'not yet'\n    return {DENSE}"
    file = make(
        folder / "work", nets, study=STUDY.replace("width = { low = 3, high = 9 }", 'kind = { choices = ["flat", "deep"] }')
    )
    done = hpo("study", "create", file)
    assert done.code == 2
    assert re.search(r"raised AssertionError: not yet \(.*, line 8\), at kind deep\n", done.err)


def test_batches_of_one_under_batch_norm(hpo: Call, folder: Path) -> None:
    """PyTorch's own batch norm refuses a batch of one, which is said before any trial; so is hpo's, which would learn nothing."""
    nets = (
        HEAD
        + "def build(shape, classes, width):\n    return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Linear(64, classes))"
    )
    file = make(folder / "work", nets, study=STUDY.replace("[[stage]]", "batch_size = { choices = [8, 1] }\n[[stage]]"))
    done = hpo("study", "run", file, "--engine", "serial")
    assert done.code == 2
    assert "must train on a batch of 1 image of (1, 8, 8)" in done.err
    assert "Expected more than 1 value per channel when training" in done.err
    own = STUDY.replace('factory = "nets:build"', 'name = "mlp"\nbatch_norm = true').replace("width = { low = 3, high = 9 }", "")
    (folder / "own.toml").write_text(own.replace("[[stage]]", "batch_size = { choices = [8, 1] }\n[[stage]]"))
    done = hpo("study", "run", folder / "own.toml", "--engine", "serial")
    assert done.code == 2
    assert "space.batch_size: batch norm needs 2 or more images in a batch, got 1: every one would be normalised to 0" in done.err
    assert not (folder / "hpo.db").exists()


FAULTY = """
import math
from torch import nn

class Wide(nn.Linear):
    def forward(self, x):
        FAULT
        return super().forward(x)

def build(shape, classes, width):
    return nn.Sequential(nn.Flatten(), nn.Dropout(0.1), Wide(math.prod(shape), width), nn.Linear(width, classes))
"""


def faulty(folder: Path, fault: str) -> Path:
    """A study whose network has a fault; an empty one is mended."""
    file = folder / "mine.toml"
    if not file.exists():
        make(folder, study=STUDY.replace("trials = 4", "trials = 6").replace("epochs = 2", "epochs = 2\nbatch_size = 20"))
    (folder / "nets.py").write_text(FAULTY.replace("FAULT", fault or "pass"))
    return file


@pytest.mark.timeout(300)
def test_trials_that_ended_in_an_error_are_trained_again(hpo: Call, command: Call, folder: Path) -> None:
    """Once the factory is mended, they end as if it had never been broken: for any number of workers, and after a kill."""
    file = faulty(folder / "work", "")
    assert hpo("study", "run", file, "--name", "sound", "--engine", "serial").code == 0
    faulty(folder / "work", "assert not 6 < self.out_features, 'too wide'")
    done = command("study", "run", file, "--workers", "2")
    assert done.code == 0
    assert "train them again with: hpo study run --retry-errors mine\n" in done.err
    assert hpo("study", "run", "mine", "--engine", "serial").err == done.err.splitlines()[-1] + "\n"
    assert table("mine") != table("sound")
    faulty(folder / "work", "")
    shutil.copy("hpo.db", "killed.db")
    done = command("study", "run", "mine", "--retry-errors", "--workers", "2")
    assert done.code == 0, done.err
    assert "trained again, after an error: trials " in done.err
    assert table("mine") == table("sound")
    retry_errors(load(connect(f"sqlite:///{folder / 'killed.db'}", "write"), "mine"))  # As if the run were killed right after.
    assert command("study", "run", "mine", "--storage", "sqlite:///killed.db", "--engine", "serial").code == 0
    assert table("mine", "killed.db") == table("sound")


@pytest.mark.timeout(300)
def test_when_every_trial_has_failed(hpo: Call, command: Call, folder: Path) -> None:
    """The message says how to go on, and the study can be carried to its end."""
    file = faulty(folder / "work", "assert len(x) != 20, 'no such batch'")
    done = hpo("study", "run", file, "--engine", "serial")
    assert done.code == 4
    assert done.err.endswith("once its cause is mended, train them again with: hpo study run --retry-errors mine\n")
    faulty(folder / "work", "")
    assert command("study", "run", "mine", "--retry-errors", "--engine", "serial").code == 0
    done = hpo("study", "run", "mine", "--retry-errors", "--engine", "serial")
    assert done.err.startswith("no trial ended in an error\nnothing to do")
