"""The base of every section of a study file."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen part of a study file that rejects keys it does not know, numbers that are not finite, and wrong values."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
