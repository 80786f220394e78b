"""What more trials would bring, in one line of `hpo study show`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...analysis.forecast import Forecast
    from ...runner import StoredStudy

MORE = 20
"""Trials that the forecast is for."""


def line(stored: "StoredStudy") -> str | None:
    """The forecast in words; None where there is none, and of a study of two objectives."""
    from ...findings.wording import amount, percent

    found, metric = _forecast(stored), stored.spec.search.metric
    if found is None:
        return None
    chance = f"{found.more} trials more like the last {found.of} beat the best with a chance of {percent(found.probability)}"
    if not found.gain:
        return f"forecast  {chance}"
    return f"forecast  {chance}, by {amount(metric, found.gain)} on average, hardly by more than {amount(metric, found.high)}"


def record(stored: "StoredStudy") -> dict[str, Any] | None:
    """The forecast for JSON."""
    found = _forecast(stored)
    return None if found is None else found._asdict()


def _forecast(stored: "StoredStudy") -> "Forecast | None":
    from ...analysis.forecast import Forecast, forecast
    from ...analysis.reading import read

    if stored.spec.search.against is not None or stored.spec.search.sampler == "grid":
        return None
    found = forecast(read(stored.optuna).search, MORE)
    return found if isinstance(found, Forecast) else None
