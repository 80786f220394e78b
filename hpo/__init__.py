"""Hyperparameter studies of small image classifiers, trained in lanes and driven by Optuna.

Importing this loads nothing heavy: each name below is fetched from its module when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import HpoError
    from .objectives import objective

__version__ = "0.1.0"
__all__ = ["HpoError", "__version__", "objective"]

_HOMES = {"HpoError": ".errors", "objective": ".objectives"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
