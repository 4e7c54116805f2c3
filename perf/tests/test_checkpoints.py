"""`reglow import` on checkpoints of every family in sizes, options and containers of all kinds, against the families' formulas."""

import collections
import io
import itertools
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

from tests import require

require("torch", "safetensors", "numpy")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from reglow_perf import engine  # noqa: E402
from reglow_perf.checkpoints import blocks, files, flat, flow, others  # noqa: E402


def made(kind, steps=(2, 1), hidden=6, affine=True, source_affine=False, channels=3, size=(16, 24), seed=5, **options):
    """A model of random weights in float32, whose priors and borders do something."""
    generator = torch.Generator().manual_seed(seed)
    source = flow.random(list(steps), hidden, source_affine, generator, channels)
    model = kind.of(source, generator, size, affine, **options)
    for key, tensor in model.state.items():
        if tensor.is_floating_point() and not tensor.any() and not key.endswith(("_mask", "w_l", "w_u", "prior_h")) and tensor.dim() > 1:
            model.state[key] = 0.1 * torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
    return model.copy(torch.float32)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not engine.REGLOW.exists():
            raise unittest.SkipTest(f"no {engine.REGLOW}")

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def call(self, *arguments):
        return subprocess.run([engine.REGLOW, *map(str, arguments)], capture_output=True, text=True, timeout=120)

    def imported(self, path, settings=(), *more):
        words = [word for setting in settings for word in ("--set", setting)]
        return self.call("import", path, "--output", self.folder / "model.safetensors", "--json", "-", *words, *more)

    def expect_map(self, path, model, settings=None, *more, size=(16, 24), bound=2e-5):
        """The file imports to the map that the formulas have."""
        child = self.imported(path, files.settings(model) if settings is None else settings, *more)
        self.assertEqual(child.returncode, 0, f"{path.name}: {child.stderr}")
        generator = torch.Generator().manual_seed(9)
        images = torch.rand(2, model.channels // 4, *size, generator=generator) - 0.5
        golden = self.folder / "g.golden.safetensors"
        files.save_golden(model, images, golden)
        verified = self.call("verify", "--model", self.folder / "model.safetensors", "--golden", golden, "--tolerance", bound)
        self.assertEqual(verified.returncode, 0, f"{path.name}: {verified.stdout}{verified.stderr}")
        return json.loads(child.stdout)

    def expect_refused(self, path, words, settings=(), *more):
        (self.folder / "model.safetensors").unlink(missing_ok=True)
        child = self.imported(path, settings, *more)
        self.assertEqual(child.returncode, 1, f"{path.name}: {child.stdout}{child.stderr}")
        self.assertIn(words, child.stderr)
        self.assertFalse((self.folder / "model.safetensors").exists())


class FamilyTests(Case):
    def test_the_map_of_a_flow_is_that_of_its_checkpoint(self):
        """What `Family.of` makes of a flow has the flow's density."""
        generator = torch.Generator().manual_seed(2)
        images = torch.rand(2, 3, 16, 16, generator=generator, dtype=torch.float64) - 0.5
        for source_affine in (False, True):
            source = flow.random([2, 2], 5, source_affine, generator)
            truth = flat.Y0ast.of(source, generator, (16, 16), source_affine).bits_per_dimension(images)
            for kind in files.FAMILIES:
                if source_affine and (kind.scales_first or kind is blocks.Dajin):
                    continue
                for affine in {True, source_affine}:
                    found = kind.of(source, generator, (16, 16), affine).bits_per_dimension(images)
                    torch.testing.assert_close(found, truth, rtol=1e-9, atol=1e-9, msg=kind.name)

    def test_every_family_in_many_sizes(self):
        for kind in files.FAMILIES:
            for index, (steps, hidden, channels) in enumerate([((1,), 1, 3), ((3, 1), 17, 1), ((1, 2, 1, 1), 4, 3), ((2, 2, 2), 33, 3)]):
                if kind is others.GlowIP:
                    steps = (*steps[:-1], 1) if steps[-1] == 1 else steps
                for affine in (False, True):
                    with self.subTest(kind.name, steps=steps, affine=affine):
                        multiple = 2 ** (len(steps) + 1)
                        size = (multiple, 2 * multiple)
                        model = made(kind, steps, hidden, affine, channels=channels, size=size, seed=index)
                        path = self.folder / f"{kind.name}{kind.suffix}"
                        files.save(model, path)
                        # An inverse divides by the scales of this family, which are e^0.9 and more.
                        report = self.expect_map(path, model, size=size, bound=1e-4 if kind is blocks.Dajin else 2e-5)
                        self.assertEqual(report["family"], kind.name)
                        self.assertEqual(report["architecture"]["steps"], model.steps)

    def test_options(self):
        cases = [
            (blocks.Rosinality, {"uses_factors": False}, None),
            (flat.Y0ast, {"uses_factors": True}, None),
            (flat.Y0ast, {"learns_top": False}, None),
            (flat.Chaiyujin, {"uses_factors": True}, None),
            (flat.Chaiyujin, {"learns_top": False}, None),
            (others.Normflows, {"base": "none"}, None),
            (others.Normflows, {"base": "glow"}, None),
            (others.Normflows, {"has_actnorms": True}, None),
            (others.Normflows, {"uses_factors": False}, None),
            (others.Normflows, {"scale_map": "exp"}, None),
            (others.Normflows, {"scale_map": "inverse-sigmoid"}, None),
            (others.OpenAI, {"learns_top": False}, None),
            (flat.PCLucas, {"learns_top": False}, None),
            (others.GlowIP, {"last_offset": 0.0}, None),
            (others.GlowIP, {"squeeze": "contiguous"}, None),
            (others.GlowIP, {"scale_offset": 0.5, "last_offset": 0.0}, None),
            (others.GlowIP, {"squeeze": "contiguous-but-last"}, None),
            (others.GlowIP, {"squeeze": "contiguous-but-last", "last_offset": 0.0}, None),
        ]
        for kind, options, settings in cases:
            with self.subTest(kind.name, **options):
                model = made(kind, (2, 2), **options)
                path = self.folder / f"{kind.name}{kind.suffix}"
                files.save(model, path)
                self.expect_map(path, model, settings)

    def test_an_offset_that_is_given(self):
        for kind in files.FAMILIES:
            with self.subTest(kind.name):
                model = made(kind)
                path = self.folder / f"{kind.name}{kind.suffix}"
                files.save(model, path)
                model.offset = 0.25
                self.expect_map(path, model, [*files.settings(model), "input-offset=0.25"])

    def test_permutations(self):
        """Without 1x1 convolutions: reversed by a setting, or by what the file has."""
        for kind in (flat.Y0ast, flat.Chaiyujin):
            model = made(kind)
            reverse = {key: tensor for key, tensor in model.state.items() if "invconv" not in key}
            for key in [key for key in model.state if key.endswith("invconv.weight")]:
                model.state[key] = torch.eye(len(model.state[key])).flip(0)
            path = self.folder / f"{kind.name}{kind.suffix}"
            torch.save(reverse, path)
            self.expect_refused(path, "permutation=reverse")
            config = self.folder / "hparams.json"
            config.write_text('{"flow_permutation": "shuffle"}')
            self.expect_refused(path, "lost", [], "--config", config)
            self.expect_map(path, model, ["permutation=reverse"])
            config.write_text('{"flow_permutation": "reverse"}')
            self.expect_map(path, model, [], "--config", config)

        model = made(flat.PCLucas)
        state = dict(model.state)
        for key in [key for key in state if state[key].dim() == 4 and state[key].shape[2:] == (1, 1) and "NN" not in key]:
            c = len(state.pop(key))
            order = torch.randperm(c, generator=torch.Generator().manual_seed(c))
            model.state[key] = torch.eye(c)[order].reshape(c, c, 1, 1)
            name = key.removesuffix("weight")
            state[name + "indices"], state[name + "rev_indices"] = order, order.argsort()
        path = self.folder / "pclucas.pth"
        torch.save(state, path)
        self.expect_map(path, model)

        model = made(others.OpenAI)
        for shuffled in (False, True):
            state = {key: tensor.numpy() for key, tensor in model.state.items() if "invconv" not in key}
            for key in [key for key in model.state if "invconv" in key]:
                c = len(model.state[key])
                order = torch.randperm(c, generator=torch.Generator().manual_seed(c)) if shuffled else torch.arange(c).flip(0)
                model.state[key] = torch.eye(c)[order].t().contiguous()
                if shuffled:
                    state[key.replace("invconv/W", "shuffle/indices")] = order.numpy().astype(np.int32)
                    state[key.replace("invconv/W", "shuffle/indices_inverse")] = order.argsort().numpy().astype(np.int32)
            path = self.folder / "openai.npz"
            np.savez(path, **state)
            self.expect_map(path, model)

    def test_classes(self):
        """A class shifts the prior of the last level."""
        generator = torch.Generator().manual_seed(4)
        for kind, name in ((flat.Y0ast, "project_ycond.linear."), (flat.Chaiyujin, "project_ycond.")):
            model = made(kind)
            c = model.channels << 1
            weight, bias = torch.randn(2 * c, 5, generator=generator) / 5, torch.randn(2 * c, generator=generator) / 5
            logs = torch.randn(2 * c, 1, 1, generator=generator) / 9
            path = self.folder / f"{kind.name}{kind.suffix}"
            state = {**model.state, name + "weight": weight, name + "bias": bias, "project_ycond.logs": logs.reshape(-1)}
            torch.save(state, path)
            self.expect_refused(path, "class=0 to class=4")
            self.expect_refused(path, "no class 5", ["class=5"])
            top = model.prior_name(1)
            inner = model.last_nested(top) + "bias"
            scale = torch.exp(3 * model.state[top + "logs"].reshape(-1))
            change = (weight[:, 3] + bias) * torch.exp(3 * logs.reshape(-1))
            model.state[inner] = model.state[inner] + change / scale
            self.expect_map(path, model, ["class=3"])
        model = made(others.OpenAI)
        c = model.channels << 1
        weight, bias = torch.randn(4, 2 * c, generator=generator) / 5, torch.randn(1, 2 * c, generator=generator) / 5
        embedding = {"prior/y_emb/W": weight, "prior/y_emb/b": bias, "prior/y_emb/logs": torch.zeros(1, 2 * c)}
        path = self.folder / "openai.npz"
        np.savez(path, **{key: tensor.numpy() for key, tensor in {**model.state, **embedding}.items()})
        self.expect_refused(path, "class")
        scale = torch.exp(3 * model.state["prior/p/logs"].reshape(-1))
        model.state["prior/p/b"] = model.state["prior/p/b"] + ((weight[2] + bias.reshape(-1)) / scale).reshape(1, 1, 1, -1)
        self.expect_map(path, model, ["class=2"])
        model = made(others.Normflows)
        state = dict(model.state)
        for key in [key for key in state if key.startswith("q0.")]:
            other = torch.randn(*state[key].shape[1:], 3, generator=generator)
            other[..., 1] = state[key][0]
            state[key] = other
        path = self.folder / "normflows.pth"
        torch.save(state, path)
        self.expect_refused(path, "class")
        self.expect_map(path, model, ["scale-map=sigmoid", "class=1"])
        self.expect_refused(self.saved(made(flat.PCLucas)), "no class", ["class=1"])

    def saved(self, model):
        path = self.folder / f"{model.name}{model.suffix}"
        files.save(model, path)
        return path


class ContainerTests(Case):
    def test_types_of_numbers(self):
        for kind in (blocks.Rosinality, others.Kamen, others.Normflows, flat.PCLucas):
            for dtype in (torch.float64, torch.float16, torch.bfloat16):
                model = made(kind)
                kept = {"w_p", "s_sign"}
                for key, tensor in model.state.items():
                    if tensor.is_floating_point() and key.split(".")[-1] not in kept:
                        model.state[key] = tensor.to(dtype)
                twin = model.copy(torch.float64)
                for form in ("zip", "legacy", "safetensors"):
                    with self.subTest(kind.name, dtype=dtype, form=form):
                        path = self.folder / "c.pt"
                        if form == "safetensors":
                            path = self.folder / "c.safetensors"
                            save_file({key: tensor.contiguous() for key, tensor in model.state.items()}, path)
                        else:
                            torch.save(model.state, path, _use_new_zipfile_serialization=form == "zip")
                        self.expect_map(path, twin)

    def test_protocols_wrappers_and_company(self):
        """A state dict in dictionaries, with what training scripts keep beside it."""
        model = made(blocks.Rosinality)
        state = model.state
        parameters = [torch.nn.Parameter(tensor.clone()) for tensor in state.values() if tensor.is_floating_point()][:4]
        optimizer = torch.optim.Adam(parameters)
        sum(parameter.sum() for parameter in parameters).backward()
        optimizer.step()
        company = {
            "optimizer": optimizer.state_dict(),
            "scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 3).state_dict(),
            "rng": torch.get_rng_state(),
            "numpy": np.random.default_rng(1).bit_generator.state,
            "mersenne": np.random.RandomState(3).get_state(),
            "loss": np.float64(1.5),
            "array": np.arange(6.0),
            "path": pathlib.Path("runs"),
            "words": {"a", "b"},
            "frozen": frozenset({1, 2}),
            "bytes": b"\x00\xff",
            "array of bytes": bytearray(b"abc"),
            "counts": collections.Counter("abca"),
            "default": collections.defaultdict(list, {1: [2]}),
            "complex": 1 + 2j,
            "large": 1 << 200,
            "negative": -(1 << 70),
            "range": range(3),
            "size": torch.Size([2, 3]),
            "type": torch.float32,
            "device": torch.device("cpu"),
            "complex tensor": torch.zeros(2, dtype=torch.complex64),
            "small floats": torch.zeros(2, dtype=torch.float8_e4m3fn),
            "unsigned": torch.zeros(2, dtype=torch.uint16),
            "sparse": torch.eye(3).to_sparse(),
            "quantized": torch.quantize_per_tensor(torch.zeros(3), 0.1, 0, torch.qint8),
            "meta": torch.zeros(2, device="meta"),
            "empty": torch.zeros(0, 3),
            "parameter": torch.nn.Parameter(torch.zeros(2)),
            "none": None,
            "long text": "x" * 3000,
            "tuple": (1, (2, [3, {"a": ()}])),
        }
        loop = {}
        loop["self"] = loop
        company["loop"] = loop
        rings = []
        rings.append((rings,))
        company["rings"] = rings
        for protocol in (2, 3, 4, 5):
            for legacy in (False, True):
                for key in ("model", "state_dict", "ema"):
                    with self.subTest(protocol=protocol, legacy=legacy, key=key):
                        path = self.folder / "c.pt"
                        beside = dict(company)
                        if legacy:
                            # What this form of torch.save refuses.
                            for name in ("small floats", "unsigned"):
                                del beside[name]
                        torch.save(
                            {"epoch": 3, key: state, **beside}, path, pickle_protocol=protocol, _use_new_zipfile_serialization=not legacy
                        )
                        report = self.expect_map(path, model)
                        self.assertEqual(report["place"], key)
        for name, thing in company.items():
            with self.subTest(name):
                torch.save({"model": state, name: thing}, self.folder / "c.pt")
                self.expect_map(self.folder / "c.pt", model)

    def test_prefixes(self):
        model = made(blocks.Rosinality)
        for prefix in ("module.", "module.module.", "_orig_mod.", "net.glow."):
            with self.subTest(prefix):
                path = self.folder / "c.pt"
                torch.save({prefix + key: tensor for key, tensor in model.state.items()}, path)
                self.assertEqual(self.expect_map(path, model)["prefix"], prefix)

    def test_a_file_without_flags(self):
        """Older code had none: what is trained shows in the actnorms."""
        model = made(blocks.Rosinality)
        path = self.folder / "c.pt"
        torch.save({key: tensor for key, tensor in model.state.items() if "initialized" not in key}, path)
        self.expect_map(path, model)

    def test_strides_and_shared_storages(self):
        for legacy in (False, True):
            model = made(others.Kamen)
            state = model.state
            floats = [key for key, tensor in state.items() if tensor.is_floating_point()]
            one = torch.cat([state[key].reshape(-1) for key in floats])
            places = np.cumsum([0, *(state[key].numel() for key in floats)])
            ways = {
                "one storage": {key: one[a:b].view(state[key].shape) for key, a, b in zip(floats, places, places[1:])},
                "transposed": {key: state[key].transpose(0, -1).contiguous().transpose(0, -1) for key in floats if state[key].dim() > 1},
                "channels last": {key: state[key].contiguous(memory_format=torch.channels_last) for key in floats if state[key].dim() == 4},
                "every second": {key: torch.stack((state[key], state[key] * 0), dim=-1)[..., 0] for key in floats},
                "with company": {key: torch.cat((state[key].reshape(-1), torch.ones(7)))[:-7].view(state[key].shape) for key in floats},
                "parameters": {key: torch.nn.Parameter(state[key]) for key in floats},
                "ordered": collections.OrderedDict(state),
            }
            for name, changed in ways.items():
                with self.subTest(name, legacy=legacy):
                    path = self.folder / "c.pt"
                    torch.save({**state, **changed}, path, _use_new_zipfile_serialization=not legacy)
                    self.expect_map(path, model)
            with self.subTest("expanded", legacy=legacy):
                wide = {key: torch.full((1,), 0.01).expand(state[key].shape) for key in floats if key.endswith("log_scale_factor")}
                model.state = {**state, **wide}
                torch.save(model.state, self.folder / "c.pt", _use_new_zipfile_serialization=not legacy)
                self.expect_map(self.folder / "c.pt", model)

    def test_arrays_of_numpy(self):
        model = made(others.OpenAI)
        arrays = {key: tensor.numpy() for key, tensor in model.state.items()}
        company = {
            "global_step": np.int64(7),
            "names": np.array(["a", "b"]),
            "object": np.array([{}], dtype=object),
            "flag": np.array(True),
        }
        half = {key: values.astype(np.float16) for key, values in arrays.items()}
        halved = model.copy(torch.float64)
        halved.state = {key: torch.from_numpy(values.astype(np.float64)) for key, values in half.items()}
        ways = {
            "stored": (np.savez, arrays, model),
            "deflated": (np.savez_compressed, arrays, model),
            "columns first": (np.savez, {key: np.asfortranarray(values) for key, values in arrays.items()}, model),
            "doubles": (np.savez, {key: values.astype(np.float64) for key, values in arrays.items()}, model),
            "halves": (np.savez_compressed, half, halved),
            "prefixed": (np.savez, {f"model/{key}": values for key, values in arrays.items()}, model),
            "outputs": (np.savez, {f"model/{key}:0": values for key, values in arrays.items()}, model),
        }
        for name, (save, values, twin) in ways.items():
            with self.subTest(name):
                path = self.folder / "c.npz"
                averages = {f"{key}/ExponentialMovingAverage": array * 0 for key, array in list(values.items())[:3] if ":" not in key}
                save(path, **values, **averages, **company)
                self.expect_map(path, twin)
        np.savez(self.folder / "b.npz", **{key: values.astype(">f4") for key, values in arrays.items()})
        self.expect_refused(self.folder / "b.npz", ">f4")
        torch_model = made(flat.Y0ast)
        np.savez_compressed(self.folder / "y.npz", **{key: tensor.numpy() for key, tensor in torch_model.state.items()})
        self.expect_map(self.folder / "y.npz", torch_model)


class RefusalTests(Case):
    def test_two_models_in_one_file(self):
        model = made(blocks.Rosinality)
        path = self.folder / "c.pt"
        torch.save({"model": model.state, "ema": {key: tensor + 0 for key, tensor in model.state.items()}}, path)
        self.expect_refused(path, "2 models")
        torch.save({**{"a." + key: tensor for key, tensor in model.state.items()}, **model.state}, path)
        self.expect_refused(path, "2 models")

    def test_numbers_that_are_none(self):
        for value in (float("nan"), float("inf")):
            for key in ("blocks.0.flows.0.coupling.net.2.weight", "blocks.0.flows.0.actnorm.loc", "blocks.1.prior.conv.bias"):
                model = made(blocks.Rosinality)
                model.state[key].view(-1)[1] = value
                path = self.folder / "c.pt"
                files.save(model, path)
                self.expect_refused(path, key)
        for key, number in (
            ("blocks.0.flows.0.actnorm.scale", 0.0),
            ("blocks.0.flows.0.invconv.w_s", 900.0),
            ("blocks.0.flows.0.invconv.w_s", -30.0),
        ):
            model = made(blocks.Rosinality)
            model.state[key].view(-1)[1] = number
            path = self.folder / "c.pt"
            files.save(model, path)
            self.expect_refused(path, "blocks.0.flows.0")

    def test_what_is_incomplete_or_another_network(self):
        changes = {
            "missing": lambda state: state.pop("blocks.0.flows.1.coupling.net.2.bias"),
            "is missing": lambda state: [state.pop(key) for key in list(state) if key.startswith("blocks.0.flows.0.")],
            "is not part of": lambda state: state.update({"blocks.0.flows.0.coupling.net.6.weight": torch.zeros(3)}),
            "has shape": lambda state: state.update({"blocks.0.flows.0.actnorm.loc": torch.zeros(1, 6, 1, 1)}),
            "initialized": lambda state: state.update({"blocks.0.flows.0.actnorm.initialized": torch.tensor(0, dtype=torch.uint8)}),
        }
        for words, change in changes.items():
            with self.subTest(words):
                model = made(blocks.Rosinality)
                change(model.state)
                path = self.folder / "c.pt"
                torch.save(model.state, path)
                self.expect_refused(path, words)

    def memory(self, path):
        """Peak bytes of an import, and its messages. A small process asks: a child's peak counts what it was before it became a program."""
        program = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        program += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        call = [sys.executable, "-S", "-E", "-c", program, engine.REGLOW, "import", path, "--dry-run"]
        child = subprocess.run([str(word) for word in call], capture_output=True, text=True, timeout=120)
        return int(child.stdout) * 1024, child.stderr

    def test_no_file_takes_four_times_its_size(self):
        """Beyond what the program itself takes: one tensor under a million names, a name of millions of parts, arrays in one place."""
        path = self.folder / "empty.pt"
        path.write_bytes(b"")
        own = self.memory(path)[0] + (32 << 20)

        def word(text):
            return b"X" + struct.pack("<I", len(text)) + text

        def name(module, function):
            return b"c" + module + b"\n" + function + b"\n"

        tensor = name(b"torch._utils", b"_rebuild_tensor_v2") + b"((" + word(b"storage") + name(b"torch", b"FloatStorage")
        tensor += word(b"0") + word(b"cpu") + b"K\x02tQK\x00K\x01\x85K\x01\x85\x89}tR"
        letters = "abcdefghijklmnopqrstuvwxyz0123456789"
        names = (b"\x8c\x04" + "".join(each).encode() for each in itertools.product(letters, repeat=4))
        many = b"".join(each + b"h\x00" for each in itertools.islice(names, 1_000_000))
        pickles = {
            "names": (b"\x80\x04" + tensor + b"q\x00}(" + many + b"u\x86.", 60_000_000),
            "parts": (b"\x80\x04}" + word(b"." * 20_000_000) + tensor + b"s.", 8),
            "objects": (b"\x80\x04](" + b"}" * 10_000_000 + b"e.", 8),
            "text": (b"\x80\x04](" + (word(b"a" * 40)) * 500_000 + b"e.", 8),
        }
        for case, (pickle, storage) in pickles.items():
            with self.subTest(case):
                path = self.folder / "c.pt"
                with zipfile.ZipFile(path, "w") as archive:
                    archive.writestr("a/data.pkl", pickle)
                    archive.writestr("a/data/0", b"\0" * storage)
                peak, messages = self.memory(path)
                self.assertIn("Error: ", messages)
                self.assertLess(peak, own + 4 * path.stat().st_size)
        with self.subTest("many arrays"):
            path = self.folder / "c.npz"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for index in range(3000):
                    data = io.BytesIO()
                    np.save(data, np.zeros(40_000, np.float32))
                    archive.writestr(f"{index}.npy", data.getvalue())
            peak, messages = self.memory(path)
            self.assertIn("Error: ", messages)
            self.assertLess(peak, own + 4 * path.stat().st_size)

    def test_files_that_are_none(self):
        good = self.folder / "good.pt"
        files.save(made(blocks.Rosinality), good)
        data = good.read_bytes()
        path = self.folder / "c.pt"
        for length in (0, 1, 4, 30, len(data) // 3, len(data) - 30):
            path.write_bytes(data[:length])
            self.expect_refused(path, "c.pt")
        for file in ("/dev/null", str(self.folder), str(self.folder / "lost")):
            child = self.imported(file)
            self.assertEqual(child.returncode, 1, child.stderr)
        with zipfile.ZipFile(good) as archive, zipfile.ZipFile(path, "w") as other:
            for name in archive.namelist():
                other.writestr(name, b"big" if name.endswith("/byteorder") else archive.read(name))
        self.expect_refused(path, "byte order")
        torch.save(torch.nn.Linear(3, 3), path)
        self.expect_refused(path, "whole pickled module")
        torch.jit.save(torch.jit.trace(torch.nn.Linear(3, 3), torch.zeros(1, 3)), path)
        self.expect_refused(path, "TorchScript")
        torch.save(torch.nn.Linear(3, 3).state_dict(), path)
        self.expect_refused(path, "no Glow of a known family")
