"""Random Latin squares by the chain of Jacobson and Matthews (1996), drawn with a keyed stream.

A square is a cube of zeros and ones with the sum 1 along every line. A move adds 1 in four corners of a
2 x 2 x 2 box and takes 1 from the other four; one corner may fall to -1, and the next move then starts there.
A round is a move and those that follow until no -1 is left. After many rounds (counted as rounds: counted as
moves it would favour some squares) every Latin square is equally likely, the table of a group like any other.
"""

from collections.abc import Callable

from studyapp.core.keyed import keyed_draws

Square = tuple[tuple[int, ...], ...]
Cell = tuple[int, int, int]

ROUNDS = 8
"""Rounds for each row; after 2 much of the cyclic square at the start is left, after 5 hardly any."""


def latin_square(key: bytes, size: int, *label: object) -> Square:
    """Draw a Latin square of the numbers 0 to `size` - 1; row by row.

    Parameters
    ----------
    key
        The study key, 32 bytes.
    size
        The number of rows, columns and symbols, at least 1.
    label
        Names the stream: another label gives an independent square.
    """
    draw = keyed_draws(key, "latin square", *label)
    chain = _Chain(size)
    for _ in range(ROUNDS * size if size > 1 else 0):
        chain.move(draw)
        while chain.negative is not None:
            chain.move(draw)
    return tuple(tuple(symbols[0] for symbols in row) for row in chain.along[2])


class _Chain:
    """The ones of the cube by line, and its corner of -1 while there is one."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.negative: Cell | None = None
        # along[axis][u][v]: where the ones stand on the line in that direction through the other two.
        self.along: list[list[list[list[int]]]] = [
            [[[] for _ in range(size)] for _ in range(size)] for _ in range(3)
        ]
        for row in range(size):
            for column in range(size):
                self._add((row, column, (row + column) % size))

    def move(self, draw: Callable[[int], int]) -> None:
        """Make one move, from the corner of -1 or else from a zero drawn at random."""
        x, y, z = start = self.negative or self._zero(draw)
        ones = (self.along[0][y][z], self.along[1][x][z], self.along[2][x][y])
        # Through a corner of -1 each line has two ones: either will do.
        a, b, c = (min(line) if len(line) == 1 or draw(2) == 0 else max(line) for line in ones)
        for cell in (start, (x, b, c), (a, y, c), (a, b, z)):
            self._add(cell)
        for cell in ((a, y, z), (x, b, z), (x, y, c), (a, b, c)):
            self._take(cell)

    def _zero(self, draw: Callable[[int], int]) -> Cell:
        row, column, other = draw(self.size), draw(self.size), draw(self.size - 1)
        return row, column, other + (other >= self.along[2][row][column][0])

    def _add(self, cell: Cell) -> None:
        if cell == self.negative:
            self.negative = None
            return
        for axis, line in enumerate(self._lines(cell)):
            line.append(cell[axis])

    def _take(self, cell: Cell) -> None:
        x, y, z = cell
        if z not in self.along[2][x][y]:
            self.negative = cell
            return
        for axis, line in enumerate(self._lines(cell)):
            line.remove(cell[axis])

    def _lines(self, cell: Cell) -> tuple[list[int], list[int], list[int]]:
        x, y, z = cell
        return self.along[0][y][z], self.along[1][x][z], self.along[2][x][y]
