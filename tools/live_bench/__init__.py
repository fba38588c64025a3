"""Parts of `tools/bench_live.py`: a film with a burnt-in clock, the node under test, the browser and the viewers."""
