"""What BPS makes of a pipeline or a command, on nodes that share no file system with the submit host.

What they do have is the middleware and the butler, which for such nodes would be an object store and a
database server; here it is a repository under a path that they see. The submit directory is not there: the
quantum graph and scripts go to them, and outputs and what jobs print come back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from elsewhere import hide, needs_namespaces, variables
from living import SERVICE, Home, Tinydrp, living_home

pytestmark = pytest.mark.end_to_end

# By this the workers there are told from others.
MEMORY = 4001

FAR = """computeSite: far
site:
  far: {{provider: local, cores: 2, memory: {memory}, scratch: {scratch}, bpsUseShared: false}}
"""

REGISTRY = "repo/gen3.sqlite3"

# Says in each log where its job runs and what is to be seen there.
LOOK = """echo "directory: $PWD"
echo "submit directory: $(ls -A {submit} | wc -l) entries"
echo "registry: $(wc -c <{registry}) bytes"
"""


@dataclass
class Far:
    """A site whose nodes have a scratch directory, and see nothing of submit directories."""

    says_who: Path
    submit: Path
    scratch: Path

    def hide(self, *more: Path) -> None:
        """Set up what its workers don't see."""
        self.submit.mkdir()
        hide(self.says_who, self.submit, *more, workers=f" --memory {MEMORY} ")

    @property
    def settings(self) -> str:
        return FAR.format(memory=MEMORY, scratch=self.scratch)


@pytest.fixture
def far(tmp_path: Path) -> Far:
    needs_namespaces()
    return Far(tmp_path / "elsewhere", tmp_path / "work" / "submit", tmp_path / "scratch")


@pytest.fixture
def home(tmp_path: Path, far: Far) -> Iterator[Home]:
    with living_home(tmp_path / "home", **variables(far.says_who)) as home:
        yield home


def make(home: Home, far: Far, exposures: int) -> Tinydrp:
    tinydrp = Tinydrp(home, far.submit.parent, exposures, detectors=1)
    tinydrp.make()
    return tinydrp


def configure(tinydrp: Tinydrp, far: Far, more: str = "") -> str:
    look = tinydrp.directory / "look"
    look.write_text(LOOK.format(submit=far.submit, registry=tinydrp.directory / REGISTRY))
    return tinydrp.configure("far.yaml", f"{far.settings}preCmdline: sh {look}\n{more}")


def logs(tinydrp: Tinydrp, run: str) -> dict[str, str]:
    """What jobs printed, both streams together; by label, exposure, detector and earlier attempt."""
    found: Counter[str] = Counter()
    texts: dict[str, str] = {}
    for file in (tinydrp.submit_directory(run) / "logs").rglob("*.std*"):
        # Names of quanta are <id>_<label>_<dimensions>.
        job, _, stream = file.name.partition(".std")
        name = job.partition("_")[2].rstrip("_") or job
        if attempt := stream.partition(".")[2]:
            name += f" {attempt}"
        found[name] += 1
        texts[name] = texts.get(name, "") + file.read_text()
    assert set(found.values()) == {2}
    return texts


@pytest.mark.long
def test_the_pipeline_runs_where_the_submit_directory_is_not(home: Home, far: Far) -> None:
    tinydrp = make(home, far, exposures=2)
    far.hide()
    run = tinydrp.submit(configure(tinydrp, far))
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    tinydrp.check_records()

    printed = logs(tinydrp, run)
    quanta = {"isr_1_0", "isr_2_0", "calibrate_1_0", "calibrate_2_0", "summarize"}
    assert printed.keys() == {"pipetaskInit", *quanta, "finalJob"}
    for name, text in printed.items():
        assert f"directory: {far.scratch}/" in text, name
        assert "submit directory: 0 entries\n" in text, name
    for name in quanta:
        assert "Executed 1 quanta successfully" in printed[name], name
    assert "aggregate-graph" in printed["finalJob"]
    # What the nodes must have of their own is said.
    report = home.bps("report", "--id", run)
    assert f"nodes must see butlerConfig {tinydrp.directory / 'repo'} under that path" in report
    assert not list(far.scratch.glob("*/jobs/*"))


@pytest.mark.long
def test_quanta_need_no_registry_and_the_final_job_runs_where_it_is(home: Home, far: Far) -> None:
    tinydrp = make(home, far, exposures=1)
    far.hide(tinydrp.directory / REGISTRY)
    config = configure(tinydrp, far, "finalJob: {computeSite: here, whenRun: SUCCESS}")
    run = tinydrp.submit(config, TINYDRP_FAIL="summarize::")
    assert home.wait_end(run) == "RUN_FAILED"
    assert "tinydrp was asked to fail summarize" in logs(tinydrp, run)["summarize"]

    home.bps("restart", "--id", run, **tinydrp.variables)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    tinydrp.check_records()
    printed = logs(tinydrp, run)
    without = {name for name, text in printed.items() if "registry: 0 bytes\n" in text}
    assert without == {"pipetaskInit", "isr_1_0", "calibrate_1_0", "summarize 0", "summarize"}
    assert printed.keys() - without == {"finalJob"}


CUSTOM = """wmsServiceClass: {service}
project: tiny
campaign: drp
payload: {{payloadName: custom}}
customJob:
  executable: {directory}/tool.sh
  arguments: "{{table}} {{result}}"
  inputs: {{table: {directory}/table.txt}}
  outputs: {{result: below/result.txt}}
"""


def test_what_a_command_reads_and_writes_travels(home: Home, far: Far) -> None:
    directory = far.submit.parent
    far.submit.parent.mkdir()
    far.hide()
    tool = directory / "tool.sh"
    tool.write_text(f'#!/bin/sh\npwd; ls -A {far.submit}; rev <"$1" >"$2"\n')
    tool.chmod(0o755)
    (directory / "table.txt").write_text("hello\n")
    (directory / "custom.yaml").write_text(far.settings + CUSTOM.format(service=SERVICE, directory=directory))

    printed = home.bps("submitcmd", "custom.yaml", cwd=directory)
    run = re.search(r"^Run Id: (\d+)$", printed, re.MULTILINE)
    assert run, printed
    assert home.wait_end(run[1]) == "RUN_SUCCEEDED"
    [result] = far.submit.rglob("below/result.txt")
    assert result.read_text() == "olleh\n"
    [log] = far.submit.rglob("*.stdout")
    # Where it ran, and nothing of what is in the submit directory here.
    [line] = log.read_text().splitlines()
    assert line.startswith(f"{far.scratch}/")
