"""What the simulation of stragglers says of the large jobs, as a table and for the picture."""

from reglow_perf.scale import prediction, tables
from reglow_perf.scale.prediction import Cluster, Machine
from reglow_perf.scale.stragglers import MOST_EVALUATIONS, Nodes, simulate

NODES = (4, 16, 64, 256)
ROUNDS = (1, 2, 4, 8, 16)
KINDS = [Nodes("all nodes alike"), Nodes("speeds differ by 5 %", 0.05), Nodes("and one node is half as fast", 0.05, 1)]
EXAMPLES = {"faces": "deblur", "photos": "deblur-window"}
# Of the table; the picture has all.
SHOWN = 64


def simulated(report: dict, cluster: Cluster, tail: float, repeats: int) -> dict:
    """For each job, each kind of nodes and each number of nodes: the points over ROUNDS.

    And with a heavy tail: for nodes that are alike, where this part of the images takes all evaluations that a solve may have.
    """
    machine = Machine.of(report)
    jobs = []
    for kind, images in tables.JOBS.items():
        found = [load for load in report["loads"] if (load["kind"], load["problem"]) == (kind, EXAMPLES[kind])]
        if not found:
            continue
        evaluations = found[0]["evaluations"]
        # Of a node of all cores, with one shard at a time.
        seconds = min(prediction.work(found[0])) / (cluster.cores * machine.efficiency(kind, cluster.cores))
        fixed = (machine.start + machine.listing * images + cluster.task_seconds) / seconds
        kinds: dict[str, list] = {each.name: [] for each in KINDS}
        for nodes in NODES:
            late = simulate(evaluations, images, nodes, ROUNDS, KINDS, fixed=fixed, tail=0, repeats=repeats)
            for name, points in late.items():
                kinds[name].append((nodes, points))
        tailed = simulate(evaluations, images, SHOWN, ROUNDS, KINDS[:1], fixed=fixed, tail=tail, repeats=repeats)
        jobs.append({"title": f"{images:,} {kind}", "kinds": kinds, "tail": tailed[KINDS[0].name]})
    return {"rounds": list(ROUNDS), "tail": tail, "jobs": jobs}


def table(report: dict) -> str:
    """Of SHOWN nodes."""
    head = (f"{SHOWN} nodes", *(f"{rounds} shard{'s' if rounds > 1 else ''} a node" for rounds in report["rounds"]))
    rows = []
    for job in report["jobs"]:
        lines = {kind: dict(lines)[SHOWN] for kind, lines in job["kinds"].items()}
        tailed = {f"{KINDS[0].name}, {100 * report['tail']:g} % of the images take {MOST_EVALUATIONS} evaluations": job["tail"]}
        for words, points in (tailed | lines).items():
            rows.append([f"{job['title']}, {words}", *(f"{median:.2f}, {highest:.2f}" for median, highest in points)])
    return tables.table(head, rows)
