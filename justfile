# Every developer command. `pip install rust-just` or ./istros setup brings `just` into .venv/bin.
python := ".venv/bin/python"

# List the commands
default:
    @{{just_executable()}} --list

# Everything a commit must pass: form, types, layers, tests
check: lint types layers test

# Set up or bring up to date: packages, screens, models
setup:
    ./istros setup

# Run the tests; arguments go to pytest
test *ARGS:
    ./istros test {{ARGS}}

# Put the code into its form
format:
    {{python}} -m ruff format .
    {{python}} -m ruff check --fix .

# Form and banned calls
lint:
    {{python}} -m ruff format --check .
    {{python}} -m ruff check .

# Types
types:
    {{python}} -m mypy

# Who may import whom
layers:
    .venv/bin/lint-imports

# The client's types and rules
weblint:
    {{python}} -m tools.weblint

# Live simulated cameras, recorded and analysed, with the screens
demo *ARGS:
    ./istros demo {{ARGS}}

# A whole town under a virtual clock, from a seed: repeats a failure exactly
city SEED HOURS:
    ./istros city run --seed {{SEED}} --hours {{HOURS}}

# Render the demo's clips anew, with their ground truth (needs OpenGL in software)
render *ARGS:
    ./istros city render {{ARGS}}

# Write docs/reference/openapi.json and the client's types from the server's code
api:
    {{python}} -m istros.api.schema_file
    {{python}} -m tools.codegen

# Rewrite the golden files; read the difference before you commit it
golden *ARGS:
    ISTROS_GOLDEN=write ./istros test {{ARGS}}

# Resolve the packages anew and pin them with their hashes
lock:
    {{python}} -m tools.lock

# The sizes of files and functions beside our targets
measure:
    {{python}} -m tools.measure

# Measure: `just bench video` compares recording, looking and showing with other recorders (docs/benchmarks/video.md)
bench NAME *ARGS:
    {{python}} -m tools.bench_{{NAME}} {{ARGS}}

# Full disks, slow disks, locked databases, kills, clocks: every pressure test in full, with its figures
pressure *ARGS:
    ISTROS_PRESSURE=full ./istros test tests/pressure -s {{ARGS}}

# Train our own models from nothing: `just train plates` (hours; needs the dependency group `training` and labelled sets)
train NAME *ARGS:
    {{python}} -m tools.training.{{NAME}} {{ARGS}}

# Fuzz the parsers of what comes from outside, by coverage where atheris is installed: `just fuzz 600`, `just fuzz 60 rtsp sdp`
fuzz SECONDS *TARGETS:
    {{python}} -m tools.fuzz {{SECONDS}} {{TARGETS}}

# Hashes and licences of everything that is built in, versions taken back, known weaknesses where pip-audit is installed
audit:
    {{python}} -m tools.audit
