"""Composition roots: objects are built here and nowhere else."""
