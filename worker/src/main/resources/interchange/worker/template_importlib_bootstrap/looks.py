"""The files of which a template consists: when one has changed a fresh process would be another."""

from __future__ import annotations

import importlib.machinery
import math
import os
import sys
import time
from collections.abc import Iterator

# Between two looks; and a look is to take no more than this part of the time, on whatever file system.
LOOK_SECONDS = 1.0
LOOK_PART = 0.02
# Text that leads to more places of modules.
LEADING = (".pth", ".egg-link")
SUFFIXES = (*importlib.machinery.all_suffixes(), *LEADING)
Look = tuple[int, int, int]


def look_at(path: str) -> Look | None:
    """Return what tells a file from a changed one.

    Parameters
    ----------
    path : `str`
        Of a file or directory.

    Returns
    -------
    look : `tuple` or `None`
        Its time, size and number; None where it is not there.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def names_in(directory: str) -> frozenset[str]:
    """Return what an import could find in a directory: many other things come and go in some.

    Parameters
    ----------
    directory : `str`
        On the path of modules.

    Returns
    -------
    names : `frozenset` [`str`]
        Of modules, packages and files that lead to more.
    """
    try:
        with os.scandir(directory) as entries:
            return frozenset(entry.name for entry in entries if is_found(entry))
    except OSError:
        return frozenset()


def is_found(entry: os.DirEntry[str]) -> bool:
    """Whether an import could find something.

    Parameters
    ----------
    entry : `os.DirEntry`
        In a directory on the path of modules.

    Returns
    -------
    is_found : `bool`
        True for a directory only if it is a package, or one is imported under its name.
    """
    if entry.name.endswith(SUFFIXES):
        return True
    if not entry.name.isidentifier() or entry.name == "__pycache__":
        return False
    inits = (os.path.join(entry.path, "__init__" + suffix) for suffix in importlib.machinery.all_suffixes())
    return entry.name in sys.modules or any(map(os.path.exists, inits))


class UnfinishedError(Exception):
    """A look takes longer than it may for now."""


class Looks:
    """All files as they were before they were imported."""

    def __init__(self) -> None:
        self._begun_ns = 0
        self._next = 0.0
        self._going_on: tuple[float, Iterator[str | None]] | None = None
        self._files: dict[str, Look | None] = {}
        self._directories: dict[str, tuple[Look | None, frozenset[str]]] = {}

    def begin(self, files: list[str]) -> None:
        """Look at what is known before the imports.

        Parameters
        ----------
        files : `list` [`str`]
            The script, and the files of the modules that are to be imported ahead.
        """
        self._begun_ns = time.time_ns()
        # Those that were looked at before as well, once the imports are done.
        self._next, self._going_on = 0.0, None
        for file in files:
            if file not in self._files:
                self._files[file] = look_at(file)
        self._add_directories()

    def _add_directories(self) -> None:
        for directory in sys.path:
            if isinstance(directory, str) and directory not in self._directories:
                look, names = look_at(directory), names_in(directory)
                self._directories[directory] = look, names
                for name in names:
                    if name.endswith(LEADING):
                        file = os.path.join(directory, name)
                        self._files[file] = look_at(file)

    def complete(self) -> str | None:
        """Add what importing has brought.

        Returns
        -------
        path : `str` or `None`
            What has changed meanwhile.
        """
        changed = self.changed()
        # Which directories an import could find depends on what is imported.
        self._directories.clear()
        self._add_directories()
        for file in files_of_modules() | files_in_memory():
            if file not in self._files:
                self._files[file] = look = look_at(file)
                if look is not None and look[0] >= self._begun_ns:
                    changed = changed or file
        return changed

    def changed(self, seconds: float = math.inf) -> str | None:
        """Look whether anything differs.

        Parameters
        ----------
        seconds : `float`
            For how long at most.

        Returns
        -------
        path : `str` or `None`
            What has changed; `None` where nothing has, or it was looked for a moment ago.

        Raises
        ------
        UnfinishedError
            Raised if that has not sufficed. The next call goes on where this one has stopped.
        """
        now = time.monotonic()
        if self._going_on is None and now < self._next:
            return None
        until = now + seconds
        begun, found = self._going_on = self._going_on or (now, self._each_change())
        for path in found:
            if path is not None:
                return path
            if time.monotonic() > until:
                raise UnfinishedError
        self._going_on, end = None, time.monotonic()
        self._next = end + max(LOOK_SECONDS, (end - begun) / LOOK_PART)
        return None

    def _each_change(self) -> Iterator[str | None]:
        for file, known in self._files.items():
            yield file if look_at(file) != known else None
        for directory in self._directories:
            yield directory if self._is_changed(directory) else None

    def _is_changed(self, directory: str) -> bool:
        look, names = self._directories[directory]
        now = look_at(directory)
        if now == look:
            return False
        self._directories[directory] = now, names
        return not os.path.isdir(directory) or names_in(directory) != names


def files_of_modules() -> set[str]:
    """Return the files of all modules.

    Returns
    -------
    files : `set` [`str`]
        Of those that say so.
    """
    files = set()
    for module in list(sys.modules.values()):
        try:
            file = object.__getattribute__(module, "__dict__").get("__file__")
        except AttributeError:
            continue
        if isinstance(file, str) and os.path.isabs(file):
            files.add(file)
    return files


def files_in_memory() -> set[str]:
    """Return the files that are mapped, such as libraries.

    Returns
    -------
    files : `set` [`str`]
        Paths.
    """
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        paths = {line.rstrip("\n").partition("/")[2] for line in maps}
    return {f"/{path}" for path in paths if path and not path.endswith(" (deleted)")}
