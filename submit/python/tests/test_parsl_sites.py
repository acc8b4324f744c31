"""Sites of the Parsl plugin ask for here what they ask for there, by the objects that Parsl would use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import MakeConfig
from living import Home, living_home
from lsst.ctrl.bps.parsl import SiteConfig
from parsl.providers import LocalProvider, SlurmProvider, TorqueProvider

from lsst.ctrl.bps import BpsConfig
from lsst.ctrl.bps.interchange.sites import site_section

pytestmark = pytest.mark.end_to_end

SITES = "lsst.ctrl.bps.parsl.sites."
MIB_PER_GB = 1024

SLURM = {"class": SITES + "Slurm", "nodes": 3, "walltime": "00:59:00"}
TRIPLE = {"class": SITES + "TripleSlurm", "nodes": 1}
CORI = {"class": SITES + "nersc.CoriKnl"}
TIGER = {"class": SITES + "princeton.Tiger"}
SDF = {"class": SITES + "slac.Sdf"}
CCIN2P3 = {"class": SITES + "ccin2p3.Ccin2p3"}
TORQUE = {"class": SITES + "Torque", "nodes": 4, "walltime": "00:59:00"}

EVERY_KEY_OF_SLURM = {
    "nodes": 2,
    "cores_per_node": 20,
    "walltime": "01:02:00",
    "mem_per_node": 60,
    "qos": "high",
    "constraint": "haswell",
    "singleton": True,
    "exclusive": True,
    "account": "lsst",
    "scheduler_options": "#SBATCH --licenses=sps\n#SBATCH --reservation=now",
    "retries": 3,
    "commandPrefix": "source setup.sh",
}

SECTIONS: list[dict[str, Any]] = [
    SLURM,
    {**SLURM, "class": SITES + "slurm.Slurm"},
    {**SLURM, "nodes": 1, "cores_per_node": 20},
    {**SLURM, **EVERY_KEY_OF_SLURM},
    TRIPLE,
    {**TRIPLE, "small_memory": 1.5, "medium_memory": 3.0, "large_memory": 16.0, "small_walltime": "01:00:00"},
    {**TRIPLE, "medium_walltime": "20:00:00", "large_walltime": "60:00:00", "mem_per_node": 180},
    {**TRIPLE, **EVERY_KEY_OF_SLURM},
    CORI,
    {**CORI, "large_walltime": "48:00:00", "cores_per_node": 68, "qos": "regular", "account": "m1727"},
    {**CORI, **EVERY_KEY_OF_SLURM},
    TIGER,
    {**TIGER, "nodes": 1, "cores_per_node": 40, "walltime": "01:00:00", "mem_per_node": 180, "max_blocks": 4},
    {**TIGER, **EVERY_KEY_OF_SLURM, "cmd_timeout": 60},
    {**TIGER, "singleton": False, "max_blocks": 1},
    SDF,
    {**SDF, "nodes": 2, "max_blocks": 6, "scheduler_options": "#SBATCH --partition=milano"},
    {**SDF, **EVERY_KEY_OF_SLURM},
    {**SDF, "singleton": False, "qos": "preemptable"},
    CCIN2P3,
    {**CCIN2P3, "account": "other", "partition": "flash", "walltime": "10:00:00"},
    {
        **CCIN2P3,
        "walltime": "71:00:00",
        "scheduler_options": ["--licenses=sps", "--qos=normal"],
        "small": {"memory": 6, "partition": "flash"},
        "medium": {"memory": 10, "partition": "lsst,htc", "max_blocks": 20},
        "large": {"memory": 80, "walltime": "30:00:00"},
        "xlarge": {"memory": 180, "scheduler_options": ["--constraint=el7", "--licenses=mine"]},
        "retries": 2,
    },
    TORQUE,
    {
        **TORQUE,
        "queue": "debug",
        "tasks_per_node": 20,
        "worker_init": "module load stack",
        "scheduler_options": "#PBS -A account\n#PBS -m n",
    },
    {"class": SITES + "Local", "cores": 3},
    {"class": SITES + "local.Local", "cores": 5, "retries": 0, "commandPrefix": "set -x"},
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with living_home(tmp_path_factory.mktemp("home") / "interchange") as home:
        yield home


@pytest.fixture(autouse=True)
def infiniband(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Parsl find addresses on a machine that is no login node of Princeton."""
    monkeypatch.setattr("lsst.ctrl.bps.parsl.site.address_by_hostname", lambda: "127.0.0.1")
    monkeypatch.setattr("lsst.ctrl.bps.parsl.sites.princeton.net_if_addrs", lambda: {"lo": [], "ib7": []})
    monkeypatch.setattr("lsst.ctrl.bps.parsl.sites.princeton.address_by_interface", lambda name: name)
    # Work Queue itself is no Python package.
    monkeypatch.setattr("parsl.executors.workqueue.executor._work_queue_enabled", True)


def resolved(
    home: Home, config: BpsConfig, directory: Path, **environment: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """What `interchange check` says of the site, as the plugin would pass it on; and its warnings."""
    section = site_section(config, "here")
    file = directory / "sites.json"
    file.write_text(json.dumps({"site": "here", "sites": {"here": section}}))
    answer = json.loads(home.run("interchange", "check", str(file), "--json", **environment).stdout)
    sites = [{**site["keys"], "name": site["name"], "head": site.get("head", [])} for site in answer["sites"]]
    return sites, answer["warnings"]


def options_of(lines: Iterable[str], prefix: str) -> dict[str, str]:
    """Options in the head of a script; of one that is there twice, the last counts."""
    found: dict[str, str] = {}
    for line in lines:
        if line.startswith(prefix):
            options = re.findall(r"(--?[A-Za-z][A-Za-z-]*)(?:[= ]([^-\s]\S*))?", line[len(prefix) :])
            # PBS has many under one name.
            found |= {"-l " + v.split("=")[0] if o == "-l" else o: v for o, v in options}
    return found


def minutes(walltime: str) -> int:
    """Minutes of a number of them, or [D-]HH:MM:SS."""
    if ":" not in walltime:
        return int(walltime)
    days, _, clock = walltime.rpartition("-")
    hours, rest, _ = clock.split(":")
    return int(days or 0) * 24 * 60 + int(hours) * 60 + int(rest)


def mebibytes(memory: str) -> int:
    """MiB of what Slurm takes as memory."""
    return int(memory[:-1]) * {"M": 1, "G": MIB_PER_GB}[memory[-1].upper()]


def submitted(provider: Any, directory: Path, tasks: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lines of the script that Parsl's provider would submit, and options of its command."""
    scripts: list[str] = []

    def submit(command: str, *_: Any) -> tuple[int, str, str]:
        *options, script = command.split()[1:]
        scripts.extend(Path(script).read_text().splitlines())
        scripts.append("#PBS " + " ".join(options))
        return 0, "Submitted batch job 1\n", ""

    provider.script_dir = str(directory)
    monkeypatch.setattr(provider, "execute_wait", submit)
    # It is about what is within the block; Torque's standard one can't be called by its own provider.
    monkeypatch.setattr(provider, "launcher", lambda command, *_: command)
    provider.submit("true", tasks, "block")
    return scripts


def comparable_slurm(options: dict[str, str], own: Iterable[str]) -> dict[str, Any]:
    """What is asked of Slurm, less the lines that are each system's own."""
    asked: dict[str, Any] = {option: value for option, value in options.items() if option not in own}
    asked["--time"] = minutes(options["--time"])
    if "--mem" in options:
        asked["--mem"] = mebibytes(options["--mem"])
    return asked


def check_slurm(theirs: list[str], ours: list[str]) -> None:
    """Compare two scripts."""
    their_options = options_of(theirs, "#SBATCH")
    our_options = options_of(ours, "#SBATCH")
    # Blocks of a workflow there, and of a site here, have one name, since singleton is about it.
    assert our_options.pop("--job-name") == "interchange-here"
    if "--dependency" in their_options:
        assert not their_options["--job-name"].startswith("block"), "the name of one block alone"
    if our_options.get("--mem") == "0":
        # As docs/sites.md says, whole nodes of which no memory is given are asked for with all of it.
        assert "--exclusive" in our_options and "--mem" not in their_options
        del our_options["--mem"]
    assert comparable_slurm(our_options, ("--no-kill", "--requeue", "--open-mode")) == comparable_slurm(
        their_options, ("--job-name", "--output", "--error")
    )


def check_torque(theirs: list[str], ours: list[str]) -> None:
    """Compare two scripts; where it is not known which PBS there is, ours is shown as for PBS Pro."""
    their_options = options_of(theirs, "#PBS")
    our_options = options_of(ours, "#PBS")
    select = re.fullmatch(r"select=(\d+):ncpus=(\d+)", our_options["-l select"])
    assert select
    assert their_options["-l nodes"] == f"nodes={select[1]}:ppn={select[2]}"
    assert our_options["-l place"] == "place=scatter"
    for name in ("-q", "-A", "-m"):
        assert our_options.get(name) == their_options.get(name)
    walltime = "-l walltime"
    assert our_options[walltime] == their_options[walltime]


def check_blocks(provider: Any, site: dict[str, Any]) -> None:
    """Compare how many blocks there are to be, and when."""
    assert site["initBlocks"] == provider.init_blocks
    assert site["minBlocks"] == provider.min_blocks
    assert site["maxBlocks"] == provider.max_blocks
    # Parsl's 0 is one block at a time, and so is any other where there is one at most.
    assert site["parallelism"] == provider.parallelism or (provider.parallelism, provider.max_blocks) == (
        0,
        1,
    )


def check_request(
    executor: Any, site: dict[str, Any], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compare what is asked of the batch system."""
    provider = executor.provider
    check_blocks(provider, site)
    match provider:
        case SlurmProvider():
            check_slurm(submitted(provider, directory, 1, monkeypatch), site["head"])
        case TorqueProvider():
            tasks = provider.tasks_per_node
            check_torque(submitted(provider, directory, tasks, monkeypatch), site["head"])
        case LocalProvider():
            assert site["provider"] == "local"
            assert site["cores"] == executor.max_workers_per_node
            assert site["nodesPerBlock"] == provider.nodes_per_block


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section["class"].removeprefix(SITES))
def test_the_request_is_parsls(
    home: Home,
    make_config: MakeConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    section: dict[str, Any],
) -> None:
    config = make_config(site={"here": section})
    theirs = SiteConfig.from_config(config)
    executors = theirs.get_executors()
    ours, _ = resolved(home, config, tmp_path)

    names = ["here"] if len(executors) == 1 else [f"here.{executor.label}" for executor in executors]
    assert [site["name"] for site in ours] == names
    for executor, site in zip(executors, ours, strict=True):
        check_request(executor, site, tmp_path, monkeypatch)
        assert site["retries"] == theirs.get_parsl_config().retries
        assert site["commandPrefix"].endswith(theirs.get_command_prefix())


@pytest.mark.parametrize(
    "section",
    [TRIPLE, {**TRIPLE, "small_memory": 1.5, "medium_memory": 3.0}, CORI, CCIN2P3],
    ids=lambda section: section["class"].removeprefix(SITES),
)
def test_a_job_goes_where_parsl_sends_it(
    home: Home, make_config: MakeConfig, tmp_path: Path, section: dict[str, Any]
) -> None:
    config = make_config(site={"here": section})
    theirs = SiteConfig.from_config(config)
    ours, _ = resolved(home, config, tmp_path)
    limits = [site["maxJobMemory"] for site in ours]
    for memory in {1, *limits, *(limit + 1 for limit in limits), 1_000_000}:
        fitting = [site for site in ours if memory <= site["maxJobMemory"]]
        job = SimpleNamespace(generic=SimpleNamespace(request_memory=memory))
        assert (fitting or ours[-1:])[0]["name"] == f"here.{theirs.select_executor(job)}"


def test_what_runs_before_the_worker_there_runs_before_worker_and_job(
    home: Home, make_config: MakeConfig, tmp_path: Path
) -> None:
    for section, words in (
        (CCIN2P3, "ulimit -[nu] hard"),
        ({**TORQUE, "worker_init": "module load x"}, "m.*"),
    ):
        config = make_config(site={"here": section})
        provider = SiteConfig.from_config(config).get_executors()[0].provider
        ours, _ = resolved(home, config, tmp_path)
        said = re.split(r"\s*(?:&&|\n)\s*", ours[0]["commandPrefix"].strip())
        assert said == re.split(r"\s*(?:&&|\n)\s*", provider.worker_init.strip())
        assert all(re.fullmatch(words, line) for line in said)


def test_tiger_is_reached_by_the_interface_that_parsl_takes(
    home: Home, make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(site={"here": TIGER})
    executor = SiteConfig.from_config(config).get_executors()[0]
    assert executor.address == "ib7"
    ours, warnings = resolved(home, config, tmp_path)
    assert any(Path(str(executor.address)).match(pattern) for pattern in ours[0]["address"])
    assert ours[0]["submitCommandTimeout"] == "5 min"
    assert executor.provider.cmd_timeout == 300
    assert any("ib*, op* is neither an interface of this host" in warning for warning in warnings)


@pytest.mark.parametrize("nodes", [1, 4])
def test_an_allocation_held_already_gives_all_nodes_that_parsl_would_use(
    home: Home, make_config: MakeConfig, tmp_path: Path, nodes: int
) -> None:
    section = {"class": SITES + "work_queue.LocalSrunWorkQueue", "nodes_per_block": nodes}
    config = make_config(site={"here": section})
    provider = SiteConfig.from_config(config).get_executors()[0].provider
    ours, _ = resolved(home, config, tmp_path, SLURM_JOB_ID="77")
    assert [site["name"] for site in ours] == ["here"]
    assert (ours[0]["provider"], ours[0]["allocation"]) == ("srun", "77")
    assert ours[0]["nodesPerBlock"] == provider.nodes_per_block == nodes
    check_blocks(provider, ours[0])


def test_without_an_allocation_one_node_is_this_machine_and_several_are_refused(
    home: Home, make_config: MakeConfig, tmp_path: Path
) -> None:
    section: dict[str, Any] = {"class": SITES + "LocalSrunWorkQueue"}
    without = {"SLURM_JOB_ID": ""}
    ours, _ = resolved(home, make_config(site={"here": section}), tmp_path, **without)
    assert ours[0]["provider"] == "local"
    file = tmp_path / "sites.json"
    file.write_text(json.dumps({"sites": {"here": {**section, "nodes_per_block": 2}}}))
    done = home.run("interchange", "check", str(file), check=False, **without)
    assert done.returncode == 2
    assert "site 'here': allocation is missing; submit from within the Slurm job" in done.stderr
