"""Times Fourier transforms of real planes, there and back, by FFTW and by pocketfft (the C++ one, in scipy): single precision, one thread.

    python -m reglow_perf time-fourier [--sizes 64x64 512x768] [--repeats 60]

FFTW is called as Reglow calls it, with estimated plans, from the system's libfftw3f. The clock is the processor time of the process.
scipy copies its arguments, which counts for planes as small as 64x64.
"""

import argparse
import ctypes
import ctypes.util
import statistics
import time
from collections.abc import Callable

import numpy as np

FFTW_ESTIMATE = 64


class FFTW:
    """A plane and its spectrum, with their plans."""

    def __init__(self, height: int, width: int):
        name = ctypes.util.find_library("fftw3f")
        if name is None:
            raise SystemExit("needs libfftw3f")
        self.library = ctypes.CDLL(name)
        for function in ("fftwf_malloc", "fftwf_plan_dft_r2c_2d", "fftwf_plan_dft_c2r_2d"):
            getattr(self.library, function).restype = ctypes.c_void_p
        self.library.fftwf_malloc.argtypes = [ctypes.c_size_t]
        self.library.fftwf_execute.argtypes = [ctypes.c_void_p]
        real = ctypes.c_void_p(self.library.fftwf_malloc(4 * height * width))
        spectrum = ctypes.c_void_p(self.library.fftwf_malloc(8 * height * (width // 2 + 1)))
        self.forward = self.library.fftwf_plan_dft_r2c_2d(height, width, real, spectrum, FFTW_ESTIMATE)
        self.back = self.library.fftwf_plan_dft_c2r_2d(height, width, spectrum, real, FFTW_ESTIMATE)
        plane = np.ctypeslib.as_array(ctypes.cast(real, ctypes.POINTER(ctypes.c_float)), (height, width))
        plane[:] = np.random.default_rng(0).standard_normal((height, width))
        # Both ways multiply by the number of pixels.
        self.plane, self.factor = plane, np.float32(1 / (height * width))

    def __call__(self) -> None:
        self.library.fftwf_execute(self.forward)
        self.library.fftwf_execute(self.back)
        self.plane *= self.factor


def pocketfft(height: int, width: int) -> Callable[[], None]:
    from scipy import fft

    plane = np.random.default_rng(0).standard_normal((height, width)).astype(np.float32)

    def call() -> None:
        fft.irfft2(fft.rfft2(plane, workers=1), s=(height, width), workers=1, overwrite_x=True)

    return call


def milliseconds(call: Callable[[], None], calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - began) / calls * 1e3


def size(text: str) -> tuple[int, int]:
    height, width = text.split("x")
    return int(height), int(width)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", nargs="+", type=size, default=[(64, 64), (192, 192), (512, 768), (516, 772), (1024, 1024)], metavar="HEIGHTxWIDTH"
    )
    parser.add_argument("--repeats", type=int, default=60)
    arguments = parser.parse_args()
    print("| plane | FFTW: least, median (ms) | pocketfft: least, median (ms) |")
    print("|---|---|---|")
    for height, width in arguments.sizes:
        ways = [FFTW(height, width), pocketfft(height, width)]
        calls = max(1, 3_000_000 // (height * width))
        # In turns, so that both see the same machine.
        times = list(zip(*([milliseconds(way, calls) for way in ways] for _ in range(arguments.repeats)), strict=True))
        cells = " | ".join(f"{min(found):.3f}, {statistics.median(found):.3f}" for found in times)
        print(f"| {height}x{width} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
