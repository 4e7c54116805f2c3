"""y0ast, chaiyujin and pclucas: one list of layers; squeeze, steps, split; actnorms (x + b) e^logs, also in the networks."""

import torch

from reglow_perf.checkpoints.family import Family, convolved, factors, log_determinant, mixed, normalize, product


class Flat(Family):
    root = "flow.layers."
    net = "block"
    # What stands before `weight` in a convolution, and what an actnorm calls its shift.
    nested = "conv."
    shift = "bias"
    # The kind of a split's layer and the name of the prior of the last level.
    split = "conv."
    top = "learn_top_fn."
    lower, upper = "lower", "upper"
    step_layers = 1
    uses_factors = False
    learns_top = True
    # The batch of the zeros that the prior of the last level is made of, where they are in the file.
    top_batch = 1
    fixed = ("p", "sign_s", "l_mask", "eye", "prior_h")

    def layer(self, level: int, index: int) -> int:
        """The number of a step's first layer, or with the number of steps for its index that of a split."""
        before = sum(self.steps[:level]) * self.step_layers + 2 * level
        return before + 1 + index * self.step_layers

    def names(self, level: int, index: int) -> tuple[str, str, str]:
        """What the names of a step's actnorm, 1x1 convolution and network begin with."""
        name = f"{self.root}{self.layer(level, index)}."
        return name + "actnorm.", name + "invconv.", f"{name}{self.net}."

    def actnorm_shape(self):
        return (1, -1, 1, 1)

    def put_step(self, level, index, mixing, shift, logs, layers):
        actnorm, convolution, net = self.names(level, index)
        self.put(actnorm + self.shift, shift, self.actnorm_shape())
        self.put(actnorm + "logs", logs, self.actnorm_shape())
        self.put_mixing(convolution, mixing)
        for place, (weight, bias) in zip(("0.", "2."), layers):
            inner = self.drawn(len(bias))
            factor = torch.exp(-inner)
            self.put(f"{net}{place}{self.nested}weight", weight * factor[:, None, None, None])
            self.put(f"{net}{place}actnorm.{self.shift}", bias * factor, self.actnorm_shape())
            self.put(f"{net}{place}actnorm.logs", inner, self.actnorm_shape())
        self.put_zero_convolution(net + "4.", *layers[2])

    def put_mixing(self, name, mixing):
        if self.uses_factors:
            p, lower, upper, signs, logs = factors(mixing)
            for key, tensor in {"p": p, self.lower: lower, self.upper: upper, "sign_s": signs, "log_s": logs}.items():
                self.put(name + key, tensor)
        else:
            # As QR returns it: column by column.
            self.state[name + "weight"] = mixing.t().contiguous().t()

    def last_nested(self, name: str) -> str:
        """What stands before `weight` in a convolution with an output scale."""
        return name + self.nested

    def put_zero_convolution(self, name, weight, bias):
        logs = self.drawn(len(bias))
        factor = torch.exp(-3 * logs)
        inner = self.last_nested(name)
        self.put(inner + "weight", self.ordered(weight) * factor[:, None, None, None])
        self.put(inner + "bias", self.ordered(bias) * factor)
        self.put(name + "logs", logs, (-1, 1, 1))

    def put_prior(self, level, height, width):
        c = self.channels << level
        last = level == len(self.steps) - 1
        inputs, outputs = (2 * c, 2 * c) if last else (c // 2, c)
        if last and self.top_batch:
            self.put("prior_h", torch.zeros(self.top_batch, 2 * c, height, width, dtype=torch.float64))
        if last and not self.learns_top:
            return
        name = self.prior_name(level)
        inner = self.last_nested(name)
        self.put(inner + "weight", torch.zeros(outputs, inputs, 3, 3, dtype=torch.float64))
        self.put(inner + "bias", torch.zeros(outputs, dtype=torch.float64))
        self.put(name + "logs", torch.zeros(outputs, 1, 1, dtype=torch.float64))

    def prior_name(self, level: int) -> str:
        if level == len(self.steps) - 1:
            return self.top
        return f"{self.root}{self.layer(level, self.steps[level])}.{self.split}"

    def mix(self, level, index, x):
        actnorm, convolution, _ = self.names(level, index)
        logs = self.state[actnorm + "logs"]
        x = normalize(x, self.state[actnorm + self.shift], logs.exp())
        if convolution + "p" in self.state:
            parts = [self.state[convolution + key] for key in ("p", self.lower, self.upper, "sign_s", "log_s")]
            matrix, change = product(*parts), parts[-1].sum()
        else:
            matrix = self.state[convolution + "weight"]
            change = log_determinant(matrix)
        return mixed(x, matrix), change + logs.sum()

    def network(self, level, index, x):
        net = self.names(level, index)[2]
        for place in ("0.", "2."):
            x = convolved(x, self.state[f"{net}{place}{self.nested}weight"])
            actnorm = f"{net}{place}actnorm."
            x = normalize(x, self.state[actnorm + self.shift], self.state[actnorm + "logs"].exp()).relu()
        return self.zero_convolution(net + "4.", x)

    def zero_convolution(self, name, x):
        inner = self.last_nested(name)
        return convolved(x, self.state[inner + "weight"], self.state[inner + "bias"]) * torch.exp(3 * self.state[name + "logs"])

    def prior(self, level, kept, like):
        name = self.prior_name(level)
        if kept is None:
            if name + "logs" not in self.state:
                return None
            return self.zero_convolution(name, torch.cat((torch.zeros_like(like),) * 2, dim=1)).chunk(2, dim=1)
        found = self.zero_convolution(name, kept)
        return found[:, 0::2], found[:, 1::2]


class Y0ast(Flat):
    name = "y0ast"
    suffix = ".pth"


class Chaiyujin(Flat):
    name = "chaiyujin"
    suffix = ".pkg"
    offset = 0.5
    net = "f"
    nested = ""
    top = "learn_top."
    top_batch = 4
    lower, upper = "l", "u"


class PCLucas(Flat):
    name = "pclucas"
    suffix = ".pth"
    offset = 0.5
    root = "layers."
    net = "NN"
    shift = "b"
    split = "conv_zero."
    step_layers = 3
    top_batch = 0

    def names(self, level, index):
        first = self.layer(level, index)
        return f"layers.{first}.", f"layers.{first + 1}.", f"layers.{first + 2}.NN."

    def actnorm_shape(self):
        return (1, -1, 1)

    def last_nested(self, name):
        return name

    def put_mixing(self, name, mixing):
        self.put(name + "weight", mixing, (*mixing.shape, 1, 1))

    def prior_name(self, level):
        number = self.layer(level, self.steps[level])
        return f"layers.{number}.conv." if level == len(self.steps) - 1 else f"layers.{number}.conv_zero."
