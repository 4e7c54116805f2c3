"""Draws the report of `Machine roofline`: the product kernel on every layer of both models under the machine's roof.

python -m reglow_perf roofline REPORT.json OUTPUT.svg
"""

import argparse
import pathlib
import sys

from reglow_perf.figures import style
from reglow_perf.files import read_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    report = read_json(arguments.report)
    if not report.get("products"):
        sys.exit(f"roofline: {arguments.report} holds no products: it was not written by Machine roofline")
    style.require()
    from reglow_perf.figures import roofline_figure

    roofline_figure.draw(report, arguments.output)
