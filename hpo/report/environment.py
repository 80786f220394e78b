"""Where and with what a study was run and a report was written."""

import platform
from importlib.metadata import PackageNotFoundError, version

from .explanation import Explanation
from .protocol import Fact

PACKAGES = ("hpo-lanes", "optuna", "torch", "numpy", "scipy", "scikit-learn", "matplotlib")


def environment(explanation: Explanation) -> list[Fact]:
    """Versions, the system, and how the jobs were cut and computed."""
    facts = [
        Fact("report written with", ", ".join([f"Python {platform.python_version()}", *filter(None, map(_version, PACKAGES))]))
    ]
    facts.append(Fact("on", f"{platform.system()} {platform.machine()}"))
    if explanation.execution:
        facts.append(
            Fact("jobs", ", ".join(f"{key} {value}" for key, value in explanation.execution.items() if value is not None))
        )
    if "sha256" in explanation.data:
        facts.append(Fact("images, SHA-256", str(explanation.data["sha256"])))
    return facts


def _version(package: str) -> str | None:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return None
