"""An executor that works in this process, at once: for tests that batch work is part of but not about."""

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future


class Here(Executor):
    """Does what it is given; functions, arguments and answers are pickled as for another process."""

    def __init__(self, *_options: object, **_more: object) -> None:
        """Take what the pool of processes takes."""

    def submit(self, fn: Callable, /, *args: object, **kwargs: object) -> Future:
        future: Future = Future()
        fn, args, kwargs = pickle.loads(pickle.dumps((fn, args, kwargs)))
        try:
            future.set_result(pickle.loads(pickle.dumps(fn(*args, **kwargs))))
        except Exception as error:
            future.set_exception(error)
        return future
