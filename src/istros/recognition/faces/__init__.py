"""Faces: found, judged by their quality, aligned, compared, and described by age and sex; nothing of them is kept here.

What of it may run on a node its deployment profile says (`istros.compliance.deployment`).
"""
