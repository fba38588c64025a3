"""Whatever the API refuses on purpose is said by a code, so that no screen falls back to the server's English."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from istros.api.problems import STATUS
from tests.house.places import ROOT
from tests.house.test_languages import words

FOR_PROGRAMS = {
    "anchors-unreadable", "anchors-refused", "not-found", "bad-request", "whep-offer", "whep-codec",
    "whep-no-pictures", "whep-busy", "device-unreachable", "device-fault",
}  # fmt: skip
"""What commands and browsers ask for, or what a form cannot send: nobody reads it but in a log, or by the kind alone."""

NEVER_MET = {"function-not-allowed"}
"""`PeopleFunctions.demand` guards an analyser, which nobody asks; people are told by `profile.not_allowed`, which is said."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "src/istros").rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def codes() -> dict[str, str]:
    """The code of each kind of error, its own or inherited."""
    own: dict[str, str] = {}
    bases: dict[str, list[str]] = {}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
                own.update((node.name, code) for line in node.body if (code := _code(line)) is not None)

    def of(name: str) -> str | None:
        return own.get(name) or next((code for base in bases.get(name, ()) if (code := of(base))), None)

    return {name: code for name in bases if (code := of(name)) is not None}


def test_each_refusal_is_said_by_a_code() -> None:
    """Or its kind has but one thing to say, and the screens say it by the kind: `problem` in `web/src/words`."""
    known = {name: code for name, code in codes().items() if code in STATUS and name != "EntryRefused"}
    plain: dict[str, list[tuple[str, str]]] = {}
    for where, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known and node.args:
                code, sentence = known[node.func.id], _sentence(node.args[0])
                if sentence and code not in FOR_PROGRAMS | NEVER_MET:
                    plain.setdefault(code, []).append((f"{where}:{node.lineno}", sentence))
    english = words("en")
    single = {code for code, found in plain.items() if len({told for _, told in found}) == 1 and "{" not in found[0][1]}
    assert {
        code: found for code, found in plain.items() if code not in single or f"problem.{code}" not in english
    } == {}


def _code(line: ast.stmt) -> str | None:
    if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name) or line.targets[0].id != "code":
        return None
    return line.value.value if isinstance(line.value, ast.Constant) and isinstance(line.value.value, str) else None


def _sentence(argument: ast.expr) -> str:
    """The sentence as it is written; empty where it is made elsewhere or said by a code."""
    if isinstance(argument, ast.JoinedStr):
        return ast.unparse(argument)
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""
