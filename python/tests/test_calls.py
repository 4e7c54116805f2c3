"""Callbacks that raise, Ctrl-C, threads and forks."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import reglow

PROBLEM = reglow.Deblur("uniform:5", border="periodic")


@pytest.fixture
def y(truth):
    return PROBLEM.degrade(truth, noise=0.01)


def test_what_a_progress_function_raises_ends_the_solve(y, prior):
    def fails(progress):
        if progress.evaluations >= 3:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough") as caught:
        reglow.restore(y, PROBLEM, noise=0.01, prior=prior, progress=fails)
    assert caught.traceback[-1].name == "fails"


def test_a_progress_function_ends_the_solve_with_what_there_is(y, prior):
    seen = []

    def stop(progress):
        seen.append(progress)
        return progress.evaluations >= 4

    result = reglow.restore(y, PROBLEM, noise=0.01, prior=prior, progress=stop)
    assert result.stop == "cancelled" and result.image.shape == y.shape and result.evaluations < 10
    assert [each.evaluations for each in seen] == sorted(each.evaluations for each in seen)
    assert seen[-1].objective == pytest.approx(min(each.objective for each in seen), rel=1)


def test_the_image_of_an_iterate_is_there_while_it_is_shown(y, prior):
    kept, images = [], []

    def look(progress):
        kept.append(progress)
        images.append(progress.image())

    result = reglow.restore(y, PROBLEM, noise=0.01, prior=prior, max_evaluations=6, progress=look)
    assert all(image.shape == y.shape and np.isfinite(image).all() for image in images)
    assert np.abs(images[-1] - result.image).max() < 0.2
    with pytest.raises(reglow.StateError, match="while the progress function runs"):
        kept[0].image()
    with pytest.raises(TypeError, match="progress"):
        reglow.restore(y, PROBLEM, progress=3)


def test_ctrl_c_ends_the_solve_and_leaves_the_result(y, prior):
    former = signal.getsignal(signal.SIGINT)

    def press(progress):
        if progress.evaluations >= 4:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        reglow.restore(y, PROBLEM, noise=0.01, prior=prior, progress=press)
    assert isinstance(caught.value, reglow.Interrupted)
    assert caught.value.result.stop == "cancelled" and caught.value.result.image.shape == y.shape
    assert signal.getsignal(signal.SIGINT) is former


def test_ctrl_c_while_the_library_works_is_seen(prior):
    """Without any function of the caller's, from outside, as a terminal sends it."""
    image = np.random.default_rng(0).random((256, 256, 3)).astype(np.float32)
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(reglow.Interrupted):
        reglow.restore(image, PROBLEM, noise=0.001, prior=prior, tolerance=0, max_evaluations=100000)
    assert time.monotonic() - began < 60


def test_a_handler_of_the_program_s_own_is_run(y, prior):
    class Stop(Exception):
        pass

    calls = []

    def handler(number, frame):
        calls.append(number)
        if len(calls) == 2:
            raise Stop

    former = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(Stop):
            reglow.restore(y, PROBLEM, noise=0.01, prior=prior, progress=lambda _: os.kill(os.getpid(), signal.SIGINT))
        assert len(calls) == 2 and signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, former)


def test_ctrl_c_in_an_operator_of_one_s_own(y, prior):
    count = []

    def identity(x):
        count.append(1)
        if len(count) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return x

    with pytest.raises(KeyboardInterrupt):
        reglow.restore(y, reglow.LinearOperator(identity, identity, y.shape, check=False), noise=0.01, prior=prior)


def test_threads_restore_at_the_same_time(y, prior):
    expected = reglow.restore(y, PROBLEM, noise=0.01, prior=prior, max_evaluations=5).image
    wrong = []

    def work():
        image = reglow.restore(y, PROBLEM, noise=0.01, prior=prior, max_evaluations=5).image
        if not np.array_equal(image, expected):
            wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_forked_child_works_after_its_parent_has(y, prior):
    expected = reglow.restore(y, PROBLEM, noise=0.01, prior=prior, max_evaluations=5).image
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            image = reglow.restore(y, PROBLEM, noise=0.01, prior=prior, max_evaluations=5).image
            os.write(write, b"same" if np.array_equal(image, expected) else b"else")
        finally:
            os._exit(0)
    os.close(write)
    deadline = time.monotonic() + 60
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child hangs")
        time.sleep(0.05)
    assert os.read(read, 4) == b"same"


def test_processes_of_a_pool_get_the_prior_by_its_path(prior, truth):
    """A fresh interpreter for each, as multiprocessing's spawn makes it."""
    data = pickle.dumps((prior, truth[:16, :16]))
    program = textwrap.dedent("""
        import pickle, sys
        prior, image = pickle.load(sys.stdin.buffer)
        sys.stdout.buffer.write(pickle.dumps(prior.forward(image)))
    """)
    said = subprocess.run([sys.executable, "-c", program], input=data, check=True, capture_output=True).stdout
    latents, _ = pickle.loads(said)
    np.testing.assert_array_equal(latents, prior.forward(truth[:16, :16])[0])


def test_exceptions_survive_a_pickle():
    for error in (reglow.ArgumentError("text", "noise"), reglow.ArgumentTypeError("text", "y"), reglow.FileError("text")):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error) and str(again) == "text"
        assert getattr(again, "argument", None) == getattr(error, "argument", None)


def test_restorers_and_operators_are_released(y, prior):
    """Although the library calls back into them."""

    class Blur:
        def __init__(self):
            self.problem = reglow.LinearOperator(self.apply, self.apply, y.shape)
            self.restorer = reglow.Restorer(self.problem, noise=0.01, prior=prior, max_evaluations=2)

        def apply(self, x):
            return x / 2

    blur = Blur()
    blur.restorer.restore(y)
    handles = [*blur.restorer._runner._restorers.values(), *blur.problem._handles.values()]
    releases = [handle._release for handle in handles]
    assert len(releases) == 2 and all(release.alive for release in releases)
    del blur, handles
    gc.collect()
    assert not any(release.alive for release in releases)


def test_a_restorer_gives_what_single_calls_give(y, prior):
    options = {"noise": 0.01, "prior": prior, "max_evaluations": 6}
    expected = reglow.restore(y, PROBLEM, **options).image
    with reglow.Restorer(PROBLEM, **options) as restorer:
        assert "noise=0.01" in repr(restorer)
        for other in (y, y[:40], y):
            result = restorer.restore(other)
        np.testing.assert_array_equal(result.image, expected)
        with pytest.raises(reglow.StateError, match="function that it called"):
            restorer.restore(y, progress=lambda _: restorer.restore(y))
    with pytest.raises(TypeError, match="no option 'sigma'"):
        reglow.Restorer(PROBLEM, sigma=3)
