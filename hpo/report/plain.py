"""Numbers as JSON can hold them."""

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from ..analysis.table import Column, Unanswered
from .explanation import Explanation

BY_TRIAL = frozenset({"history"})
"""Left out: it repeats the trials, which `hpo study trials --json` has."""


def plain(explanation: Explanation) -> dict[str, Any]:
    """The answer, the findings and the analysis; what cannot be said has its reason as {"unanswered": reason}."""
    analysis = {name: _plain(value) for name, value in explanation.analysis._asdict().items() if name not in BY_TRIAL}
    return {
        "answer": list(explanation.answer),
        "findings": [_plain(asdict(finding)) for finding in explanation.findings],
        "analysis": analysis,
        "baseline": _baseline(explanation),
        "remarks": list(explanation.remarks),
    }


def _baseline(explanation: Explanation) -> Any:
    """Without a number for each trial."""
    found = explanation.baseline
    if isinstance(found, Unanswered):
        return _plain(found)
    by_trial = {"values", "balanced"}
    counts = {"trials": found.trials, "better": found.better}
    return {name: _plain(value) for name, value in found._asdict().items() if name not in by_trial} | counts


def _plain(value: Any) -> Any:
    if isinstance(value, Unanswered):
        return {"unanswered": value.reason}
    if isinstance(value, Column):
        return value.name
    if hasattr(value, "_asdict"):
        return {name: _plain(part) for name, part in value._asdict().items()}
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
