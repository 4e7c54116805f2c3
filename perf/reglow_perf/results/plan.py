"""Which measurements the table is made of, in the order in which they are taken."""

import dataclasses

PAPER_FILE = ".build/results/paper-size.safetensors"
PRECISIONS = ("fp32", "bf16")
SIZES = ((64, 64), (128, 128), (512, 512), (512, 768))
LARGE = (1088, 1920)
BATCHES = (1, 2, 4, 8, 16, 32)


@dataclasses.dataclass(frozen=True)
class Model:
    name: str
    words: str
    # What `reglow bench` takes, and what a peer takes.
    options: tuple[str, ...]
    file: str
    # The batch that is measured beside 1.
    batch: int
    # 10^9 operations of an iteration on one 64x64 image; only to choose the number of repeats.
    gflop: float


PAPER = Model("paper", "paper's network, L 4, K 32, h 512", ("--random", "4,32,512"), PAPER_FILE, 6, 59.3)
BOOTSTRAP = Model("bootstrap", "shipped prior, L 4, K 16, h 128", (), "Models/faces64-bootstrap.safetensors", 8, 3.16)
MODELS = (PAPER, BOOTSTRAP)


@dataclasses.dataclass(frozen=True)
class Pace:
    """How long to measure: seconds of one `reglow bench`, and bounds for its repeats."""

    seconds: float
    least_repeats: int
    most_repeats: int
    peer_repeats: int
    peer_seconds: float
    quick: bool

    def repeats(self, seconds: float) -> int:
        """For an iteration of so many seconds; one that takes long needs few to be exact."""
        least = self.least_repeats if seconds < 4 else 1
        return max(least, min(self.most_repeats, round(self.seconds / (2 * seconds))))


FULL = Pace(seconds=6, least_repeats=3, most_repeats=100, peer_repeats=20, peer_seconds=5, quick=False)
QUICK = Pace(seconds=1, least_repeats=1, most_repeats=20, peer_repeats=5, peer_seconds=2, quick=True)


@dataclasses.dataclass(frozen=True)
class Task:
    """One process to run and read. `key` is how rows find it."""

    key: str
    # "bench" and "restore" are calls of reglow, "peak" is perf/peak, "pytorch" and "jax" are the peers' commands.
    tool: str
    arguments: tuple[str, ...]
    # The peer's task whose fastest variants are timed here; all are where there is none.
    variants_of: str | None = None
    variants: int = 0


def bench_key(model: Model, precision: str, batch: int = 1, threads: int = 2, size=(64, 64)) -> str:
    return f"reglow {model.name} {precision} batch {batch} threads {threads} {size[0]}x{size[1]}"


def peer_key(peer: str, model: Model, precision: str, batch: int = 1, threads: int = 2) -> str:
    return f"{peer} {model.name} {precision} batch {batch} threads {threads}"


def restore_key(precision: str) -> str:
    return f"restore paper {precision}"


def parts_key(precision: str) -> str:
    return f"parts bootstrap {precision}"


COMPILED_KEY = "pytorch {} {} compiled"
# Ends the key of the second measurement of the same thing.
AGAIN = ", again"


def bench(pace: Pace, model: Model, precision: str, batch: int = 1, threads: int = 2, size=(64, 64)) -> Task:
    speed = 100 * threads * (2 if precision == "bf16" else 1)
    seconds = model.gflop * batch * size[0] * size[1] / 64**2 / speed
    arguments = (*model.options, "--precision", precision, "--threads", str(threads))
    arguments += ("--batch", str(batch)) if batch != 1 else ()
    arguments += ("--size", f"{size[0]}x{size[1]}") if size != (64, 64) else ()
    key = bench_key(model, precision, batch, threads, size)
    return Task(key, "bench", (*arguments, "--repeats", str(pace.repeats(seconds))))


def restore(precision: str) -> Task:
    return Task(
        restore_key(precision),
        "restore",
        (
            "Examples/astronaut-face-64.png",
            "--problem",
            "deblur",
            "--border",
            "periodic",
            "--noise",
            "0.01",
            "--prior",
            PAPER_FILE,
            "--precision",
            precision,
            "--max-evaluations",
            "10",
            "--quiet",
            "--output",
            ".build/results/restored.png",
        ),
    )


def peer(pace: Pace, name: str, model: Model, precision: str, batch: int = 1, threads: int = 2, **variants) -> Task:
    arguments = ("--model", model.file, "--method", "analysis", "--precision", precision, "--threads", str(threads))
    arguments += ("--batch", str(batch)) if batch != 1 else ()
    arguments += ("--repeats", str(pace.peer_repeats), "--seconds", f"{pace.peer_seconds:g}")
    return Task(peer_key(name, model, precision, batch, threads), name, arguments, **variants)


def engine_tasks(pace: Pace, threads: int) -> list[Task]:
    tasks = [Task("peak", "peak", ("--threads", str(threads)))]
    for model in MODELS:
        for precision in PRECISIONS:
            for batch in (1, model.batch):
                tasks += [bench(pace, model, precision, batch, count) for count in (threads, 1)]
    # What the loop above has already measured is there once.
    tasks += [bench(pace, BOOTSTRAP, "fp32", batch, threads) for batch in BATCHES]
    sizes = SIZES if pace.quick else (*SIZES, LARGE)
    tasks += [bench(pace, BOOTSTRAP, "fp32", 1, threads, size) for size in sizes]
    tasks += [restore(precision) for precision in PRECISIONS]
    for precision in PRECISIONS:
        arguments = ("--parts", "--precision", precision, "--threads", str(threads), "--repeats", str(pace.most_repeats // 2))
        tasks.append(Task(parts_key(precision), "bench", arguments))
    return list({task.key: task for task in tasks}.values())


def again(pace: Pace, tasks: list[Task]) -> list[Task]:
    """Reglow on one small image a second time, minutes later: neighbours on the host, whom no count in the guest shows, go."""
    return (
        []
        if pace.quick
        else [
            dataclasses.replace(task, key=task.key + AGAIN)
            for task in tasks
            if task.tool == "bench" and not {"--batch", "--size"} & set(task.arguments)
        ]
    )


def peer_tasks(pace: Pace, threads: int, peers: list[str], compiled: bool) -> list[Task]:
    """All variants at batch 1; for batches those that were fastest there, and with one thread PyTorch's fastest."""
    if pace.quick:
        return quick_peer_tasks(pace, threads, peers)
    batched = {"pytorch": 3, "jax": 1}
    tasks = []
    for name in peers:
        for model in MODELS:
            for precision in PRECISIONS:
                single = peer_key(name, model, precision, 1, threads)
                tasks.append(peer(pace, name, model, precision, 1, threads))
                fastest = {"variants_of": single, "variants": batched[name]}
                tasks.append(peer(pace, name, model, precision, model.batch, threads, **fastest))
                if name == "pytorch" and threads > 1:
                    tasks.append(peer(pace, name, model, precision, 1, 1, variants_of=single, variants=1))
    if compiled and "pytorch" in peers:
        tasks += [compiled_task(pace, model, precision, threads) for model in MODELS for precision in PRECISIONS]
    return tasks


def compiled_task(pace: Pace, model: Model, precision: str, threads: int) -> Task:
    """torch.compile of the two layouts of plain convolutions: what it is made for, at a minute or two each."""
    task = peer(pace, "pytorch", model, precision, 1, threads)
    reached = "fp32" if precision == "fp32" else "bf16-weights"
    names = [f"{reached} {layout} convolution compiled retain" for layout in ("nchw", "channels_last")]
    arguments = task.arguments + ("--compile",) + tuple(part for name in names for part in ("--variant", name))
    return dataclasses.replace(task, key=COMPILED_KEY.format(model.name, precision), arguments=arguments)


def quick_peer_tasks(pace: Pace, threads: int, peers: list[str]) -> list[Task]:
    """One variant of each, which need not be the fastest; JAX for the shipped prior alone."""
    names = {
        "pytorch": {"fp32": "fp32 nchw convolution retain", "bf16": "bf16-weights channels_last convolution retain"},
        "jax": {"fp32": "fp32 nhwc taps retain", "bf16": "bf16 nhwc taps retain"},
    }
    tasks = []
    for name in peers:
        for model in MODELS if name == "pytorch" else (BOOTSTRAP,):
            for precision in PRECISIONS:
                task = peer(pace, name, model, precision, 1, threads)
                variant = ("--variant", names[name][precision])
                tasks.append(dataclasses.replace(task, arguments=task.arguments + variant))
    return tasks
