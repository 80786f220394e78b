"""hpo's search against Optuna's at equal numbers of lane-steps, paired by seed: what docs/search.md shows.

    python -m benchmarks search [--seeds 20] [--first-seed 1000] [--tasks digits,mnist] [--folder FOLDER]

Real training of small networks on digits and MNIST, and the noisy test function of Freiburg's exercise 4, in one process and one
thread. What is done is kept in the folder: the same command goes on, and prints its tables from what lies there.
"""

import argparse
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from hpo.search import rung_epochs
from hpo.spec.search import Narrow

from .machine import described
from .searching import ours
from .searching.figures import Compared, compared, wilson
from .searching.narrowing import as_good_as_the_best, excludes, left_out
from .searching.ours import CAREFUL
from .searching.record import Search
from .searching.running import Results, results
from .searching.tasks import Function, Task, searched_by, tasks

PAIRS = (
    ("hpo", "Optuna"),
    ("hpo", "Optuna, no check"),
    ("hpo", "Optuna's Hyperband"),
    ("hpo", "random"),
    ("hpo, halving", "Optuna"),
    ("hpo, coarse to fine", "Optuna"),
    ("hpo, both", "Optuna"),
    ("hpo, both", "Optuna, no check"),
    ("hpo, both", "Optuna's Hyperband"),
    ("hpo, both", "random"),
    ("hpo, both", "hpo, halving"),
    ("hpo, coarse to fine", "Optuna, no check"),
    ("hpo, coarse to fine", "Optuna's Hyperband"),
    ("hpo, coarse to fine", "hpo"),
)
PARTS = (0.25, 0.5)
"""Of the budget, at which the best are compared, too."""
COARSE_STAGES = 1000
"""Coarse stages on the test function, where they cost nothing."""


def main(argv: Sequence[str]) -> None:
    """Search and print."""
    known = tasks()
    options = _options(argv, list(known))
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    print(described(), flush=True)
    for name in options.tasks.split(","):
        found = results(known[name], seeds, folder)
        for line in (
            *_table(known[name], found),
            *_carried(known[name], found),
            *_pairs(known[name], found),
            *_excluded(known[name], found),
        ):
            print(line, flush=True)
    for line in _coarse_stages([task for task in known.values() if isinstance(task, Function)]):
        print(line)


def _options(argv: Sequence[str], known: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks search", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1000, help="those below 1000 are for development")
    parser.add_argument("--tasks", default=",".join(known), help="separated by commas")
    parser.add_argument("--folder", default="search-results", help="keeps each search that is done")
    return parser.parse_args(argv)


def _table(task: Task, found: Results) -> Iterator[str]:
    metric, count = task.spec.search.metric, len(next(iter(found.values())))
    yield f"\n{task.name}: {task.budget:,} lane-steps a search, n={count} seeds; medians (quartiles), diverging: means"
    yield f"  {'':28}{'trials':>7}{'whole':>7}{'diverged':>10}{'steps on them':>15}   {metric:26}{'on fresh seeds':26}seconds"
    for name, searches in found.items():
        ended = [search.within(task.budget) for search in searches]
        trials, whole = (statistics.median(map(len, each)) for each in (ended, [_complete(each) for each in ended]))
        diverged, wasted = (statistics.mean(share) for share in zip(*[(s.diverged, s.wasted) for s in searches], strict=True))
        yield (
            f"  {name:28}{trials:>7g}{whole:>7g}{diverged:>10.1%}{wasted:>15.2%}   {_middle(_bests(searches, task.budget)):26}"
            f"{_middle([search.truth for search in searches]):26}{statistics.median(search.seconds for search in searches):.1f}"
        )


def _carried(task: Task, found: Results) -> Iterator[str]:
    """Networks are stacked: one that diverges is computed, though not counted, to the next rung."""
    for name, kind in ours.KINDS.items():
        if any(search.diverged for search in found.get(name, ())):
            rungs = rung_epochs(searched_by(task, kind.search).search, task.spec.training.epochs or 1)
            share = statistics.mean(search.carried(task.steps, rungs) for search in found[name])
            yield f"  {name}: steps on diverging trials {share:.2%} with those that a group computes, uncounted, to its rung"


def _complete(trials: Sequence[object]) -> list[object]:
    return [trial for trial in trials if getattr(trial, "value", None) is not None]


def _bests(searches: Sequence[Search], budget: int) -> list[float]:
    return [best.value for search in searches if (best := search.best(budget)) is not None and best.value is not None]


def _middle(values: Sequence[float]) -> str:
    low, median, high = statistics.quantiles(values, n=4) if len(values) > 1 else (values[0],) * 3
    return f"{median:.4f} ({low:.4f}..{high:.4f})"


def _pairs(task: Task, found: Results) -> Iterator[str]:
    for one, other in PAIRS:
        if one in found and other in found:
            whole = compared(found[one], found[other], task.budget)
            yield f"  {one} / {other}: {_sentence(whole)}; {_fresh(found, one, other)}"
            earlier = [(part, compared(found[one], found[other], round(part * task.budget))) for part in PARTS]
            yield "      " + "; ".join(
                f"at {part:g} of the budget better in {each.better:.2f}, by {each.difference:+.4f}" for part, each in earlier
            )


def _sentence(pair: Compared) -> str:
    diverging = "" if pair.wasted != pair.wasted else f", steps on diverging trials x{pair.wasted:.2f}"
    return (
        f"better in {pair.better:.2f} of the seeds (95 % {pair.low:.2f}..{pair.high:.2f}), by {pair.difference:+.4f};"
        f" to the other's final best x{pair.budget_to_match:.2f} of its lane-steps, {pair.share_to_match:.2f} of the budget,"
        f" never in {pair.never}{diverging}"
    )


def _fresh(found: Results, one: str, other: str) -> str:
    """The comparison that luck has no part in: what the winners are worth on fresh seeds."""
    differences = [a.score(a.truth) - b.score(b.truth) for a, b in zip(found[one], found[other], strict=True)]
    share = sum((each > 0) + 0.5 * (each == 0) for each in differences) / len(differences)
    low, high = wilson(share, len(differences))
    return f"on fresh seeds {share:.2f} ({low:.2f}..{high:.2f}), {statistics.median(differences):+.4f}"


def _excluded(task: Task, found: Results) -> Iterator[str]:
    """How often a narrowed box holds no point that is as good as the best that all other searches found."""
    searches = [search for each in found.values() for search in each if search.truth == search.truth]
    noise = _noise(task)
    good = as_good_as_the_best(searches, noise)
    for name, each in found.items():
        boxes = [search.box for search in each if search.box is not None]
        if boxes:
            missed = sum(excludes(box, good) for box in boxes)
            held = f"{missed} of {len(boxes)} narrowed boxes hold none of the {len(good)} winners"
            yield f"  {name}: {held} that are worth the best one's worth less {noise:.3g} or more"


def _noise(task: Task) -> float:
    """Two standard errors of an accuracy on the validation images; of the test function, where the truth is exact, a tenth."""
    return 0.1 if isinstance(task, Function) else 2 * (0.9 * 0.1 / len(task.data.validation)) ** 0.5


def _coarse_stages(functions: Sequence[Function]) -> Iterator[str]:
    yield f"\nnarrowed around the best of 20 random trials of the test function: boxes without the optimum, n={COARSE_STAGES:,}"
    for task in functions:
        shares = [
            f"keep {how.keep}, margin {how.margin}: {left_out(task, how, range(COARSE_STAGES)):.1%}"
            for how in (Narrow(keep=3, margin=0.1), CAREFUL)
        ]
        yield f"  {task.name:14} {'; '.join(shares)}"
