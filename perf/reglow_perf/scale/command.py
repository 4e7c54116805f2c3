"""How `reglow batch` scales: measures it on this machine, and works out from that what many would take.

    python -m reglow_perf scale measure --reglow PATH --output FILE.json    # 20 minutes on two cores
    python -m reglow_perf scale measure ... --faces FACES --photos PHOTOS   # of these images
    python -m reglow_perf scale plan FILE.json                              # a million faces, ten thousand photographs, 1 to 256 nodes
    python -m reglow_perf scale stragglers FILE.json --output FILE.svg      # when the last shard ends; needs NumPy and matplotlib

`measure` wants a quiet machine, and keeps how much of it others took. Without --faces and --photos its images are those of Examples, in
measurements of different noise: solves of one face differ less in their evaluations than those of many. With --folder it writes where you
say: on a shared file system, for example, to see what that costs.

`plan` and `stragglers` print tables in Markdown. With --publish they take their place in perf/docs/scale.md.
"""

import argparse
import json
import os
import pathlib
import tempfile

from reglow_perf.figures import style
from reglow_perf.files import PERF, ROOT, image_files, read_json, write
from reglow_perf.results.markdown import publish
from reglow_perf.scale import measuring, prediction, tables, workload

DOCUMENT = PERF / "docs/scale.md"


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reglow_perf scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser("measure", help="measures reglow batch on this machine")
    measure.add_argument(
        "--reglow", type=pathlib.Path, default=ROOT / ".build/release/reglow", help="the command (default: .build/release/reglow)"
    )
    measure.add_argument("--output", type=pathlib.Path, required=True, metavar="FILE.json")
    measure.add_argument("--images", type=positive, default=32, help="faces of each problem, as many for each core (default: %(default)s)")
    measure.add_argument(
        "--photographs", type=positive, default=2, help="photographs of each problem, as many for each core (default: %(default)s)"
    )
    measure.add_argument("--repeats", type=positive, default=3, help="of each problem (default: %(default)s)")
    measure.add_argument("--entries", type=positive, default=100000, help="of the long list whose reading is timed (default: %(default)s)")
    measure.add_argument("--faces", nargs="+", type=pathlib.Path, help="images of 64x64, or folders of them")
    measure.add_argument("--photos", nargs="+", type=pathlib.Path, help="photographs, or folders of them")
    measure.add_argument("--all", action="store_true", help="more problems of the photographs, 10 minutes more")
    measure.add_argument(
        "--folder", type=pathlib.Path, help="where images and results are written (default: the system's for temporary files)"
    )
    plan = commands.add_parser("plan", help="wall time and core hours of large jobs on many nodes")
    stragglers = commands.add_parser("stragglers", help="when the last of many shards ends")
    for command in (plan, stragglers):
        command.add_argument("measured", type=pathlib.Path)
        command.add_argument("--publish", action="store_true", help="write the tables into perf/docs/scale.md")
        add_cluster(command)
    stragglers.add_argument("--output", type=pathlib.Path, metavar="FILE.svg", help="the picture")
    stragglers.add_argument(
        "--tail", type=float, default=0.02, help="of a heavy tail: this part of the images takes 300 evaluations (default: %(default)s)"
    )
    stragglers.add_argument("--repeats", type=positive, default=400, help="(default: %(default)s)")
    return parser.parse_args()


def add_cluster(command: argparse.ArgumentParser) -> None:
    cluster = prediction.Cluster()
    command.add_argument("--cores", type=positive, default=cluster.cores, help="of a node (default: %(default)s)")
    command.add_argument("--threads", type=positive, help="of a shard (default: all cores of a node)")
    command.add_argument(
        "--names",
        type=float,
        default=cluster.names,
        help="files that the shared storage can make or rename a second (default: %(default)g)",
    )
    command.add_argument(
        "--bandwidth", type=float, default=cluster.bandwidth / 1e9, help="of the shared storage in GB/s (default: %(default)g)"
    )
    command.add_argument(
        "--task-seconds", type=float, default=cluster.task_seconds, help="of the queue for each task (default: %(default)g)"
    )


def cluster_of(arguments: argparse.Namespace) -> prediction.Cluster:
    return prediction.Cluster(
        cores=arguments.cores,
        threads=arguments.threads or arguments.cores,
        names=arguments.names,
        bandwidth=arguments.bandwidth * 1e9,
        task_seconds=arguments.task_seconds,
    )


def measure(arguments: argparse.Namespace) -> None:
    # As many for each process.
    processors = len(os.sched_getaffinity(0))
    faces, photographs = (-(-count // processors) * processors for count in (arguments.images, arguments.photographs))
    loads = workload.loads(faces, photographs, arguments.all)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = pathlib.Path(name)
        truths = measuring.default_truths(arguments.reglow, folder)
        for kind, given in (("faces", arguments.faces), ("photos", arguments.photos)):
            if given:
                truths[kind] = image_files(given, (".png", ".jpg"))
        settings = {"repeats": arguments.repeats} | {
            f"{kind}_images": "given" if given else "Examples" for kind, given in (("faces", arguments.faces), ("photos", arguments.photos))
        }
        report = measuring.measure(arguments.reglow, folder, loads, truths, arguments.entries, arguments.repeats, settings)
    write(arguments.output, text_of(report))


def text_of(report: dict) -> str:
    """JSON with a load on a line."""
    loads = ",\n".join("  " + json.dumps(load) for load in report["loads"])
    rest = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in report.items() if name != "loads"]
    return "{\n" + ",\n".join([*rest, f' "loads": [\n{loads}\n ]']) + "\n}\n"


def straggle(arguments: argparse.Namespace) -> None:
    from reglow_perf.scale import stragglers_report

    report = stragglers_report.simulated(read_json(arguments.measured), cluster_of(arguments), arguments.tail, arguments.repeats)
    print(text := stragglers_report.table(report), end="")
    if arguments.publish:
        publish(DOCUMENT, text, "stragglers")
    if arguments.output:
        # What was worked out is told before the library that draws it may be missing.
        style.require()
        from reglow_perf.figures import stragglers_figure

        stragglers_figure.draw(report, arguments.output)


def plan(arguments: argparse.Namespace) -> None:
    report = read_json(arguments.measured)
    texts = {"measured": tables.measured(report), "plan": tables.planned(report, cluster_of(arguments))}
    print("\n".join(texts.values()), end="")
    for name, text in texts.items() if arguments.publish else ():
        publish(DOCUMENT, text, name)


def main() -> None:
    arguments = parse_arguments()
    {"measure": measure, "plan": plan, "stragglers": straggle}[arguments.command](arguments)
