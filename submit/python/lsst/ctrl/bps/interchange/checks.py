"""Finds faults of the submitting Python that would fail jobs later."""

from __future__ import annotations

import io
import platform
import zipfile

__all__ = ["zipfile_warning"]


def zipfile_warning() -> str | None:
    """Return a warning if ``zipfile`` can't read members out of order.

    Python 3.12.0 to 3.12.8 and 3.13.0 to 3.13.1 seek relative to whichever member was read last, so that a
    quantum graph of more than some tens of quanta can't be read. It is tried out, since it can be mended from
    outside.

    Returns
    -------
    warning : `str` or `None`
        What is wrong and what to do, or `None`.
    """
    if _reads_members_out_of_order():
        return None
    return (
        f"Python {platform.python_version()} can't read members of a zip file out of order (zipfile, mended "
        "in 3.12.9 and 3.13.2): larger quantum graphs will fail with EOFError in 'pipetask run-qbb'. "
        "Use a newer Python for the middleware, or put a sitecustomize.py that mends zipfile on PYTHONPATH."
    )


def _reads_members_out_of_order() -> bool:
    content = bytes(range(256)) * 64
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("first", content)
        archive.writestr("second", content)
    try:
        with (
            zipfile.ZipFile(buffer) as archive,
            archive.open("first") as first,
            archive.open("second") as second,
        ):
            first.read(1)
            second.read(9000)
            first.seek(8000)
            return first.read(16) == content[8000:8016]
    except (EOFError, OSError, ValueError, zipfile.BadZipFile):
        return False
