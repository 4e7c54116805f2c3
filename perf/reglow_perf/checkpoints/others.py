"""glowip, normflows, kamen and openai."""

import torch
from torch.nn import functional as F

from reglow_perf.checkpoints.family import Family, convolved, factors, log_determinant, mixed, neutral, normalize, product
from reglow_perf.checkpoints.flow import Flow


class GlowIP(Family):
    """The second half conditions; b s + t; a network has biases and actnorms; the last level has one step."""

    name = "glowip"
    second_conditions = True
    scales_first = True
    last_offset = 1.0
    scale_offset = 0.0
    squeeze = "interleaved"

    @classmethod
    def prepared(cls, flow, generator):
        """One more level, of one step that does nothing: the last one has only one."""
        flow = super().prepared(flow, generator)
        eye = torch.eye(flow.channels << len(flow.steps), dtype=torch.float64)
        return Flow([*flow.levels, [neutral(eye, flow.hidden, flow.affine, generator)]], flow.affine)

    def places(self, count):
        return slice(1, None, 2), slice(0, None, 2)

    def scale(self, raw, level, index):
        last = level == len(self.steps) - 1 and index == self.steps[-1] - 1
        return torch.sigmoid(raw + 2) + (self.last_offset if last else self.scale_offset)

    def names(self, level, index):
        return f"glow_modules.{sum(self.steps[:level]) + 2 * level + 1 + index}."

    def put_step(self, level, index, mixing, shift, logs, layers):
        name = self.names(level, index)
        self.put(name + "actnorm.logs", logs, (1, -1, 1, 1))
        self.put(name + "actnorm.b", shift, (1, -1, 1, 1))
        self.state[name + "invconv.W"] = mixing.t().contiguous().t()[:, :, None, None]
        net = name + "coupling.net."
        for place, (weight, bias) in zip((1, 2), layers):
            inner, part = self.drawn(len(bias)), self.drawn(len(bias))
            factor = torch.exp(-inner)
            self.put(f"{net}conv{place}.weight", weight * factor[:, None, None, None])
            self.put(f"{net}conv{place}.bias", bias * factor - part)
            self.put(f"{net}actnorm{place}.b", part, (1, -1, 1, 1))
            self.put(f"{net}actnorm{place}.logs", inner, (1, -1, 1, 1))
        weight, bias = layers[2]
        scale = self.drawn(len(bias))
        factor = torch.exp(-3 * scale)
        self.put(net + "conv3.weight", self.ordered(weight) * factor[:, None, None, None])
        self.put(net + "conv3.bias", self.ordered(bias) * factor)
        self.put(net + "logs", scale, (-1, 1, 1))

    def squeezed(self, x, level):
        last = level == len(self.steps) - 1
        if self.squeeze == "interleaved" or (self.squeeze == "contiguous-but-last" and last):
            return F.pixel_unshuffle(x, 2)
        n, c, height, width = x.shape
        return x.reshape(n, 4 * c, height // 2, width // 2)

    def mix(self, level, index, x):
        name = self.names(level, index)
        logs, matrix = self.state[name + "actnorm.logs"], self.state[name + "invconv.W"]
        x = normalize(x, self.state[name + "actnorm.b"], logs.exp())
        return mixed(x, matrix), logs.sum() + log_determinant(matrix)

    def network(self, level, index, x):
        net = self.names(level, index) + "coupling.net."
        for place in (1, 2):
            x = convolved(x, self.state[f"{net}conv{place}.weight"], self.state[f"{net}conv{place}.bias"])
            x = normalize(x, self.state[f"{net}actnorm{place}.b"], self.state[f"{net}actnorm{place}.logs"].exp()).relu()
        x = convolved(x, self.state[net + "conv3.weight"], self.state[net + "conv3.bias"])
        return x * torch.exp(3 * self.state[net + "logs"])


class Normflows(Family):
    """Coarsest level first, the last step first; (b - t) s; a base density for each latent value."""

    name = "normflows"
    suffix = ".pth"
    offset = 0.5
    fixed = ("P", "sign_S", "eye", "data_dep_init_done")
    scale_map = "sigmoid"
    uses_factors = True
    has_actnorms = False
    # "diagonal": a number for each latent value; "glow": one for each channel; "none".
    base = "diagonal"

    def names(self, level, index):
        return f"flows.{len(self.steps) - 1 - level}.{self.steps[level] - 1 - index}.flows."

    def scale(self, raw, level, index):
        if self.scale_map == "exp":
            return torch.exp(-raw)
        scale = torch.sigmoid(raw + 2)
        return 1 / scale if self.scale_map == "inverse-sigmoid" else scale

    def moved(self, half, shift, scale):
        return half - shift if scale is None else (half - shift) * scale

    def layers(self) -> tuple[int, int, int]:
        return (0, 3, 6) if self.has_actnorms else (0, 2, 4)

    def put_step(self, level, index, mixing, shift, logs, layers):
        name = self.names(level, index)
        self.put(name + "2.s", -logs, (1, -1, 1, 1))
        self.put(name + "2.t", -shift, (1, -1, 1, 1))
        self.put(name + "2.data_dep_init_done", torch.tensor(1.0))
        if self.uses_factors:
            p, lower, upper, signs, diagonal = factors(mixing)
            parts = {"P": p, "L": lower, "U": upper, "sign_S": signs, "log_S": diagonal, "eye": torch.eye(len(signs)).double()}
            for key, tensor in parts.items():
                self.put(f"{name}1.{key}", tensor)
        else:
            self.state[name + "1.W"] = mixing.t().contiguous().t()
        net = name + "0.flows.1.param_map.net."
        last_weight, last_bias = layers[2]
        half = len(last_bias) // 2 if self.affine else len(last_bias)
        signs = torch.ones(len(last_bias), dtype=torch.float64)
        signs[:half] = -1
        layers = [*layers[:2], (last_weight * signs[:, None, None, None], last_bias * signs)]
        for place, (number, (weight, bias)) in enumerate(zip(self.layers(), layers)):
            if place == 2:
                weight, bias = self.ordered(weight), self.ordered(bias)
            elif self.has_actnorms:
                inner, part = self.drawn(len(bias)), self.drawn(len(bias))
                self.put(f"{net}{number + 1}.actNorm.s", inner, (1, -1, 1, 1))
                self.put(f"{net}{number + 1}.actNorm.t", part, (1, -1, 1, 1))
                self.put(f"{net}{number + 1}.actNorm.data_dep_init_done", torch.tensor(1.0))
                weight, bias = weight * torch.exp(-inner)[:, None, None, None], (bias - part) * torch.exp(-inner)
            self.put(f"{net}{number}.weight", weight)
            self.put(f"{net}{number}.bias", bias)

    def put_prior(self, level, height, width):
        last = level == len(self.steps) - 1
        count = (self.channels << level) // (1 if last else 2)
        name = f"q0.{len(self.steps) - 1 - level}."
        shapes = {"diagonal": {"loc": (height, width), "log_scale": (height, width)}, "none": {}}.get(self.base)
        if shapes is None:
            shapes = dict.fromkeys(("loc", "log_scale", "loc_logs", "log_scale_logs"), (1, 1))
        for key, size in shapes.items():
            self.put(name + key, torch.zeros(1, count, *size, dtype=torch.float64))

    def mix(self, level, index, x):
        name = self.names(level, index)
        s = self.state[name + "2.s"]
        x = normalize(x, -self.state[name + "2.t"], (-s).exp())
        if name + "1.W" in self.state:
            matrix = self.state[name + "1.W"]
            change = log_determinant(matrix)
        else:
            parts = [self.state[f"{name}1.{key}"] for key in ("P", "L", "U", "sign_S", "log_S")]
            matrix, change = product(*parts), parts[-1].sum()
        return mixed(x, matrix), change - s.sum()

    def network(self, level, index, x):
        net = self.names(level, index) + "0.flows.1.param_map.net."
        for place, number in enumerate(self.layers()):
            x = convolved(x, self.state[f"{net}{number}.weight"], self.state[f"{net}{number}.bias"])
            if place < 2 and self.has_actnorms:
                actnorm = f"{net}{number + 1}.actNorm."
                x = x * self.state[actnorm + "s"].exp() + self.state[actnorm + "t"]
            if place < 2:
                x = x.relu()
        return x

    def prior(self, level, kept, like):
        name = f"q0.{len(self.steps) - 1 - level}."
        if name + "loc" not in self.state:
            return None
        mean, logs = self.state[name + "loc"], self.state[name + "log_scale"]
        if name + "loc_logs" in self.state:
            mean, logs = mean * torch.exp(3 * self.state[name + "loc_logs"]), logs * torch.exp(3 * self.state[name + "log_scale_logs"])
        return mean, logs


class Kamen(Family):
    """The second half conditions; b s + t; actnorms (x - bias) / scale; the 1x1 convolution of a network pads, the last one does not."""

    name = "kamen"
    second_conditions = True
    scales_first = True
    fixed = ("base_dist_mean", "base_dist_var")

    @classmethod
    def of(cls, flow, generator, size=(64, 64), affine=True, **options):
        """All models of this family are affine."""
        return super().of(flow, generator, size, True, **options)

    def names(self, level, index):
        last = level == len(self.steps) - 1
        return f"flowstep.{index}." if last else f"flowlevels.{level}.flowsteps.{index}."

    def put_step(self, level, index, mixing, shift, logs, layers):
        name = self.names(level, index)
        self.put_actnorm(name + "0.", shift, logs)
        self.state[name + "1.w"] = mixing.t().contiguous().t()
        net = name + "2."
        for place, (weight, bias) in enumerate(self.ringless(layers)):
            if place == 2:
                scale = self.drawn(len(bias))
                self.put(net + "conv3.weight", self.ordered(weight) * torch.exp(-scale)[:, None, None, None])
                self.put(net + "conv3.bias", self.ordered(bias) * torch.exp(-scale))
                self.put(net + "log_scale_factor", scale, (-1, 1, 1))
            else:
                inner = self.drawn(len(bias))
                self.put(f"{net}conv{place + 1}.weight", weight * torch.exp(-inner)[:, None, None, None])
                self.put_actnorm(f"{net}actnorm{place + 1}.", bias * torch.exp(-inner), inner)

    def put_actnorm(self, name, shift, logs):
        self.put(name + "scale", torch.exp(-logs), (1, -1, 1, 1))
        self.put(name + "bias", -shift, (1, -1, 1, 1))
        self.put(name + "initialized", torch.tensor(1, dtype=torch.uint8))

    @staticmethod
    def ringless(layers):
        """One more hidden channel takes away what the ring of the padded 1x1 convolution makes: it is 0 inside and 1 in the ring."""
        (first, first_bias), (second, second_bias), (last, last_bias) = layers
        h = len(first)
        one = first_bias.new_ones(1)
        first = torch.cat((first, torch.zeros_like(first[:1])))
        wider = second.new_zeros(h + 1, h + 1, 1, 1)
        wider[:h, :h] = second
        wider[h, h] = -1
        ring = -(last * second_bias.relu()[:, None, None]).sum(1, keepdim=True)
        return [(first, torch.cat((first_bias, one))), (wider, torch.cat((second_bias, one))), (torch.cat((last, ring), 1), last_bias)]

    def put_prior(self, level, height, width):
        last = level == len(self.steps) - 1
        c = self.channels << level
        inputs, outputs = (c, 2 * c) if last else (c // 2, c)
        name = self.prior_name(level)
        self.put("base_dist_mean", torch.zeros(1))
        self.put("base_dist_var", torch.ones(1))
        self.put(name + "net.weight", torch.zeros(outputs, inputs, 3, 3, dtype=torch.float64))
        self.put(name + "net.bias", torch.zeros(outputs, dtype=torch.float64))
        self.put(name + "log_scale_factor", torch.zeros(outputs, 1, 1, dtype=torch.float64))

    def prior_name(self, level):
        return "gaussianize." if level == len(self.steps) - 1 else f"flowlevels.{level}.split.gaussianize."

    def normalized(self, name, x):
        return (x - self.state[name + "bias"]) / self.state[name + "scale"]

    def mix(self, level, index, x):
        name = self.names(level, index)
        matrix = self.state[name + "1.w"]
        change = log_determinant(matrix) - self.state[name + "0.scale"].abs().log().sum()
        return mixed(self.normalized(name + "0.", x), matrix), change

    def network(self, level, index, x):
        net = self.names(level, index) + "2."
        x = self.normalized(net + "actnorm1.", convolved(x, self.state[net + "conv1.weight"])).relu()
        x = self.normalized(net + "actnorm2.", F.conv2d(x, self.state[net + "conv2.weight"], padding=1)).relu()
        return F.conv2d(x, self.state[net + "conv3.weight"], self.state[net + "conv3.bias"]) * self.state[net + "log_scale_factor"].exp()

    def prior(self, level, kept, like):
        name = self.prior_name(level)
        x = torch.zeros_like(like) if kept is None else kept
        found = convolved(x, self.state[name + "net.weight"], self.state[name + "net.bias"]) * self.state[name + "log_scale_factor"].exp()
        return found[:, 0::2], found[:, 1::2]


class OpenAI(Family):
    """TensorFlow's order of axes; a channel that is 1 outside of the image; factors 3 of all logarithms."""

    name = "openai"
    suffix = ".npz"
    learns_top = True

    def put_step(self, level, index, mixing, shift, logs, layers):
        name = f"{level}/{index}/"
        self.put_actnorm(name, shift, logs)
        self.put(name + "invconv/W", mixing.t())
        self.put_bordered(name + "f1/l_1/", layers[0][0], *self.with_actnorm(name + "f1/l_1/", layers[0][1]))
        weight, bias = layers[1]
        factor, _ = self.with_actnorm(name + "f1/l_2/", bias)
        self.put(name + "f1/l_2/W", (weight[:, :, 0, 0] * factor[:, None]).t(), (1, 1, *weight.shape[:2]))
        weight, bias = layers[2]
        scale = self.drawn(len(bias), 0.1)
        factor = torch.exp(-3 * scale)
        self.put_bordered(name + "f1/l_last/", self.ordered(weight), factor, None)
        self.put(name + "f1/l_last/b", self.ordered(bias) * factor, (1, 1, 1, -1))
        self.put(name + "f1/l_last/logs", scale, (1, -1))

    def put_actnorm(self, name, shift, logs):
        self.put(name + "actnorm_center/b", shift, (1, 1, 1, -1))
        self.put(name + "actnorm_scale/logs", logs / 3, (1, 1, 1, -1))

    def with_actnorm(self, name, bias):
        """The actnorm of a hidden layer, and what its weights take."""
        inner = self.drawn(len(bias))
        self.put_actnorm(name, bias * torch.exp(-inner), inner)
        return torch.exp(-inner), None

    def put_bordered(self, name, weight, factor, _):
        weight = weight * factor[:, None, None, None]
        border = torch.zeros_like(weight[:, :1])
        self.put(name + "W", torch.cat((weight, border), dim=1).permute(2, 3, 1, 0))

    def put_prior(self, level, height, width):
        last = level == len(self.steps) - 1
        if last and not self.learns_top:
            return
        c = self.channels << level
        inputs, outputs = (2 * c, 2 * c) if last else (c // 2, c)
        name = self.prior_name(level)
        self.put(name + "W", torch.zeros(3, 3, inputs + 1, outputs, dtype=torch.float64))
        self.put(name + "b", torch.zeros(1, 1, 1, outputs, dtype=torch.float64))
        self.put(name + "logs", torch.zeros(1, outputs, dtype=torch.float64))

    def prior_name(self, level):
        return "prior/p/" if level == len(self.steps) - 1 else f"pool{level}/conv/"

    def normalized(self, name, x):
        return normalize(x, self.state[name + "actnorm_center/b"], torch.exp(3 * self.state[name + "actnorm_scale/logs"]))

    @staticmethod
    def bordered(x, kernel):
        """A convolution of the padded image and of one more channel, which is 1 in the padding."""
        inside = torch.zeros_like(x[:, :1])
        padded = torch.cat((F.pad(x, (1, 1, 1, 1)), F.pad(inside, (1, 1, 1, 1), value=1.0)), dim=1)
        return F.conv2d(padded, kernel.permute(3, 2, 0, 1))

    def mix(self, level, index, x):
        name = f"{level}/{index}/"
        matrix = self.state[name + "invconv/W"]
        change = log_determinant(matrix) + 3 * self.state[name + "actnorm_scale/logs"].sum()
        return mixed(self.normalized(name, x), matrix.t()), change

    def network(self, level, index, x):
        net = f"{level}/{index}/f1/"
        x = self.normalized(net + "l_1/", self.bordered(x, self.state[net + "l_1/W"])).relu()
        x = self.normalized(net + "l_2/", mixed(x, self.state[net + "l_2/W"][0, 0].t())).relu()
        return self.zero_convolution(net + "l_last/", x)

    def zero_convolution(self, name, x):
        x = self.bordered(x, self.state[name + "W"])
        return normalize(x, self.state[name + "b"], torch.exp(3 * self.state[name + "logs"]))

    def prior(self, level, kept, like):
        name = self.prior_name(level)
        if kept is None:
            if name + "W" not in self.state:
                return None
            return self.zero_convolution(name, torch.cat((torch.zeros_like(like),) * 2, dim=1)).chunk(2, dim=1)
        found = self.zero_convolution(name, kept)
        return found[:, 0::2], found[:, 1::2]
