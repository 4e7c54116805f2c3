"""The structs and numbers of the package are those of reglow.h."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reglow import _library, _version
from reglow import _structures as s

HEADERS = [
    Path(__file__).resolve().parents[2] / "Sources" / "CReglow" / "include" / "reglow.h",
    Path("/usr/local/include/reglow.h"),
    Path("/usr/include/reglow.h"),
]
STRUCTS = {
    "reglow_shape": s.Shape,
    "reglow_model_facts": s.ModelFacts,
    "reglow_point_facts": s.PointFacts,
    "reglow_operator": s.Operator,
    "reglow_scene": s.Scene,
    "reglow_iterate": s.Iterate,
    "reglow_restore_options": s.RestoreOptions,
    "reglow_measurements": s.Measurements,
    "reglow_result_facts": s.ResultFacts,
    "reglow_path_step": s.PathStep,
    "reglow_posterior_options": s.PosteriorOptions,
    "reglow_posterior_facts": s.PosteriorFacts,
    "reglow_training_record": s.TrainingRecord,
    "reglow_training_outcome": s.TrainingOutcome,
    "reglow_train_options": s.TrainOptions,
    "reglow_import_options": s.ImportOptions,
}
WORDS = {
    "reglow_precision": s.PRECISIONS,
    "reglow_coupling": s.COUPLINGS,
    "reglow_border": s.BORDERS,
    "reglow_centre": s.CENTRES,
    "reglow_rule": s.RULES,
    "reglow_minimizer": s.SOLVERS,
    "reglow_formulation": s.METHODS,
    "reglow_gradients": s.GRADIENTS,
    "reglow_start": s.STARTS,
    "reglow_stop": s.STOPS,
    "reglow_certainty": s.CERTAINTIES,
    "reglow_verdict": s.VERDICTS,
    "reglow_training_ending": s.ENDINGS,
}
# Words that the command has otherwise than the header.
OTHERWISE = {"gd": "gradient-descent", "model": "of-model", "mass": "mass"}


@pytest.fixture(scope="module")
def header():
    found = [path for path in HEADERS if path.exists()]
    if not found:
        pytest.skip("reglow.h is neither beside the package nor installed")
    return found[0]


def test_structs_have_the_header_s_layout(header, tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("there is no C compiler to ask for the layout of structs")
    lines = []
    for name, struct in STRUCTS.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        lines += [f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));' for field, *_ in struct._fields_]
    source = tmp_path / "layout.c"
    source.write_text(f'#include <stdio.h>\n#include "{header}"\nint main(void) {{ {" ".join(lines)} return 0; }}\n')
    subprocess.run([compiler, "-std=c99", "-o", str(tmp_path / "layout"), str(source)], check=True)
    said = subprocess.run([str(tmp_path / "layout")], check=True, capture_output=True, text=True).stdout
    ours = []
    for name, struct in STRUCTS.items():
        ours.append(f"{name} {s.ctypes.sizeof(struct)}")
        ours += [f"{name}.{field} {getattr(struct, field).offset}" for field, *_ in struct._fields_]
    assert said.splitlines() == ours


def test_every_field_and_every_function_is_known(header):
    text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
    for name, struct in STRUCTS.items():
        body = re.search(rf"typedef struct {name} {{(.*?)}} {name};", text, re.S)
        assert body is not None, name
        fields = re.findall(r"\(\*(\w+)\)\(|(\w+)(?:\[[^\]]*\])?;", body[1])
        names = [pointer or plain for pointer, plain in fields]
        assert sorted(names) == sorted(field for field, *_ in struct._fields_), name
    functions = set(re.findall(r"\breglow_(\w+)\(", text)) - {"status"}
    assert functions == {*_library._CALLS, *_library._VALUES}


def test_enumerations_have_the_header_s_order(header):
    text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
    for name, words in WORDS.items():
        body = re.search(rf"typedef enum {name} {{(.*?)}} {name};", text, re.S)
        assert body is not None, name
        values = re.findall(r"REGLOW_(\w+) = (\d+)", body[1])
        assert [int(number) for _, number in values] == list(range(len(words))), name
        for (constant, _), word in zip(values, words):
            if word is not None:
                assert constant.lower().replace("_", "-").endswith(OTHERWISE.get(word, word)), (name, constant, word)


def test_the_version_is_that_of_the_header_and_of_the_library(header):
    numbers = re.findall(r"#define REGLOW_VERSION_\w+ (\d+)", header.read_text())
    assert ".".join(numbers) == _version.__version__ == _library.library().reglow_version().decode()
