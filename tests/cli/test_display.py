"""What a run shows while it goes on."""

from collections.abc import Callable, Iterator, Sequence
from io import StringIO

import pytest
from rich.console import Console

from hpo.cli.display.lines import EVERY, Lines
from hpo.cli.display.live import Screen
from hpo.cli.display.tally import Tally
from hpo.cli.display.words import best, counts, speed
from hpo.runner.events import (
    CohortAsked,
    Event,
    JobProgress,
    Noted,
    RungDone,
    RungStarted,
    RunStarted,
    Settled,
    StageDone,
    StageStarted,
    TrialTold,
    Waiting,
)
from hpo.spec import ExecutionSpec
from hpo.training.job import Progress

EPOCHS = 4
STEPS = 50
"""Of one lane in one epoch."""


def told(number: int, outcome: str, value: float | None, epochs: int, best: bool = False) -> TrialTold:
    """A trial's end."""
    return TrialTold(number, "wide", outcome, value, {"eta": 0.0864, "layers": 2}, epochs, best)  # type: ignore[arg-type]


#: A stage of 4 trials, asked in two cohorts of 2; the second trial is pruned after 2 of 4 epochs. A second between two events.
EVENTS: Sequence[Event] = (
    RunStarted("demo", 4, 0, 0),
    StageStarted("wide", 4, {"eta": (0.01, 0.7)}, ()),
    CohortAsked("wide", 0, (0, 1), resumed=False),
    RungStarted(0, 0, 2, lanes=2, jobs=1, lane_steps=2 * 2 * STEPS),
    JobProgress(Progress(2, 2 * STEPS, 1, 0.2)),
    JobProgress(Progress(2, 2 * STEPS, 2, 0.3)),
    told(1, "pruned", None, 2),
    RungDone(0, 2, live=1),
    RungStarted(0, 2, 4, lanes=1, jobs=1, lane_steps=2 * STEPS),
    JobProgress(Progress(1, STEPS, 3, 0.4)),
    JobProgress(Progress(1, STEPS, 4, 0.5)),
    told(0, "completed", 0.5, 4, best=True),
)


def tally_after(events: Sequence[Event]) -> Tally:
    """The events added up, one a second."""
    tally = Tally(EPOCHS, replicates=1)
    for second, event in enumerate(events):
        tally.take(event, float(second))
    return tally


def test_counts_add_up() -> None:
    """Trials told, running and by outcome are counted, without those that did not occur."""
    assert counts(tally_after(EVENTS[:3])) == "0 of 4 trials, 2 running"
    assert counts(tally_after(EVENTS[:7])) == "1 of 4 trials, 1 running, 1 pruned"
    assert counts(tally_after(EVENTS)) == "2 of 4 trials, 1 completed, 1 pruned"


def test_speed_is_that_of_training() -> None:
    """Lane-steps are divided by the time since training began, not since the start of the run."""
    assert tally_after(EVENTS[:3]).pace is None
    assert tally_after(EVENTS[:5]).pace == pytest.approx(2 * STEPS)
    assert tally_after(EVENTS).pace == pytest.approx(6 * STEPS / 8)


def test_time_left_reckons_with_the_pruner() -> None:
    """Before any trial has ended, the time left is that of the epochs which the pruner is expected to leave."""
    whole, kept = tally_after(EVENTS[:5]), tally_after(EVENTS[:5])
    kept.kept = 0.5
    assert whole.left is not None
    assert kept.left is not None
    done = whole.lane_steps / whole.lane_epochs / whole.pace * whole.lane_epochs  # type: ignore[operator]
    assert kept.left + done == pytest.approx((whole.left + done) / 2)


def test_time_left_before_any_trial_has_ended() -> None:
    """Until then, every trial is taken to need all of its epochs: 16 lane-epochs less 2, at 2 a second."""
    assert tally_after(EVENTS[:5]).left == pytest.approx(7)


def test_time_left_follows_the_trials_that_ended() -> None:
    """Two trials took 3 epochs on average, so that two more take 6 lane-epochs, at 6 in 8 seconds."""
    assert tally_after(EVENTS).left == pytest.approx(8)


def test_time_left_counts_survivors_whole() -> None:
    """A trial that a rung let through takes all its 4 epochs, the others the mean of 3: 10 less 2 done, at 4 in 5 seconds."""
    assert tally_after(EVENTS[:9]).left == pytest.approx((4 + 2 * 3 - 2) * 5 / 4)


def test_time_left_is_unknown_where_the_clock_ends_trials() -> None:
    """A budget in seconds has no number of epochs: until a trial has ended, there is a pace but no time left."""
    tally = tally_after(EVENTS[:5])
    tally.epochs = None
    assert speed(tally) == "100 training steps/s"


def test_nothing_is_left_at_the_end() -> None:
    """When all trials are told there is no time to go."""
    assert tally_after([RunStarted("demo", 2, 0, 0), *EVENTS[1:]]).left == 0


def test_best_is_named_with_its_parameters() -> None:
    """The best trial is shown with its value in per cent and its parameters; before there is one, nothing is."""
    assert best(tally_after(EVENTS[:5]).best, "validation_accuracy") == ""
    assert (
        best(tally_after(EVENTS).best, "validation_accuracy")
        == "best validation accuracy 50.00 % (trial 0: eta 0.0864, layers 2)"
    )


def test_time_left_says_about() -> None:
    """The time left is an estimate and says so."""
    assert speed(tally_after(EVENTS)) == "38 training steps/s, about 8 s left"
    assert speed(tally_after(EVENTS[:3])) == ""


def clock(seconds: float) -> Iterator[float]:
    """Times that far apart."""
    now = 0.0
    while True:
        yield now
        now += seconds


def printed(apart: float, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of a run whose events come so many seconds apart."""
    times = clock(apart)
    lines = Lines(Tally(EPOCHS, replicates=1), "validation_accuracy", clock=lambda: next(times))
    for event in (*EVENTS, StageDone("wide", {"completed": 1, "pruned": 1})):
        lines(event)
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_a_quick_run_prints_its_turns(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal, a run of a few seconds is two lines: how a stage begins and how it ends."""
    first, last = printed(0.1, capsys)
    assert first == "stage wide: 4 trials, eta from 0.01 to 0.7"
    assert last.startswith("2 of 4 trials, 1 completed, 1 pruned; best validation accuracy 50.00 %")


def test_a_slow_run_prints_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Between its turns a slow run prints a line at intervals, never one for each event."""
    lines = printed(EVERY / 2, capsys)
    assert len(lines) == 2 + (len(EVENTS) - 2) // 2


@pytest.mark.parametrize("make", [Lines, lambda tally, metric: Screen(tally, "demo", metric)], ids=["lines", "live"])
def test_how_jobs_are_computed_is_said(
    make: Callable[[Tally, str], Callable[[Event], None]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Both displays leave behind what the rules chose, and what the user should know of it."""
    display = make(Tally(EPOCHS, replicates=1), "validation_accuracy")
    display(Settled(ExecutionSpec(lanes=32, cohort=64, groups=2, device="cpu", precision="float32")))
    display(Noted("one network at a time: torch.func cannot stack it"))
    assert capsys.readouterr().err.splitlines() == [
        "up to 32 networks are trained together as one, in float32 on the CPU",
        "one network at a time: torch.func cannot stack it",
    ]


def test_who_is_waited_for_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A driver that stands by names the other one, in lines and on a terminal, until it has a cohort of its own."""
    tally = Tally(EPOCHS, replicates=1)
    lines, screen = Lines(tally, "validation_accuracy"), Screen(tally, "demo", "validation_accuracy")
    lines(Waiting(3, "lap\x1btop", 77))
    shown = capsys.readouterr().err
    assert shown.startswith("waiting for process 77 on lap\\x1btop, which works on this study too")
    console = Console(file=StringIO(), width=200)
    console.print(screen.draw())
    assert "waiting for process 77" in console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    lines(EVENTS[2])
    assert tally.waiting is None


@pytest.mark.parametrize("width", [24, 40, 80])
def test_live_display_fits_its_terminal(width: int) -> None:
    """The live display wraps instead of being cut, and holds the stage, the rung, the counts and the best trial."""
    screen = Screen(tally_after(EVENTS), "demo", "validation_accuracy")
    paper = StringIO()
    Console(width=width, file=paper).print(screen.draw())
    lines = paper.getvalue().splitlines()
    text = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= width
    for part in ("demo, stage wide, epochs 3 to 4", "2 of 4 trials", "best validation accuracy 50.00 %", "training steps/s"):
        assert part in text
