"""Files that several measurements share: where the source tree is, images, and results that are kept."""

import gzip
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PERF = ROOT / "perf"
GOLDEN = ROOT / "Tests/GlowModelTests/Golden"


def write(path: pathlib.Path, text: str) -> None:
    """The file appears whole or not at all; it is compressed where its name ends in .gz, to the same bytes for the same text."""
    part = path.with_name(path.name + ".part")
    data = text.encode()
    part.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    os.replace(part, path)


def read_json(path: pathlib.Path):
    """What a JSON file holds, compressed or not."""
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


def image_files(arguments: list[pathlib.Path], suffixes: tuple[str, ...] = (".png",)) -> list[pathlib.Path]:
    """Images, and those of folders. Ends the program where there are none, or two of one base name."""
    files = []
    for path in arguments:
        files += sorted(file for file in path.iterdir() if file.suffix in suffixes) if path.is_dir() else [path]
    if not files:
        sys.exit(f"there are no images that end in {' or '.join(suffixes)}")
    if len({file.stem for file in files}) < len(files):
        sys.exit("two images have the same base name")
    return files
