"""`just bench video`: what recording, looking and showing cost beside other recorders, in CPU seconds of the same minutes."""
