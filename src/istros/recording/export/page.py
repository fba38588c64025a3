"""The page of a package, for people: one HTML file that needs nothing else and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from istros.compliance.purposes import purpose_words
from istros.recording.export.manifest import VERIFIER
from istros.recording.export.page_words import WORDS

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem}h3{font-size:1.05rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}
th{background:#eee}code{overflow-wrap:anywhere}.warn{border:2px solid #a00;padding:.5rem;font-weight:600}.wide{overflow-x:auto}
video{max-width:100%;max-height:24rem}
"""


def render_page(manifest: Mapping[str, Any], language: str) -> str:
    """The page of a manifest; English where a language has no words."""
    words = WORDS.get(language, WORDS["en"])
    node, order, export = manifest["node"], manifest["order"], manifest["export"]
    facts = [
        (words["span"], f"{export['from']} – {export['to']}"),
        (words["kind"], words[export["kind"]]),
        (words["stream"], export["stream"]),
        (words["made"], export["made"]),
        (
            words["node"],
            f"{node['name']}, {node['organisation']}, {node['town']} ({node['software']} {node['version']})",
        ),
        (words["by"], f"{order['by']} ({order['organisation']}), {order['at']}"),
        (words["reason"], order["reason"]),
        (words["permit"], order["permit"]),
        (words["purpose"], purpose_words(language).get(order["purpose"], order["purpose"])),
        *((words[name], order[name]) for name in ("ground", "case")),
        *_recipient(manifest.get("recipient"), words),
    ]
    body = [
        f"<h1>{escape(words['title'])}</h1>",
        f"<p class=warn>{escape(words['simulated'])}</p>" if node["simulated"] else "",
        _pairs(facts),
        f"<p>{escape(words['utc'])} {escape(words['holes'])}</p>",
        _masks(manifest["masks"], words),
        _redaction(manifest["redaction"], words),
        *(_camera(camera, export, words) for camera in manifest["cameras"]),
        _papers(manifest["files"], words),
        f"<h2>{escape(words['verify'])}</h2><p>{escape(words['verify_text'])}</p>"
        f"<p><a href='{VERIFIER}'>{escape(words['verify_page'])}</a></p>",
        _pairs([(words["fingerprint"], node["key"])]),
    ]
    head = (
        f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{escape(words['title'])}</title>"
    )
    return f"<!doctype html><html lang={escape(language)}><head>{head}<style>{_STYLE}</style></head><body>{''.join(body)}</body></html>\n"


def _recipient(recipient: Mapping[str, Any] | None, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """To whom the package goes and on what ground; nothing in packages from before that was asked."""
    if recipient is None:
        return []
    basis = ", ".join(text for text in (recipient["basis_law"], recipient["reference"]) if text)
    return [
        (words["recipient"], f"{recipient['recipient']} ({recipient['country']})"),
        (words["basis"], basis),
        (words["departure"], recipient["number"]),
    ]


def _masks(masks: Mapping[str, Any], words: Mapping[str, str]) -> str:
    lift = masks["lifted"]
    if lift is not None:
        said = words["masks_lifted"].format(
            release=lift["release"], asked=lift["asked_by"], released=lift["released_by"]
        )
    elif masks["painted"]:
        said = words["masks_painted"].format(cameras=", ".join(one["camera"] for one in masks["painted"]))
    else:
        return ""
    return f"<h2>{escape(words['masks'])}</h2><p>{escape(said)}</p>"


def _redaction(redaction: Mapping[str, Any] | None, words: Mapping[str, str]) -> str:
    if redaction is None:
        return ""
    hidden = [words["heads"]] * redaction["people"] + [words["plates"]] * redaction["plates"]
    if redaction["fields"]:
        hidden.append(words["fields"].format(count=redaction["fields"]))
    rows = [(one["camera"], one["at"]) for one in redaction["to_review"]]
    review = f"<h3>{escape(words['review'])}</h3>{_table((words['camera'], 'UTC'), rows)}" if rows else ""
    return (
        f"<h2>{escape(words['redaction'])}</h2><p>{escape('; '.join(hidden))}</p>"
        f"<p class=warn>{escape(words['redaction_warning'])}</p>{review}"
    )


def _camera(camera: Mapping[str, Any], export: Mapping[str, Any], words: Mapping[str, str]) -> str:
    offset = camera["clock_offset_ms"]
    clock = words["unknown"] if offset is None else words["ahead" if offset >= 0 else "behind"].format(ms=abs(offset))
    facts = [
        (words["place"], f"{camera['name']}, {camera['town']}"),
        (words["owner"], camera["owner"]),
        (words["clock"], clock),
    ]
    return (
        f"<h2>{escape(words['camera'])} {escape(camera['id'])}</h2>{_pairs(facts)}"
        f"<h3>{escape(words['films'])}</h3>{_films(camera['films'], export, words)}"
        f"<h3>{escape(words['gaps'])}</h3>{_gaps(camera['gaps'], words)}"
        f"<h3>{escape(words['segments'])}</h3>{_segments(camera['segments'], words)}"
    )


def _films(films: Sequence[Mapping[str, Any]], export: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if not films:
        return f"<p>{escape(words['none'])}</p>"
    rows = []
    for film in films:
        again = ", ".join(f"{p['from']} – {p['to']} ({p['pictures']}; {p['psnr_db']} dB)" for p in film["coded_again"])
        said = words["all"] if film["coding"] == "all coded again" else again or words["nothing"]
        rows.append((film["path"], film["from"], film["to"], str(film["pictures"]), said))
    players = "".join(
        f"<video controls preload=none src='{escape(film['path'], quote=True)}'></video>" for film in films
    )
    return _table([words[name] for name in ("film", "begins", "ends", "pictures", "again")], rows) + players


def _gaps(gaps: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> str:
    if not gaps:
        return f"<p>{escape(words['no_gaps'])}</p>"
    rows = [(gap["from"], gap["to"] or "…", words[f"cause_{gap['cause']}"], gap["detail"]) for gap in gaps]
    return _table((words["begins"], words["ends"], words["cause"], ""), rows)


def _segments(segments: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> str:
    rows = []
    for segment in segments:
        state = words["left_out"] if segment["path"] is None else words["as_recorded"]
        if segment["as_recorded"] is False:
            state = words["altered"]
        rows.append((segment["from"], segment["to"], segment["sha256"] or "", state))
    return _table((words["begins"], words["ends"], "SHA-256", ""), rows)


def _papers(files: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> str:
    """What lies beside the films, each kind with its files."""
    rows = "".join(
        f"<tr><th>{escape(words[f'paper_{what}'])}<td>{links}"
        for what in ("alarms", "plate reads", "plate", "still", "custody")
        if (links := _links(file["path"] for file in files if file["what"] == what))
    )
    return f"<h2>{escape(words['papers'])}</h2><table>{rows}</table>" if rows else ""


def _links(paths: Iterable[str]) -> str:
    return "<br>".join(f"<a href='{escape(path, quote=True)}'>{escape(path)}</a>" for path in paths)


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><th>{escape(name)}<td>{escape(value)}" for name, value in pairs)
    return f"<table>{rows}</table>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(head)}" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) for row in rows)
    return f"<div class=wide><table><tr>{top}{body}</table></div>"
