"""What the tests share: a configuration, and a command line that answers as it is told."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from warming import Warm

from lsst.ctrl.bps import BPS_DEFAULTS, BPS_SEARCH_ORDER, BpsConfig

HERE = Path(__file__).parent
SERVICE = "lsst.ctrl.bps.interchange.InterchangeService"

MakeConfig = Callable[..., BpsConfig]


SHARED = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make places for what all tests share, since to make it takes as long as many a test.

    What runs tests side by side hands it on to its workers.
    """
    config.stash[SHARED] = []
    for name in ("INTERCHANGE_CACHE", "INTERCHANGE_TEST_REPOSITORIES"):
        if name not in os.environ:
            os.environ[name] = tempfile.mkdtemp(prefix="interchange-shared-")
            config.stash[SHARED].append(os.environ[name])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it."""
    for directory in config.stash[SHARED]:
        shutil.rmtree(directory, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes minutes last, and of that the longest first, which others can run beside."""

    def place(item: pytest.Item) -> tuple[bool, bool]:
        return item.get_closest_marker("end_to_end") is not None, item.get_closest_marker("long") is None

    items.sort(key=place)


@pytest.fixture
def make_config(tmp_path: Path) -> MakeConfig:
    """Return a function that makes a configuration as `bps submit` does, with settings over the defaults."""

    def make(**settings: Any) -> BpsConfig:
        basic = {
            "wmsServiceClass": SERVICE,
            "computeSite": "here",
            "site": {"here": {"provider": "local", "cores": 2}},
            "operator": "ann",
            "project": "tiny",
            "campaign": "drp",
            "payload": {"payloadName": "tinydrp"},
            "submitPath": str(tmp_path),
            "uniqProcName": "u_ann_run",
        }
        return BpsConfig({**basic, **settings}, search_order=BPS_SEARCH_ORDER, defaults=BPS_DEFAULTS)

    return make


class FakeCli:
    """A command line that answers as it is told and remembers what it was asked."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def answers(self, command: str, answer: Any = None, exit_code: int = 0, says: str = "") -> None:
        """Tell it what to answer to a command from now on."""
        told = {"answer": answer if isinstance(answer, str) else json.dumps(answer or {})}
        told |= {"exit": exit_code, "says": says}  # type: ignore[dict-item]
        (self._directory / f"{command}.json").write_text(json.dumps(told))

    def refuses(self, command: str, exit_code: int, *messages: str) -> None:
        """Tell it to fail a command from now on."""
        self.answers(command, {"error": {"kind": "KIND", "messages": messages}}, exit_code)

    @property
    def calls(self) -> list[list[str]]:
        """Arguments of each call."""
        log = self._directory / "calls.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def fake_cli(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> FakeCli:
    """Put a fake in the place of the command line."""
    directory = tmp_path_factory.mktemp("cli")
    monkeypatch.setenv("INTERCHANGE_CLI", f"{sys.executable} -S {HERE / 'fake_cli.py'} {directory}")
    return FakeCli(directory)


@pytest.fixture
def make_warm(tmp_path: Path) -> Iterator[Callable[..., Warm]]:
    """Make workers of a test's own, each with a template of a script."""
    made: list[Warm] = []

    def make(source: str, *arguments: Any, **more: Any) -> Warm:
        made.append(Warm(tmp_path / f"warm{len(made)}", source, *arguments, **more))
        return made[-1]

    yield make
    for each in made:
        each.end()
