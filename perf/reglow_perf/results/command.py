"""Measures every figure of the table in perf/docs/results.md, one process after another, Reglow and its peers in the same run.

    perf/results                    # the whole table, 25 minutes
    perf/results --quick            # some repeats of everything but the largest image, 3 minutes
    perf/results --resume           # goes on after a run that was cut off
    perf/results --publish          # at the end also writes perf/data/results.json.gz and the table of perf/docs/results.md

Writes .build/results/results.json and results.md. Wants a quiet machine, and says which rows were not measured on one: those
during which others took processor time (those are measured again at once), those where the peak sagged under that of the other rows,
and those of Reglow on one small image that differ between the beginning and the end of the run.
"""

import argparse
import datetime
import hashlib
import json
import os
import platform
import subprocess
import sys

from reglow_perf import watch
from reglow_perf.files import PERF, ROOT, write
from reglow_perf.results import markdown, plan, rows, tools
from reglow_perf.results.record import Record

OUTPUT = ROOT / ".build/results"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf/results", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a rough table; cannot be published")
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run of the same build has measured")
    parser.add_argument("--publish", action="store_true", help="write perf/data/results.json.gz and perf/docs/results.md")
    parser.add_argument("--compile", action="store_true", help="torch.compile too, eight minutes more")
    parser.add_argument("--only", metavar="TEXT", help="only measurements whose name holds TEXT, such as 'reglow paper'")
    parser.add_argument("--no-peers", action="store_true", help="without PyTorch and JAX")
    for name, python in tools.INTERPRETERS.items():
        parser.add_argument(f"--{name}", metavar="PYTHON", default=str(ROOT / python), help=f"Python that has it (default: {python})")
    parser.add_argument("--threads", type=int, default=min(2, len(os.sched_getaffinity(0))), help="beside 1 (default: 2)")
    arguments = parser.parse_args()
    if arguments.publish and (arguments.quick or arguments.only or arguments.no_peers):
        parser.error("--publish is for a whole table: not with --quick, --only or --no-peers")
    if not 1 <= arguments.threads <= len(os.sched_getaffinity(0)):
        parser.error(f"--threads is {arguments.threads}, but there are {len(os.sched_getaffinity(0))} processors")
    return arguments


def said_by(*command: str) -> str:
    """The first line that a command prints, empty where it fails."""
    try:
        child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (child.stdout.splitlines() or [""])[0].strip() if child.returncode == 0 else ""


def peer_versions(interpreters: dict[str, str]) -> str:
    """Ends the program where a peer cannot be imported."""
    words = []
    for name, (module, title) in {"pytorch": ("torch", "PyTorch"), "jax": ("jax", "JAX")}.items():
        if name in interpreters:
            version = said_by(interpreters[name], "-W", "ignore", "-c", f"import {module}; print({module}.__version__)")
            if not version:
                sys.exit(
                    f"results: {interpreters[name]} has no {title}: install it (perf/docs/peers.md), name another Python "
                    f"with --{name}, or say --no-peers"
                )
            words.append(f"{title} {version}")
    return ", ".join(words)


def facts(arguments: argparse.Namespace, interpreters: dict[str, str]) -> dict:
    """What a measurement belongs to."""
    processor = json.loads(
        subprocess.run([tools.REGLOW, "info", "--json", "-"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    )
    command = (ROOT / tools.REGLOW).read_bytes()
    return {
        "date": datetime.date.today().isoformat(),
        "commit": said_by("git", "describe", "--always", "--dirty", "--abbrev=10") or "of no commit",
        "binary": hashlib.sha256(command).hexdigest(),
        "processor": f"{processor['cpu']} ({os.cpu_count()} processors, {processor['isa']})",
        "system": system(),
        "swift": said_by(os.environ.get("SWIFT", "swift"), "--version"),
        "peers": peer_versions(interpreters),
        "threads": arguments.threads,
        "pace": "quick" if arguments.quick else "full",
    }


def system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def measure(tasks: list[plan.Task], runner: tools.Tools, record: Record) -> int:
    """Each task that the record lacks; the number of those that failed."""
    failures = 0
    for index, task in enumerate(tasks):
        start = f"[{index + 1}/{len(tasks)}] {task.key}"
        if task.key in record.measurements:
            print(f"{start}: kept", file=sys.stderr)
            continue
        print(f"{start} ...", file=sys.stderr, end="", flush=True)
        try:
            measurement = runner.measure(task, record)
            note = "" if watch.is_quiet(measurement["watch"]) else ", the machine is BUSY"
            print(f" {measurement['watch']['seconds']:.0f} s{note}", file=sys.stderr)
        except tools.ToolError as error:
            failures += 1
            measurement = {"error": str(error)}
            print(f" FAILED: {error}", file=sys.stderr)
        record.keep(task.key, measurement)
    return failures


def main() -> None:
    arguments = parse_arguments()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    pace = plan.QUICK if arguments.quick else plan.FULL
    interpreters = {} if arguments.no_peers else {name: getattr(arguments, name) for name in tools.INTERPRETERS}
    record = Record(OUTPUT / "measurements.json", facts(arguments, interpreters))
    if arguments.resume:
        record.resume()
    runner = tools.Tools(ROOT, interpreters, arguments.threads)
    runner.make_paper_model()
    engine = plan.engine_tasks(pace, arguments.threads)
    peers = plan.peer_tasks(pace, arguments.threads, list(interpreters), arguments.compile)
    tasks = engine + peers + plan.again(pace, engine)
    failures = measure([task for task in tasks if (arguments.only or "") in task.key], runner, record)

    sections = rows.Rows(record, arguments.threads).sections()
    text = markdown.table(record.header, sections, record.measurements)
    report = {
        "header": record.header,
        "table": [{"section": title, "rows": each} for title, each in sections],
        "measurements": record.measurements,
    }
    written = json.dumps(report, indent=1) + "\n"
    write(OUTPUT / "results.json", written)
    write(OUTPUT / "results.md", text)
    print(text, end="")
    if failures:
        sys.exit(f"results: {failures} measurements failed, nothing is published; --resume tries them again")
    if arguments.publish:
        write(PERF / "data/results.json.gz", written)
        markdown.publish(PERF / "docs/results.md", text)
