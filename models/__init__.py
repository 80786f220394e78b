"""Networks as plain nn.Modules. They know nothing of hpo and can be used on their own.

>>> from hpo.models import mlp
>>> network = mlp((3, 32, 32), 10, hidden=(50, 30), batch_norm=True)
"""

from .cnn import cnn
from .initialise import Init, Normal, initialise
from .layers import BatchNorm, Dropout, MaxPool
from .linear import linear
from .mlp import mlp

__all__ = ["BatchNorm", "Dropout", "Init", "MaxPool", "Normal", "cnn", "initialise", "linear", "mlp"]
