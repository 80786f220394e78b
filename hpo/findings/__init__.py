"""Claims and their tests: what a study says about them, how sure one can be, and what else it suggests.

`check` tells what is wrong with the test of a study file, `evaluate` puts claims to the trials, `explore` proposes some.
"""

from .checking import check, faults_of
from .evaluating import evaluate
from .exploring import explore
from .finding import Evidence, Finding, Verdict
from .reach import out_of_reach
from .registry import KINDS, Kind

__all__ = ["KINDS", "Evidence", "Finding", "Kind", "Verdict", "check", "evaluate", "explore", "faults_of", "out_of_reach"]
