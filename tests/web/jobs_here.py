"""A worker in the test's own process: does what waits in the queue, at once."""

from flask import Flask

from studyapp.errors import StudyError
from studyapp.services.jobs import queue
from studyapp.services.jobs.kinds import KINDS, Context, refuse_senseless
from tests.conftest import NOW


def do_jobs(app: Flask) -> list[str]:
    """Do every waiting job; return how each ended."""
    state, ended = app.extensions["studyapp"], []
    database = state.site.database
    while True:
        with database.writing() as session:
            held = queue.claim(session, "here", now=NOW)
        if held is None:
            return ended
        context = Context(state.site, held.study, held.id, NOW, lambda *_: None)
        try:
            refuse_senseless(KINDS[held.kind], context)
            result = KINDS[held.kind].run(context, held.arguments)
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
