"""Print what the newest run collection of a tinydrp repository holds, as JSON.

usage: python contents.py REPO
"""

from __future__ import annotations

import json
import sys
from typing import Any

from lsst.daf.butler import Butler


def told(value: Any) -> Any:
    """Return what can be compared: of logs the messages, of metadata the names."""
    if type(value).__name__ == "ButlerLogRecords":
        return [f"{record.levelname} {record.name} {record.message}" for record in value]
    if type(value).__name__ in ("TaskMetadata", "PropertySet"):
        return sorted(value.names())
    return value if isinstance(value, (dict, list, str, int, float)) else repr(value)


def main() -> None:
    """Print."""
    butler = Butler.from_config(sys.argv[1])
    collection = max(butler.collections.query("u/*/tinydrp/*"))
    contents = {}
    for refs in butler.query_all_datasets(collection, find_first=False, limit=None):
        key = f"{refs.datasetType.name} {sorted(refs.dataId.required.items())}"
        contents[key] = told(butler.get(refs))
    print(json.dumps(contents, sort_keys=True, default=repr))


if __name__ == "__main__":
    main()
