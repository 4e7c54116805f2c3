"""Runs the tools that measure, and reads what they say."""

import json
import os
import pathlib
import shlex
import subprocess
import tempfile
import time

from reglow_perf import watch
from reglow_perf.glow import random_model
from reglow_perf.results import plan

REGLOW = ".build/release/reglow"
COMMANDS = {"pytorch": "time-pytorch", "jax": "time-jax"}
# What stands for the interpreter of a peer in the commands of the report, wherever it is on this machine.
INTERPRETERS = {"pytorch": ".build/peers/bin/python", "jax": ".build/peers-jax/bin/python"}


class ToolError(Exception):
    """A tool that failed, in its own words."""


class Tools:
    """Everything is run in `root`, the top of the source tree. `interpreters` maps a peer to its Python."""

    def __init__(self, root: pathlib.Path, interpreters: dict[str, str], threads: int):
        self.root, self.interpreters, self.threads = root, interpreters, threads

    def command(self, task: plan.Task, record) -> list[str]:
        """As somebody would type it in the root."""
        if task.tool in COMMANDS:
            return [INTERPRETERS[task.tool], "-m", "reglow_perf", COMMANDS[task.tool], *task.arguments, *fastest_variants(task, record)]
        start = {"bench": [REGLOW, "bench"], "restore": [REGLOW, "restore"], "peak": ["perf/peak"]}[task.tool]
        return [*start, *task.arguments]

    def measure(self, task: plan.Task, record) -> dict:
        """Measures, and measures again when the machine was not quiet; the quieter of the two counts."""
        command = self.command(task, record)
        attempts = [self.attempt(task, command)]
        if not watch.is_quiet(attempts[0]["watch"]):
            time.sleep(3)
            attempts.append(self.attempt(task, command))
        best = min(attempts, key=lambda attempt: attempt["watch"]["others"] + attempt["watch"]["stolen"])
        return {"command": shlex.join(command)} | best | {"attempts": len(attempts)}

    def attempt(self, task: plan.Task, command: list[str]) -> dict:
        watched = watch.Watch()
        if task.tool == "restore":
            report = {"peak_memory_bytes": self.peak_memory(command)}
        else:
            report = self.json_of(self.runnable(task, command))
        measured = {"watch": watched.report(), "report": report}
        if task.tool in COMMANDS:
            # A peer does not measure the machine's peak itself.
            measured["peak_after"] = self.json_of([REGLOW, "bench", "--random", "1,1,8", "--threads", str(self.threads)])
        return measured

    def runnable(self, task: plan.Task, command: list[str]) -> list[str]:
        if task.tool in COMMANDS:
            return [self.interpreters[task.tool], *command[1:]]
        if task.tool == "peak":
            # perf/peak would build again first.
            return [".build/machine/release/Machine", "peak", *command[1:]]
        return command

    def json_of(self, command: list[str]) -> dict:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "report.json")
            self.run([*command, "--json", str(path)])
            return json.loads(path.read_text())

    def run(self, command: list[str]) -> None:
        try:
            child = subprocess.run(command, cwd=self.root, env=self.environment(), capture_output=True, text=True, check=False)
        except OSError as error:
            raise ToolError(f"{command[0]}: {error.strerror}") from error
        if child.returncode != 0:
            raise ToolError(complaint_of(child.stderr, child.returncode))

    def environment(self) -> dict[str, str]:
        """Lets a peer's Python find this package though it is not installed there."""
        paths = [str(self.root / "perf"), os.environ.get("PYTHONPATH", "")]
        return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}

    def peak_memory(self, command: list[str]) -> int:
        """The largest resident size of the process, in bytes."""
        child = subprocess.Popen(command, cwd=self.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        complaint = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise ToolError(complaint_of(complaint, child.returncode))
        return usage.ru_maxrss * 1024

    def make_paper_model(self) -> None:
        if not (self.root / plan.PAPER_FILE).exists():
            random_model.write(4, 32, 512, self.root / plan.PAPER_FILE)


def complaint_of(standard_error: str, code: int) -> str:
    """The last line that is not progress; of the usage errors of reglow, the first."""
    lines = standard_error.strip().splitlines() or [f"exit code {code}"]
    if "Unknown option '--parts'" in lines[0]:
        return "this reglow has no `bench --parts`"
    return lines[0] if lines[0].startswith("Error: ") else lines[-1]


def fastest_variants(task: plan.Task, record) -> list[str]:
    """`--variant NAME` of the fastest variants of the task that this one depends on."""
    if task.variants_of is None:
        return []
    report = record.report(task.variants_of)
    if report is None:
        raise ToolError(f"{task.variants_of} was not measured")
    done = [variant["name"] for variant in report["analysis"]["variants"] if "failed" not in variant]
    return [part for name in done[: task.variants] for part in ("--variant", name)]
