"""rosinality and dajin: `blocks.{b}.flows.{k}`, last convolutions that pad with 1, raw scales before shifts."""

import torch

from reglow_perf.checkpoints.family import Family, convolved, factors, log_determinant, mixed, normalize, product


class Rosinality(Family):
    name = "rosinality"
    net = "coupling.net"
    cancels_padding = True
    fixed = ("w_p", "u_mask", "l_mask", "s_sign", "l_eye")
    uses_factors = True

    def places(self, count):
        return slice(count // 2, None), slice(0, count // 2)

    def put_step(self, level, index, mixing, shift, logs, layers):
        name = f"blocks.{level}.flows.{index}."
        self.put_actnorm(name + "actnorm.", mixing, shift, logs)
        if name + "invconv.weight" not in self.state and (self.uses_factors or level == len(self.steps) - 1):
            self.put_factors(name + "invconv.", mixing)
        net = name + self.net
        for place, (weight, bias) in zip(("0", "2"), layers):
            self.put(f"{net}.{place}.weight", weight)
            self.put(f"{net}.{place}.bias", bias)
        weight, bias = layers[2]
        scale = self.drawn(len(bias))
        factor = torch.exp(-3 * scale)
        self.put(net + ".4.conv.weight", self.ordered(weight) * factor[:, None, None, None])
        self.put(net + ".4.conv.bias", self.ordered(bias) * factor)
        self.put(net + ".4.scale", scale, (1, -1, 1, 1))

    def put_actnorm(self, name, mixing, shift, logs):
        # The scales of this family may be negative.
        signs = torch.where(self.drawn(len(logs)) < -0.2, -1.0, 1.0).double()
        mixing *= signs
        self.put(name + "loc", shift, (1, -1, 1, 1))
        self.put(name + "scale", signs * logs.exp(), (1, -1, 1, 1))
        self.put(name + "initialized", torch.tensor(1, dtype=torch.uint8))
        if not self.uses_factors and len(logs) != self.channels << (len(self.steps) - 1):
            # As QR returns it: column by column.
            self.state[name.replace("actnorm.", "invconv.weight")] = mixing.t().contiguous().t()[:, :, None, None]

    def put_factors(self, name, mixing):
        p, lower, upper, signs, logs = factors(mixing)
        ones = torch.ones_like(mixing)
        parts = {"w_p": p, "w_l": lower, "w_s": logs, "w_u": upper, "u_mask": ones.triu(1), "l_mask": ones.tril(-1), "s_sign": signs}
        for key, tensor in {**parts, "l_eye": torch.eye(len(signs))}.items():
            self.put(name + key, tensor.double())

    def put_prior(self, level, height, width):
        last = level == len(self.steps) - 1
        c = self.channels << level
        inputs, outputs = (c, 2 * c) if last else (c // 2, c)
        name = f"blocks.{level}.prior."
        self.put(name + "conv.weight", torch.zeros(outputs, inputs, 3, 3, dtype=torch.float64))
        self.put(name + "conv.bias", torch.zeros(outputs, dtype=torch.float64))
        self.put(name + "scale", torch.zeros(1, outputs, 1, 1, dtype=torch.float64))

    def mix(self, level, index, x):
        name = f"blocks.{level}.flows.{index}."
        scale = self.state[name + "actnorm.scale"]
        x = normalize(x, self.state[name + "actnorm.loc"], scale)
        matrix, change = self.matrix(name + "invconv.")
        return mixed(x, matrix), change + scale.abs().log().sum()

    def matrix(self, name):
        if name + "weight" in self.state:
            return self.state[name + "weight"], log_determinant(self.state[name + "weight"])
        p, lower, upper, signs, logs = (self.state[name + key] for key in ("w_p", "w_l", "w_u", "s_sign", "w_s"))
        return product(p, lower, upper, signs, logs), logs.sum()

    def network(self, level, index, x):
        net = f"blocks.{level}.flows.{index}.{self.net}."
        for place in ("0", "2"):
            x = convolved(x, self.state[f"{net}{place}.weight"], self.state[f"{net}{place}.bias"]).relu()
        return self.padded(net + "4.", x)

    def padded(self, name, x):
        """The family's ZeroConv2d."""
        x = convolved(x, self.state[name + "conv.weight"], self.state[name + "conv.bias"], padding=1.0)
        return x * torch.exp(3 * self.state[name + "scale"])

    def prior(self, level, kept, like):
        return self.padded(f"blocks.{level}.prior.", torch.zeros_like(like) if kept is None else kept).chunk(2, dim=1)


class Dajin(Rosinality):
    name = "dajin"
    suffix = ".ckpt"
    net = "coupling.nets.0"
    second_conditions = True

    def scale(self, raw, level, index):
        return torch.exp(torch.sigmoid(raw + 2))

    def put_actnorm(self, name, mixing, shift, logs):
        self.put(name + "bias", shift, (1, -1, 1, 1))
        self.put(name + "logs", logs, (1, -1, 1, 1))

    def put_prior(self, level, height, width):
        """This family has none. Each coupling has a second network, which is not used."""
        name = f"blocks.{level}.flows."
        unused = [key for key in self.state if key.startswith(name) and self.net in key]
        for key in unused:
            self.put(key.replace("nets.0", "nets.1"), torch.full_like(self.state[key], 0.5))

    def mix(self, level, index, x):
        name = f"blocks.{level}.flows.{index}."
        logs = self.state[name + "actnorm.logs"]
        matrix, change = self.matrix(name + "invconv.")
        return mixed(normalize(x, self.state[name + "actnorm.bias"], logs.exp()), matrix), change + logs.sum()

    def prior(self, level, kept, like):
        return None

    def trainable(self):
        state = self.state
        self.state = {key: tensor for key, tensor in state.items() if "nets.1" not in key}
        found = super().trainable()
        self.state = state
        return found
