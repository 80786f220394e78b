"""All analyses of a study at once."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from .borders import Border, borders
from .duplicates import Duplicates, duplicates
from .effects import MainEffect, main_effect
from .history import History, Reshuffled, history, reshuffled
from .interactions import Interaction, interactions
from .noise import Noise, noise
from .pareto import Front, front
from .pruning import Pruning, pruning
from .recommendation import Recommendation, recommendation
from .safe_ranges import SafeRange, safe_ranges
from .selection import SelectionGap, selection_gap
from .shares import Shares, shares
from .stability import Stability, stability
from .surface import Surface, surface
from .table import Table, Unanswered


class Analysis(NamedTuple):
    """What the trials say about one objective; where they say nothing, why."""

    metric: str
    trials: int
    outcomes: Mapping[str, int]
    """Trials by outcome; outcomes that did not occur are left out."""
    recommendation: Recommendation | Unanswered
    safe: Mapping[str, SafeRange] | Unanswered
    """By parameter of the recommended setting."""
    shares: Shares | Unanswered
    """What each parameter makes of the variation, by the model of the study."""
    effects: Mapping[str, MainEffect | Unanswered]
    """By parameter."""
    interactions: tuple[Interaction, ...] | Unanswered
    surface: Surface | Unanswered
    """Over the two most important numeric parameters."""
    stability: Stability | Unanswered
    history: History | Unanswered
    reshuffled: Reshuffled | Unanswered
    pruning: Pruning | Unanswered
    borders: tuple[Border, ...] | Unanswered
    duplicates: Duplicates
    noise: Noise | Unanswered
    selection_gap: SelectionGap | Unanswered
    front: Front | Unanswered


def analyse(table: Table, objective: int = 0) -> Analysis:
    """Every analysis: 10,000 trials of five parameters in about 6 s on two cores.

    What is read off the model of the study, and the noise of a seed, take in the evidence that was asked for after the search.
    """
    level, search = noise(table, objective), table.search
    made = shares(table, objective)
    return Analysis(
        metric=search.metrics[objective],
        trials=len(search),
        outcomes=dict(Counter(map(str, search.outcomes))),
        recommendation=recommendation(table, objective),
        safe=safe_ranges(table, objective),
        shares=made,
        effects={column.name: main_effect(table, column.name, objective) for column in table.parameters},
        interactions=interactions(search, objective),
        surface=_main_surface(table, made, objective),
        stability=stability(table),
        history=history(search, objective),
        reshuffled=reshuffled(search, objective),
        pruning=pruning(search),
        borders=borders(table, objective),
        duplicates=duplicates(search),
        noise=level,
        selection_gap=selection_gap(table, level, objective),
        front=front(search),
    )


def main_parameters(table: Table, found: Shares | Unanswered) -> list[str]:
    """The numeric parameters, the most important first; in the order of the study where importance is not known."""
    order = [] if isinstance(found, Unanswered) else [one.names[0] for one in found.mains]
    numeric = [column.name for column in table.parameters if column.numeric and not column.constant]
    return sorted(numeric, key=lambda name: order.index(name) if name in order else len(order))


def _main_surface(table: Table, found: Shares | Unanswered, objective: int) -> Surface | Unanswered:
    names = main_parameters(table, found)[:2]
    if len(names) < 2:
        return Unanswered("a surface needs two numeric parameters that were varied")
    return surface(table, names[0], names[1], objective)
