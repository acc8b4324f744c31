from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lsst.ctrl.bps.interchange.checks import zipfile_warning

TINYDRP = Path(__file__).parent / "tinydrp"


def test_a_zipfile_that_loses_its_place_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def seek(self: Any, offset: int, whence: int = os.SEEK_SET) -> int:
        # What Python 3.12.0 did: relative to whichever member was read last.
        self._file.seek(offset, whence)
        self._pos = self._file.tell()
        return int(self._pos)

    monkeypatch.setattr(zipfile._SharedFile, "seek", seek)  # type: ignore[attr-defined]
    warning = zipfile_warning()
    assert warning is not None
    assert "EOFError" in warning and "sitecustomize" in warning


def test_a_mended_zipfile_is_not_warned_of() -> None:
    code = "from lsst.ctrl.bps.interchange.checks import zipfile_warning; print(zipfile_warning())"
    path = os.pathsep.join([str(TINYDRP), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.stdout == "None\n", done.stderr
