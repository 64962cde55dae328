"""The console: the organisers' pages, a module for each entry of its navigation.

Modules that show results are loaded when first asked for: they bring pandas and SciPy, which no judge needs.
"""
