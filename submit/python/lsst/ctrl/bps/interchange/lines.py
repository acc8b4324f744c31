"""Encodes the lines of a workflow file, which are objects of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["encoded", "fields"]

# One for all: `json.dumps` would make another for each.
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

encoded = _JSON.encode
"""Return the JSON of a value."""


def fields(values: Mapping[str, Any]) -> str:
    """Return fields of an object that has others before them.

    Parameters
    ----------
    values : `~collections.abc.Mapping` [`str`, `typing.Any`]
        By name.

    Returns
    -------
    text : `str`
        Each with a comma before it.
    """
    return "".join(f",{encoded(name)}:{encoded(value)}" for name, value in values.items())
