"""The sizes of the code beside our targets: `python -m tools.measure` prints the table, the house tests keep it."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src/istros"
FUNCTION_LINES_MAX, FILE_LINES_MAX = 70, 500


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method and how it is written; `lines` counts from `def` to its last line, docstring included."""

    place: str
    lines: int
    is_public: bool
    has_docstring: bool
    is_typed: bool


def files(folder: Path = SOURCES) -> Iterator[Path]:
    """Every module, sorted."""
    return iter(sorted(folder.rglob("*.py")))


def file_lines(path: Path) -> int:
    """How long a module is."""
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[Function]:
    """Every function of a module, methods and inner functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _described(path, node)


def _described(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    return Function(
        place=f"{path.relative_to(ROOT).as_posix()}:{node.name}",
        lines=(node.end_lineno or node.lineno) - node.lineno + 1,
        is_public=not node.name.startswith("_"),
        has_docstring=ast.get_docstring(node) is not None,
        is_typed=node.returns is not None,
    )


def spread(values: list[int]) -> str:
    """Median, ninth decile and largest."""
    ordered = sorted(values)
    return f"{statistics.median(ordered):.0f} / {ordered[int(len(ordered) * 0.9)]} / {ordered[-1]}"


def share(parts: list[bool]) -> str:
    """How many of them hold, in per cent."""
    return f"{100 * sum(parts) / max(1, len(parts)):.0f} %"


def table() -> str:
    """Our row, with the targets beside it."""
    modules = [file_lines(path) for path in files()]
    found = [function for path in files() for function in functions(path)]
    public = [function for function in found if function.is_public]
    rows = (
        ("files", str(len(modules)), ""),
        ("lines", str(sum(modules)), ""),
        ("file median / p90 / max", spread(modules), f"max {FILE_LINES_MAX}"),
        ("functions", str(len(found)), ""),
        ("function median / p90 / max", spread([item.lines for item in found]), f"10 / 35 / {FUNCTION_LINES_MAX}"),
        ("public functions with docstring", share([item.has_docstring for item in public]), "100 %"),
        ("return types", share([item.is_typed for item in found]), "100 %"),
    )
    lines = [f"| {name} | {figure} | {target} |" for name, figure, target in rows]
    return "\n".join(["| measure | figure | target |", "|---|---|---|", *lines])


if __name__ == "__main__":
    print(table())
