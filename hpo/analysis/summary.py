"""All analyses of a study at once."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from .borders import Border, borders
from .duplicates import Duplicates, duplicates
from .effects import MainEffect, main_effect
from .history import History, Reshuffled, history, reshuffled
from .importance import METHODS, Importance, Method, importance
from .interactions import Interaction, interactions
from .noise import Noise, noise
from .pareto import Front, front
from .pruning import Pruning, pruning
from .selection import SelectionGap, selection_gap
from .stability import Stability, stability
from .surface import Surface, surface
from .table import Table, Unanswered


class Analysis(NamedTuple):
    """What the trials say about one objective; where they say nothing, why."""

    metric: str
    trials: int
    outcomes: Mapping[str, int]
    """Trials by outcome; outcomes that did not occur are left out."""
    importance: Mapping[Method, Importance | Unanswered]
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
    """Every analysis: 10,000 trials of five parameters in about 6 s on two cores."""
    level = noise(table, objective)
    shares = {method: importance(table, method, objective) for method in METHODS}
    return Analysis(
        metric=table.metrics[objective],
        trials=len(table),
        outcomes=dict(Counter(map(str, table.outcomes))),
        importance=shares,
        effects={column.name: main_effect(table, column.name, objective) for column in table.parameters},
        interactions=interactions(table, objective),
        surface=_main_surface(table, shares["ped-anova"], objective),
        stability=stability(table),
        history=history(table, objective),
        reshuffled=reshuffled(table, objective),
        pruning=pruning(table),
        borders=borders(table, objective),
        duplicates=duplicates(table),
        noise=level,
        selection_gap=selection_gap(table, level, objective),
        front=front(table),
    )


def main_parameters(table: Table, shares: Importance | Unanswered) -> list[str]:
    """The numeric parameters, the most important first; in the order of the study where importance is not known."""
    order = [] if isinstance(shares, Unanswered) else [share.parameter for share in shares.shares]
    numeric = [column.name for column in table.parameters if column.numeric and not column.constant]
    return sorted(numeric, key=lambda name: order.index(name) if name in order else len(order))


def _main_surface(table: Table, shares: Importance | Unanswered, objective: int) -> Surface | Unanswered:
    names = main_parameters(table, shares)[:2]
    if len(names) < 2:
        return Unanswered("a surface needs two numeric parameters that were varied")
    return surface(table, names[0], names[1], objective)
