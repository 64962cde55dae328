"""A worker in the test's own process: does what waits in the queue, at once."""

from flask import Flask

from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.services.ground.site import Site
from studyapp.services.jobs import queue
from studyapp.services.jobs.kinds import KINDS, Context, refuse_senseless, rows_of
from tests.conftest import NOW


def do_jobs(app: Flask) -> list[str]:
    """Do every job that waits for a worker of an application; return how each ended."""
    return do_jobs_of(app.extensions["studyapp"].site)


def do_jobs_of(site: Site) -> list[str]:
    """Do every waiting job of a site; return how each ended."""
    ended: list[str] = []
    database = site.database
    while True:
        with database.writing() as session:
            held = queue.claim(session, "here", now=NOW)
        if held is None:
            return ended
        context = Context(site, held.study, held.id, NOW, lambda *_: None)
        try:
            refuse_senseless(KINDS[held.kind], context)
            result = KINDS[held.kind].run(context, held.arguments)
        except ProblemsFoundError as error:
            with database.writing() as session:
                queue.fail(session, held, {"error": str(error), **rows_of(error.problems)}, now=NOW)
            ended.append("failed")
        except StudyError as error:
            with database.writing() as session:
                queue.fail(session, held, {"error": str(error)}, now=NOW)
            ended.append("failed")
        else:
            with database.writing() as session:
                queue.finish(session, held, result, now=NOW)
            ended.append("done")
        finally:
            if "workspace" in context.__dict__:
                context.workspace.database.close()
