# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Degrade, restore, look
#
# A notebook as text: `jupytext --to notebook --execute restoration.py` makes and runs it, and Jupyter opens it with the extension of
# jupytext. It needs `reglow`, `matplotlib` and `pillow`, and the folder `Examples` of the sources.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import reglow

folder = Path(os.environ.get("REGLOW_EXAMPLES", ".."))
photo = np.asarray(Image.open(folder / "astronaut-256.png"))[20:148, 34:162].astype(np.float32) / 255
prior = reglow.Prior.load("photos")
prior

# %% [markdown]
# ## A blurred photograph
#
# The border is unknown: the blurred picture is a window of the truth, without the pixels that would depend on what lies beyond it.

# %%
problem = reglow.Deblur("motion:9@30")
blurred = problem.degrade(photo, noise=0.01, seed=1)
truth = problem.restored_part(photo)
errors = []


def watch(progress):
    errors.append((progress.evaluations, reglow.psnr(progress.image(), truth)))


result = reglow.restore(blurred, problem, noise=0.01, prior=prior, progress=watch)
result

# %%
figure, axes = plt.subplots(1, 3, figsize=(12, 4.4))
for axis, image, name in zip(axes, (truth, blurred, result.image), ("truth", "measurement", "restored")):
    axis.imshow(image.clip(0, 1))
    axis.set_title(name if image is truth else f"{name}, PSNR {reglow.psnr(image, truth):.2f} dB")
    axis.axis("off")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Objective and error
#
# The objective falls with every accepted iterate; where it drops, the solve goes on from the latent to the image. The error against
# the truth, which a user does not know, is least about where the solve ends: it stops when the objective has hardly anything left
# to gain.

# %%
trace = result.trace
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4))
left.semilogy(trace["evaluations"], trace["objective"], label="E")
left.semilogy(trace["evaluations"], trace["data_fidelity"], label="1/2 |A x - y|^2")
left.semilogy(trace["evaluations"], trace["prior"], label="lambda/2 |z|^2")
left.set_xlabel("evaluations")
left.legend()
right.plot(*np.array(errors).T)
right.set_xlabel("evaluations")
right.set_ylabel("PSNR in dB")
figure.tight_layout()
plt.show()

# %% [markdown]
# What is left of the error, ten times as strong: edges finer than the blur and the noise leave to see.

# %%
error = result.image - truth
plt.figure(figsize=(4.4, 4.4))
plt.imshow((0.5 + 10 * error / 2).clip(0, 1))
plt.axis("off")
plt.show()
print(f"root mean square error {np.sqrt(np.mean(error**2)):.4f}")

# %% [markdown]
# ## Missing pixels, and the weight of the prior

# %%
known = np.random.default_rng(0).random(photo.shape[:2]) > 0.7
inpaint = reglow.Inpaint(mask=known)
measured = inpaint.degrade(photo, noise=0.02, seed=2)
weights = [4e-6, 4e-5, 4e-4, 4e-3]
tried = [reglow.restore(measured, inpaint, noise=0.02, prior=prior, regularization_weight=weight) for weight in weights]
chosen = reglow.restore(measured, inpaint, noise=0.02, prior=prior)

figure, axes = plt.subplots(1, 3, figsize=(12, 4.4))
axes[0].imshow(measured.clip(0, 1))
axes[0].set_title("30 % of the pixels are known")
axes[1].imshow(chosen.image.clip(0, 1))
axes[1].set_title(f"restored, PSNR {reglow.psnr(chosen.image, photo):.2f} dB")
for axis in axes[:2]:
    axis.axis("off")
axes[2].semilogx(weights, [reglow.psnr(each.image, photo) for each in tried], "o-")
axes[2].axvline(chosen.regularization_weight, linestyle="dashed")
axes[2].set_xlabel("lambda; dashed: the square of sigma")
axes[2].set_ylabel("PSNR in dB")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## The prior alone
#
# What it makes of random latents, and what it holds for likely: fewer bits per dimension.

# %%
samples = prior.sample(6, size=(64, 64), temperature=0.7, seed=3)
noise = np.random.default_rng(1).random((64, 64, 3)).astype(np.float32)
figure, axes = plt.subplots(1, 8, figsize=(12, 2))
for axis, image in zip(axes, [photo[:64, :64], noise, *samples]):
    axis.imshow(image.clip(0, 1))
    axis.set_title(f"{prior.bits_per_dimension(image.clip(0, 1)):.2f} bits")
    axis.axis("off")
figure.tight_layout()
plt.show()
