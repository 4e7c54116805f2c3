"""Models as the checkpoints of other implementations of Glow, and what they compute by their own formulas."""
