"""What is wrong with a submission, collected so that the user hears all of it at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

__all__ = ["Problems", "WorkflowRefusedError", "some"]

# A workflow with a million jobs may have the same fault in each.
SHOWN_MAX = 20


class WorkflowRefusedError(click.ClickException, ValueError):
    """A workflow that can't be run as it is; the message lists everything that is wrong with it.

    Where BPS catches nothing, click prints the message alone.
    """

    exit_code = 2


class Problems:
    """Messages without repetitions: what refuses a submission, and what only should be known of it."""

    def __init__(self) -> None:
        self._messages: dict[str, None] = {}
        self._warnings: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[str]:
        return iter(self._messages)

    def add(self, message: str) -> None:
        """Remember a message, once.

        Parameters
        ----------
        message : `str`
            Names the thing, the cause and the next step.
        """
        self._messages.setdefault(message)

    def add_to_label(self, label: str, fault: str) -> None:
        """Remember what is wrong with the jobs of a label; they share their settings, so it is said once.

        Parameters
        ----------
        label : `str`
            The label.
        fault : `str`
            Names the thing, the cause and the next step.
        """
        self.add(f"label '{label}': {fault}")

    def warn(self, message: str) -> None:
        """Remember, once, what the user should know though it refuses nothing.

        Parameters
        ----------
        message : `str`
            Names the thing and what becomes of it.
        """
        self._warnings.setdefault(message)

    @property
    def warnings(self) -> list[str]:
        """What the user should know, each once."""
        return list(self._warnings)

    def raise_if_any(self, what: str) -> None:
        """Refuse the workflow if anything was found.

        Parameters
        ----------
        what : `str`
            What is refused.

        Raises
        ------
        WorkflowRefusedError
            Raised if there is at least one problem.
        """
        if not self._messages:
            return
        lines = list(self._messages)
        shown = lines[:SHOWN_MAX]
        if len(lines) > len(shown):
            shown.append(f"and {len(lines) - len(shown)} more")
        raise WorkflowRefusedError(f"{what} is refused:\n" + "\n".join(f"  - {line}" for line in shown))


def some(names: Iterable[str], most: int = 3) -> str:
    """Return the first of many names, for a message.

    Parameters
    ----------
    names : `~collections.abc.Iterable` [`str`]
        All of them.
    most : `int`, optional
        How many are named.

    Returns
    -------
    text : `str`
        Those, and how many more there are.
    """
    listed = list(names)
    rest = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {rest} more" if rest > 0 else "")
