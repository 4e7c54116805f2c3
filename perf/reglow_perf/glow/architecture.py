"""The shape of a Glow model: what the metadata of a model file say, and where the parts of a latent lie.

Needs the standard library only, so that the models in PyTorch and in JAX share it.
"""

import dataclasses

FORMAT = "reglow-glow/1"


@dataclasses.dataclass(frozen=True)
class Architecture:
    """What fixes every shape: `steps[l]` flow steps on level l, finest level first."""

    steps: tuple[int, ...]
    hidden: int
    affine: bool = False
    image_channels: int = 3

    @property
    def levels(self) -> int:
        return len(self.steps)

    def channels(self, level: int) -> int:
        """How many channels the flow state has on a level: four times as many as come in, half of which go out."""
        return self.image_channels << (level + 2)

    def latent_shapes(self, height: int, width: int) -> list[tuple[int, int, int]]:
        """(channels, rows, columns) of each level's part of the latent of an image, finest level first."""
        shapes = []
        for level in range(self.levels):
            channels = self.channels(level)
            is_last = level == self.levels - 1
            shapes.append((channels if is_last else channels // 2, height >> (level + 1), width >> (level + 1)))
        return shapes

    def metadata(self) -> dict[str, str]:
        """What a model file says of its shape."""
        return {
            "format": FORMAT,
            "image_channels": str(self.image_channels),
            "levels": str(self.levels),
            "steps": ",".join(map(str, self.steps)),
            "hidden": str(self.hidden),
            "coupling": "affine" if self.affine else "additive",
            "pixel_shift": "-0.5",
        }


def read(metadata: dict[str, str] | None, path: str) -> Architecture:
    """The inverse of `Architecture.metadata`; ends the program where `path` is no model file."""
    if metadata is None or metadata.get("format") != FORMAT:
        raise SystemExit(f"{path}: not a {FORMAT} model")
    return Architecture(
        steps=tuple(int(count) for count in metadata["steps"].split(",")),
        hidden=int(metadata["hidden"]),
        affine=metadata["coupling"] == "affine",
        image_channels=int(metadata["image_channels"]),
    )
