"""Checks on the command line, and the quick one that a run makes."""

import json
from pathlib import Path

import pytest

from hpo.training import dense

from .conftest import SMALL, Call

DIGITS = ("--data", "digits")
NARROW = (*DIGITS, "--set", "model.hidden=[6, 5]")
FADING = (*DIGITS, "--set", "model.batch_norm=false")


def test_gradients_are_printed_as_in_the_reports(hpo: Call) -> None:
    """A table for each batch and lambda, a row for each parameter; progress goes to stderr."""
    code, out, err = hpo("check", "gradients", "cifar-bn", *NARROW)
    assert code == 0
    assert "20 of 3,072 input dimensions" in out
    titles = ["batch 10, lambda 0", "batch 20, lambda 0", "batch 30, lambda 0", "batch 20, lambda 1"]
    assert [line for line in out.splitlines() if line.startswith("batch")] == titles
    assert [line.split()[0] for line in out.splitlines() if line.startswith(("W", "b"))][1:7] == [
        "W1",
        "b1",
        "W2",
        "b2",
        "W3",
        "b3",
    ]
    assert [line for line in err.splitlines() if line.startswith("batch")] == titles


def test_gradients_as_json(hpo: Call) -> None:
    """The same numbers with every digit, with the bounds that they must keep."""
    code, out, _ = hpo("check", "gradients", "cifar-bn", *NARROW, "--json")
    found = json.loads(out)
    assert (code, found["schema"], found["study"], found["good"]) == (0, 1, "cifar-bn", True)
    assert [(case["batch"], case["lambda"]) for case in found["cases"]] == [(10, 0.0), (20, 0.0), (30, 0.0), (20, 1.0)]
    for parameter in found["cases"][0]["parameters"]:
        assert parameter["centred"]["relative"] <= found["bounds"]["centred"]
        assert parameter["good"] is True


def test_a_wrong_gradient_fails(hpo: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and the parameter by its name, when the gradient of batch norm forgets the statistics."""
    monkeypatch.setattr(dense.BatchNorm, "backward", lambda self, gradient, into: gradient * self.scale)
    code, _, err = hpo("check", "gradients", "cifar-bn", *NARROW)
    assert code == 1
    assert "wrong: W1, batch 10, lambda 0: relative errors must not exceed 0.0005 (forward) and 1e-06 (centred), got" in err
    assert "wrong: W3" not in err


def test_network_is_printed(hpo: Call) -> None:
    """Checks, time, steps and memory on stdout; a healthy network has exit code 0."""
    code, out, _ = hpo("check", "network", "cifar-bn", *DIGITS, "--workers", "1")
    assert code == 0
    for text in (
        "first loss              ok",
        "overfits                ok",
        "with 1 worker\n",
        "steps     856,",
        "memory    about",
    ):
        assert text in out


def test_network_warns(hpo: Call) -> None:
    """What is not good is repeated on stderr, and the exit code is 1."""
    code, out, err = hpo("check", "network", "cifar-bn", *FADING, "--json")
    found = json.loads(out)
    assert (code, found["good"]) == (1, False)
    assert [check["name"] for check in found["checks"] if not check["good"]] == ["gradient's way back"]
    assert found["estimate"]["workers"] >= 1
    assert "warning: gradient's way back: " in err


def test_a_stored_study_is_checked_as_it_is_stored(hpo: Call) -> None:
    """The name of a stored study means that study, with its settings, not the built-in that it came from."""
    assert hpo("study", "create", "cifar-bn", *FADING).code == 0
    assert hpo("check", "network", "cifar-bn").code == 1
    assert hpo("check", "network", "cifar-bn", "--set", "model.batch_norm=true").code == 0


@pytest.mark.parametrize("kind", ["gradients", "network"])
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("no-such-study",), 3, "unknown study 'no-such-study'"),
        (("absent.toml",), 3, "no study file 'absent.toml'"),
        (
            ("cifar-bn", *DIGITS, "--set", 'model={factory="no_such_nets:build"}'),
            2,
            "factory must be importable, got no_such_nets:build",
        ),
        (
            ("cifar-bn", *DIGITS, "--set", "training.batch_size=20000"),
            2,
            "a batch holds at most all 10000 training images, got 20000",
        ),
        (("cifar-bn", "--data", "no-such-images"), 6, "unknown data set 'no-such-images'"),
    ],
    ids=["study", "file", "factory", "batch", "data"],
)
def test_bad_input(hpo: Call, folder: Path, kind: str, arguments: tuple[str, ...], code: int, message: str) -> None:
    """A mistake has one message and makes no storage."""
    done = hpo("check", kind, *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert not list(folder.iterdir())


def test_a_report_s_batch_beyond_the_data(hpo: Call) -> None:
    """Batches are those of the report; with too few images for them there is one message."""
    few = ("--set", "data.train=15", "--set", "data.validation=15", "--set", "training.batch_size=5")
    done = hpo("check", "gradients", "cifar-bn", *DIGITS, *few)
    assert done.code == 2
    assert "a batch holds at most all 15 training images, got 30" in done.err


def test_a_run_warns_and_goes_on(hpo: Call) -> None:
    """A run says on stderr, before its results, what is wrong with its network, and ends as if nothing had been said."""
    done = hpo("study", "run", "cifar-bn", *SMALL, "--set", "model.batch_norm=false", "--workers", "2")
    assert done.code == 0
    warnings = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 1
    assert warnings[0].startswith("warning: gradient's way back: ")
    assert "only: 4 of 4 trials" in done.out
    again = hpo("study", "run", "cifar-bn", "--trials", "1", "--engine", "serial")
    assert (again.code, "warning" in again.err) == (0, False)


def test_a_run_of_a_healthy_network_says_nothing(hpo: Call) -> None:
    """No warning, and no empty line in its place."""
    done = hpo("study", "run", "cifar-bn", *SMALL, "--engine", "serial")
    assert done.code == 0
    assert "warning" not in done.err
    assert "" not in done.err.splitlines()
