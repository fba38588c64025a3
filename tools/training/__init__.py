"""Makes the weights that Istros trains itself; nothing here is part of the installed program."""
