"""The low level: records, capacities, memory that is not copied."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest

import reglow


@pytest.fixture
def point(prior):
    return prior.point(32, 16, capacity=2)


@pytest.fixture
def images(random):
    return random.random((2, 3, 32, 16)).astype(np.float32)


def test_a_point_says_what_it_is(point, prior):
    assert point.shape == (3, 32, 16) and point.dimensions == 3 * 32 * 16 and point.capacity == 2
    assert point.record == 0 and point.count == 0
    assert reglow.bytes_needed(prior, 32, 16, 2) == pytest.approx(point.bytes, rel=0.01)
    assert "32x16" in repr(point)


def test_results_go_where_they_shall(point, images):
    out = np.empty((2, point.dimensions), np.float32)
    mapped = point.forward(images, out=out)
    assert mapped.values is out and mapped.record == 1 and point.count == 2
    np.testing.assert_array_equal(point.forward(images).values, out)
    flat = point.inverse(out).values.reshape(2, -1)
    assert flat.shape == out.shape


@pytest.mark.parametrize(
    "out",
    [np.empty((2, 5), np.float32), np.empty((2, 1536)), np.empty((2, 3072), np.float32)[:, ::2], "out", np.empty((1, 1536), np.float32)],
)
def test_a_wrong_out_is_refused(point, images, out):
    with pytest.raises((ValueError, TypeError), match="out"):
        point.forward(images, out=out)


def test_products_belong_to_a_record(point, images):
    with pytest.raises(reglow.StaleRecordError, match="no record yet"):
        point.forward_vjp(np.zeros((2, point.dimensions)))
    first = point.forward(images).record
    gradient = point.forward_vjp(np.ones((2, point.dimensions)), record=first)
    second = point.forward(images[:1]).record
    with pytest.raises(reglow.StaleRecordError, match=str(first)):
        point.forward_vjp(np.ones((2, point.dimensions)), record=first)
    np.testing.assert_array_equal(point.forward_vjp(np.ones((1, point.dimensions)), record=second), gradient[:1])
    with pytest.raises(ValueError, match="the record has 1"):
        point.forward_jvp(images)


def test_cotangents_add_up(prior, random):
    point = prior.point(16, 16, 2)
    x = random.random((2, 3, 16, 16)).astype(np.float32)
    latents = point.forward(x).values
    w = random.standard_normal(latents.shape).astype(np.float32)
    c = np.array([2.0, -1.0])
    both = point.forward_vjp(w, c)
    np.testing.assert_allclose(both, point.forward_vjp(w) + point.forward_vjp(None, c), atol=1e-4 * np.abs(both).max())
    point.inverse(latents)
    v = random.standard_normal(x.shape).astype(np.float32)
    assert point.inverse_vjp(v, c).shape == latents.shape
    assert point.inverse_jvp(w).shape == x.shape
    with pytest.raises(ValueError, match=r"\(2,\)"):
        point.inverse_vjp(v, np.ones(3))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((3, 3, 32, 16), np.float32), "capacity is 2"),
        (np.zeros((0, 3, 32, 16), np.float32), "shape"),
        (np.zeros((1, 3, 16, 32), np.float32), "shape"),
        (np.zeros((3, 32, 16), np.float32), "shape"),
        (np.float32(0), "shape"),
        (np.zeros((1, 3, 32, 16), np.int64), "floats"),
    ],
)
def test_wrong_arrays_are_refused(point, values, words):
    with pytest.raises((ValueError, TypeError), match=words):
        point.forward(values)


@pytest.mark.parametrize("sides", [(0, 16, 1), (5, 16, 1), (16, 16, 0), (2**31, 2**31, 2**31)])
def test_sizes_that_cannot_be_are_refused(prior, sides):
    with pytest.raises((ValueError, MemoryError)):
        prior.point(*sides)


def test_one_thread_at_a_time(prior):
    point = prior.point(256, 256, capacity=4)
    images = np.full((4, 3, 256, 256), 0.5, np.float32)
    point.forward(images)
    busy, done = [], threading.Event()

    def other():
        while not done.is_set():
            try:
                point.forward(images)
            except reglow.StateError as error:
                busy.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    for _ in range(20):
        try:
            point.forward(images)
        except reglow.StateError as error:
            busy.append(error)
    done.set()
    thread.join()
    assert busy and not any(isinstance(error, reglow.StaleRecordError) for error in busy)


def test_a_closed_point_says_so(point, images):
    with point:
        point.forward(images)
    with pytest.raises(reglow.StateError, match="closed"):
        point.forward(images)
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(point)


def test_a_point_outlives_its_prior_s_name(images):
    point = reglow.Prior.load("photos").point(32, 16, 2)
    assert point.forward(images).values.any()
