"""Before NumPy and torch are loaded, here and in every process that a test starts: one thread each.

The tests keep all cores busy by themselves, and threads that wait for each other on a busy core take several
times as long as one alone.
"""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
