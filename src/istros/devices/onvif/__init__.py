"""Speaking ONVIF to cameras: who they are, their streams, clock, head, events and what their card kept (0021)."""
