"""Istros: a city-safety centre that two border towns share."""

__version__ = "0.1.0"
