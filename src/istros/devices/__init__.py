"""Cameras, their places, and the organisations that own them."""
