"""Trains on a GPU, or checks what it computes: python -m reglow_training [check] [ARGUMENTS]."""

import sys

if sys.argv[1:] == ["check"]:
    from reglow_training.check import main
else:
    from reglow_training.train import main

main()
