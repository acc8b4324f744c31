"""The connection with the worker, and what is said on it."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple


class ColdError(Exception):
    """One job can't be a fork, for the reason that is given."""


class NotAliveError(Exception):
    """The worker has closed its end."""


class Job(NamedTuple):
    """What a fork becomes.

    Parameters
    ----------
    directory : `str`
        Where it runs.
    stdout, stderr : `str`
        Files, made where they are not there, emptied where they are; they may be the same.
    set : `dict` [`str`, `str`]
        Variables of this attempt, over those of the template.
    unset : `list` [`str`]
        Variables of the template that this attempt lacks.
    modules : `str`
        Where to write, at its end, which modules it has imported.
    argv : `list` [`str`] or `None`
        The command as it is run cold.
    command : `str` or `None`
        Instead of ``argv``: one simple command whose words a shell has to expand.
    shell : `bool`
        Whether a cold start is that of a shell, which sets some variables on its way.
    exports : `str`
        With ``command``: lines for the shell before it, which set what differs from attempt to attempt.
    exported : `list` [`str`]
        The names of these variables.
    """

    directory: str
    stdout: str
    stderr: str
    set: dict[str, str]
    unset: list[str]
    modules: str
    argv: list[str] | None = None
    command: str | None = None
    shell: bool = True
    exports: str = ""
    exported: Sequence[str] = ()


class Successor(NamedTuple):
    """A template that a fork becomes, to import what jobs have been found to import since.

    Parameters
    ----------
    socket : `str`
        On which the worker listens for it.
    stdout, stderr : `str`
        Files that are not there yet.
    modules : `str`
        The file with what jobs have imported.
    token : `str`
        Its own, with room behind.
    """

    socket: str
    stdout: str
    stderr: str
    modules: str
    token: str


class Line:
    """One of the two ends of the connection with the worker."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)

    def descriptor(self) -> int:
        """Return the number by which this process knows it.

        Returns
        -------
        descriptor : `int`
            Of the socket.
        """
        return self._socket.fileno()

    def worker(self) -> int:
        """Return who listens.

        Returns
        -------
        pid : `int`
            As seen from here; 0 where the worker can't be seen from here.
        """
        size = struct.calcsize("3i")
        pid: int = struct.unpack("3i", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[
            0
        ]
        return pid

    def say(self, word: str, *what: object) -> None:
        """Send a message.

        Parameters
        ----------
        word : `str`
            What it is.
        *what : `object`
            What belongs to it, in words.

        Raises
        ------
        NotAliveError
            Raised if the worker has closed its end.
        """
        try:
            text = " ".join([word, *map(str, what)]).replace("\n", " ")
            self._socket.sendall(text.encode(errors="replace") + b"\n")
        except OSError as error:
            raise NotAliveError from error

    def hear(self) -> Any:
        """Return the next message; line by line, since what comes behind it may be for a fork.

        Returns
        -------
        message : `object`
            What JSON said.

        Raises
        ------
        NotAliveError
            Raised if the worker has closed its end.
        ValueError
            Raised if it is no JSON.
        """
        text = bytearray()
        while not text.endswith(b"\n"):
            text += self._peeked_line()
        return json.loads(text)

    def _peeked_line(self) -> bytes:
        try:
            seen = self._socket.recv(1 << 16, socket.MSG_PEEK)
            if not seen:
                raise NotAliveError
            return self._socket.recv(seen.find(b"\n") + 1 or len(seen))
        except OSError as error:
            raise NotAliveError from error

    def close(self) -> None:
        """Close it in this process alone."""
        self._socket.close()


def read(file: str) -> str:
    """Return the text of a small file.

    Parameters
    ----------
    file : `str`
        Its path.

    Returns
    -------
    text : `str`
        Without white space around it.
    """
    with open(file, encoding="utf-8", errors="surrogateescape") as opened:
        return opened.read().strip()


def read_all(*descriptors: int) -> list[bytes]:
    """Read pipes to their ends, side by side, and close them.

    Parameters
    ----------
    *descriptors : `int`
        Of their reading ends.

    Returns
    -------
    texts : `list` [`bytes`]
        One for each.
    """
    texts = {descriptor: bytearray() for descriptor in descriptors}
    open_ones = select.poll()
    for descriptor in descriptors:
        open_ones.register(descriptor, select.POLLIN)
    left = len(descriptors)
    while left:
        for descriptor, _ in open_ones.poll():
            piece = os.read(descriptor, 1 << 16)
            texts[descriptor] += piece
            if not piece:
                open_ones.unregister(descriptor)
                os.close(descriptor)
                left -= 1
    return [bytes(texts[descriptor]) for descriptor in descriptors]
