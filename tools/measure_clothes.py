"""The colours of clothes against what the simulated city dressed its people in: `python -m tools.measure_clothes`.

Boxes come from the clips' ground truth; every twelfth picture of the first eight seconds counts, near people more.
"""

from __future__ import annotations

from collections import Counter

from istros.recognition.appearance.clothes import clothes_in
from istros.recognition.appearance.person_seen import LEAST_SHARE
from istros.recognition.colour_names import light_of
from istros.sim.clips import clips
from istros.video.files import frames_of
from tools.simulated_people import bodies, clothes_of

EVERY, LAST, LEAST_SEEN = 12, 200, 0.8


def main() -> None:
    """Print each person's colours and the truth, then how many were right."""
    right: Counter[str] = Counter()
    for clip in clips():
        for person, (upper, lower) in _looks(clip.name).items():
            truth = clothes_of(clip.name, person)
            for part, counts, wanted in zip(("upper", "lower"), (upper, lower), truth or (), strict=False):
                if not counts:
                    continue
                first, total = counts.most_common(1)[0][0], counts.total()
                right[f"{part} clothes"] += 1
                right[f"{part} first"] += first == wanted
                right[f"{part} named"] += counts[wanted] >= LEAST_SHARE * total
                said = ", ".join(f"{name} {count / total:.2f}" for name, count in counts.most_common(3))
                print(f"{clip.name} {person} {part}: {wanted}; found {said}", flush=True)
    print(dict(right))


def _looks(name: str) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Of each person in a clip: the colours of upper and lower clothes, weighted by height."""
    found: dict[str, tuple[Counter[str], Counter[str]]] = {}
    path = next(clip.main_path for clip in clips() if clip.name == name)
    for item in frames_of(path):
        if item.number > LAST:
            break
        people = bodies(name, item.number, LEAST_SEEN) if item.number % EVERY == 0 else {}
        frame = item.frame.bgr() if people else None
        for person, box in people.items():
            look = None if frame is None else clothes_in(frame, box, light_of(frame))
            if look is not None:
                counts = found.setdefault(person, (Counter(), Counter()))
                for each, shares in zip(counts, (look.upper, look.lower), strict=True):
                    each.update({colour: round(1000 * share * look.height_px) for colour, share in shares.items()})
    return found


if __name__ == "__main__":
    main()
