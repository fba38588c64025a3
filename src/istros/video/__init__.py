"""RTSP in, fan-out, fragmented MP4, decoding, live out."""
