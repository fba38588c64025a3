"""How people look from afar: colours of clothes, bag and direction, for a search inside a case (no face, no identity)."""
