"""The pictures of the simulated city: scenes built from a seed, drawn with OpenGL, with their ground truth."""
