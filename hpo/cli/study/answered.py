"""The answer that a run has worked out, kept with the study, so that showing it costs no analysis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...attributes import ANSWER

if TYPE_CHECKING:
    from ...runner import StoredStudy


def keep(stored: "StoredStudy", answer: Sequence[str]) -> None:
    """Keep the answer, with what it is the answer of: these trials and confirmations, seen by this version."""
    stored.optuna.set_user_attr(ANSWER, {"of": _seen(stored), "sentences": list(answer)})


def answer(stored: "StoredStudy", storage: str | None) -> tuple[str, ...]:
    """The answer as it is spoken: the kept one while what it is of is the same, else worked out anew."""
    kept = stored.optuna.user_attrs.get(ANSWER, {})
    if kept.get("of") == _seen(stored):
        return tuple(kept["sentences"])
    from ... import report

    return report.spoken(report.explain(stored.optuna, storage), storage)


def _seen(stored: "StoredStudy") -> list[str]:
    from ... import __version__
    from ...race import confirmations
    from ...runner import trial_table_hash

    return [__version__, trial_table_hash(stored.optuna), str(len(confirmations(stored.optuna.user_attrs)))]
