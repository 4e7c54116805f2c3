"""The steps of the splitting, for a prior that is known."""

import types
import unittest

from tests import require

require("numpy", "PIL")

import numpy as np  # noqa: E402

from reglow_perf.quality import splitting  # noqa: E402


class WhiteNoise:
    """The flow of N(0, 1) for each number."""

    def forward(self, x):
        return types.SimpleNamespace(values=x.reshape(len(x), -1))

    def forward_vjp(self, values, _):
        return values.reshape(-1, 3, 8, 8)


class SplittingTests(unittest.TestCase):
    def test_the_step_of_the_data_is_the_minimum(self):
        random = np.random.default_rng(0)
        x, y = random.standard_normal((3, 8, 8)), random.standard_normal((3, 4, 4))
        image = splitting.fitted(x, y, 0.3)

        def objective(u):
            return ((splitting.means(u) - y) ** 2).sum() + 0.3 * ((u - x) ** 2).sum()

        for _ in range(10):
            change = 1e-3 * random.standard_normal(x.shape)
            self.assertLess(objective(image), objective(image + change))
            self.assertAlmostEqual(objective(image + change), objective(image - change), delta=1e-9)

    def test_the_mean_is_that_of_the_density_in_each_mirror_image(self):
        x = np.random.default_rng(1).standard_normal((3, 8, 8))
        # The density of c x is N(0, 1), so x has the deviation 1 / c = 2, of which noise takes a part.
        for turn in range(4):
            np.testing.assert_allclose(splitting.denoised(WhiteNoise(), x, 0.1, turn), x * (1 - 0.1**2 * 0.5**2), rtol=1e-5)

    def test_noise_falls_from_the_first_to_the_last(self):
        for way in splitting.WAYS.values():
            deviations = way.deviations()
            self.assertEqual(len(deviations), way.steps)
            np.testing.assert_allclose(deviations[[0, -1]], [way.first, way.last])
            self.assertTrue((np.diff(deviations) < 0).all())


if __name__ == "__main__":
    unittest.main()
