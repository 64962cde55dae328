"""Whether candidates show their image as the others do: not moved, turned, recoloured, framed or copied.

Everything is measured on a `Sketch` of each file, made while it is decoded: a small version, nine patches at
full resolution, and the edges. Pure arithmetic; what is told of a study's files is up to the folder check.
"""
