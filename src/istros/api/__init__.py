"""HTTP and WebSocket: one router a subject, and every request through one gate (docs/design/0002)."""
