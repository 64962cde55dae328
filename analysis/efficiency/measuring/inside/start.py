"""The first code of a model's process: limits and a private root, then the model in a child process."""

import faulthandler
import json
import os
import resource
import sys
import traceback
from typing import Any

from analysis.efficiency.measuring.inside import guard, root, system
from analysis.efficiency.measuring.inside.reports import Reports

REFUSED = 97
"""Exit status if the kernel does not allow the isolation."""


def main(job_descriptor: int, report_descriptor: int) -> None:
    """Read the job, isolate, and run it in a child; never returns."""
    with open(job_descriptor, encoding="utf-8") as file:
        job = json.load(file)
    sys.path += [path for path in job["packages"] if path not in sys.path]
    if job["isolated"]:
        try:
            root.enter(job)
            system.drop_privileges()
        except OSError as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(REFUSED)
    if job["probe"]:
        os._exit(0)
    os.chdir(job["folder"])
    if not job["isolated"]:
        _run(job, report_descriptor)
    system.set_traceable(False)  # before the fork, so that there is no moment in which the model could attach
    child = os.fork()
    if child == 0:
        system.set_traceable(True)
        _run(job, report_descriptor)
    status, breach = guard.watch(child, job["limits"], job["output"], report_descriptor)
    if breach:
        Reports(report_descriptor, job["token"]).tell("breach", problem=breach)
    os._exit(status)


def _run(job: dict[str, Any], report_descriptor: int) -> None:
    """Measure, and leave without the model's exit handlers: they could say anything."""
    from analysis.efficiency.measuring.inside.measure import measure_model

    faulthandler.enable()
    _limit(job["limits"])
    try:
        measure_model(job, Reports(report_descriptor, job["token"]))
        status = 0
    except BaseException:
        traceback.print_exc()
        status = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def _limit(limits: dict[str, Any]) -> None:
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits["output_mb"] * 10**6,
        resource.RLIMIT_NPROC: limits["threads"],
    }
    if limits["address_mb"]:
        bounds[resource.RLIMIT_AS] = limits["address_mb"] * 2**20
    for kind, value in bounds.items():
        resource.setrlimit(kind, (value, value))
