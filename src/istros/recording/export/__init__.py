"""Evidence that leaves the node: films cut to the frame, redacted films, packages that prove themselves (docs/design/0025)."""
