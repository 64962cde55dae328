#!/bin/sh
# Every check that needs a GPU, in under 8 minutes: tests marked gpu, LPIPS and DISTS beside pyiqa, the clock of
# `studyapp measure`. Goals and figures are printed as a table; the exit status is 1 where a goal is missed, 2
# where there is no GPU. PYTHON=... chooses another Python than the checkout's.
cd "$(dirname "$0")/.." || exit 2
export CUDA_DEVICE_ORDER=PCI_BUS_ID
exec "${PYTHON:-.venv/bin/python}" -m benchmarks.bench_gpu "$@"
