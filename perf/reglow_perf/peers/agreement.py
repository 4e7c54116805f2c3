"""How far the objectives and gradients of two ways to compute them may be apart: they round in different orders."""

# Relative to the larger one, by precision; bfloat16 has 8 bits.
AGREEMENT = {"fp32": 1e-3, "bf16": 5e-2}
