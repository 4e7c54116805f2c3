"""Trains on a GPU, or checks what it computes: python -m reglow_training [check|denoise] [ARGUMENTS]."""

import sys

if sys.argv[1:] == ["check"]:
    from reglow_training.check import main
elif sys.argv[1:2] == ["denoise"]:
    from reglow_training.denoise import main

    del sys.argv[1]
else:
    from reglow_training.train import main

main()
