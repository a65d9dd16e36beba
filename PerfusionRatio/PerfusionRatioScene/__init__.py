"""Between MRML and the library: nodes, segments, overlays, tables, plots and layouts.

Everything here runs on the main thread, imports slicer and vtk, and never qt. What the library works on is copied out
of the scene, so that a worker thread may have it.
"""
