"""The card of a detector that an administrator puts in: a TOML or JSON file beside an ONNX file (docs/design/0027).

Everything that differs between detectors stands on the card, so that none needs code: size and layout of the input,
normalisation, how the outputs are read, what the labels mean, and where the weights are from.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from istros.base.errors import IstrosError
from istros.recognition.models.cards import STREET_LABELS

LABELS = frozenset({*STREET_LABELS, "van"})
"""What a detector may call things; a label of the card that is none of these is refused, a class without label is ignored."""

_SIDE_MAX = 4096
_EXAMPLE = "docs/design/0027-evaluation-and-own-detectors.md shows whole cards."


class CardWrong(IstrosError):
    """A detector's card, or the file that it names, cannot be used; the message lists every fault."""

    code = "detector-card"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputCard(_Part):
    """How a picture goes in: resized, then (value - mean) / deviation * scale for each channel."""

    name: str = "images"
    columns: Annotated[int, Field(ge=32, le=_SIDE_MAX)]
    rows: Annotated[int, Field(ge=32, le=_SIDE_MAX)]
    layout: Literal["nchw", "nhwc"] = "nchw"
    channels: Literal["rgb", "bgr"] = "rgb"
    fit: Literal["letterbox", "stretch"] = "letterbox"
    """`letterbox`: in its own proportions, the rest filled below and at the right; `stretch`: over the whole input."""
    fill: Annotated[int, Field(ge=0, le=255)] = 114
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """In the order of `channels`, in grey levels (0 to 255)."""
    scale: Annotated[float, Field(gt=0)] = 1.0
    size_name: str = ""
    """A second input that wants the size (columns, rows) of the picture, as deployed DETRs have it; empty: none."""

    @field_validator("deviation")
    @classmethod
    def _divides(cls, value: tuple[float, float, float]) -> tuple[float, float, float]:
        if min(value) <= 0:
            raise ValueError("each deviation must be above 0")
        return value


class YoloxOutput(_Part):
    """YOLOX as its own exporter writes it: one output (1, places, 5 + classes), not decoded, scores after the sigmoid."""

    decoding: Literal["yolox"]
    name: str = "output"
    strides: tuple[int, ...] = (8, 16, 32)
    decoded: bool = False
    """True where the boxes are pixels of the input already (`--decode_in_inference`)."""


class DetrOutput(_Part):
    """DETR and its kin (RT-DETR, D-FINE): logits (1, queries, classes) and boxes (middle x, y, width, height; 0 to 1)."""

    decoding: Literal["detr"]
    logits: str = "logits"
    boxes: str = "pred_boxes"
    activation: Literal["sigmoid", "softmax"] = "sigmoid"
    """`softmax`: the last class is "nothing", as in the first DETR."""


class FinishedOutput(_Part):
    """A detector with its own last step inside (RT-DETR and D-FINE as they are deployed): labels, boxes, scores.

    Boxes are left, top, right, bottom in pixels of the size that went into `size_name`, else of the input.
    """

    decoding: Literal["finished"]
    labels: str = "labels"
    boxes: str = "boxes"
    scores: str = "scores"


class CenternetOutput(_Part):
    """CenterNet with its peaks found in the graph: scores (1, classes, rows, columns) and sides (1, 4, rows, columns)."""

    decoding: Literal["centernet"]
    peaks: str = "peaks"
    sides: str = "sides"
    """Left, top, right, bottom: pixels of the input from the peak outwards."""
    stride: Annotated[int, Field(ge=1, le=64)] = 4


OutputCard = Annotated[YoloxOutput | DetrOutput | FinishedOutput | CenternetOutput, Field(discriminator="decoding")]


class DetectorCard(_Part):
    """The whole card."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    title: Annotated[str, Field(min_length=1)]
    file: str
    """The ONNX file, in the card's own folder."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    source: Annotated[str, Field(min_length=1)]
    licence: Annotated[str, Field(min_length=1)]
    input: InputCard
    output: OutputCard
    labels: dict[int, str]
    """What the net's classes are in the city's words, by their number from 0; classes left out are ignored."""
    treat_night: bool = False
    """Whether dark pictures go in grey with local contrast, as for the street detector; large detectors need none."""
    same: Annotated[float, Field(gt=0, le=1)] = 0.6
    """Overlap from which two boxes of one kind are one thing."""

    @field_validator("labels")
    @classmethod
    def _are_known(cls, value: dict[int, str]) -> dict[int, str]:
        unknown = sorted(set(value.values()) - LABELS)
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is not known; write one of {', '.join(sorted(LABELS))}")
        if not value or min(value) < 0:
            raise ValueError("at least one class from 0 on must have a label")
        return value

    @field_validator("file")
    @classmethod
    def _lies_beside(cls, value: str) -> str:
        if not value or Path(value).name != value:
            raise ValueError("must be the name of a file in the card's own folder")
        return value

    @model_validator(mode="after")
    def _fits_the_strides(self) -> DetectorCard:
        if isinstance(self.output, YoloxOutput):
            coarsest = max(self.output.strides, default=0)
            if not coarsest or min(self.output.strides) < 1:
                raise ValueError("output.strides must name at least one stride of 1 or more")
            if self.input.columns % coarsest or self.input.rows % coarsest:
                raise ValueError(f"input.columns and input.rows must be multiples of the largest stride, {coarsest}")
        return self


def read_card(path: Path) -> tuple[DetectorCard, Path]:
    """(the card, its ONNX file), the file's hash compared. Raises CardWrong with one sentence a fault."""
    content = _content(path)
    try:
        card = DetectorCard.model_validate(content)
    except ValidationError as error:
        faults = "\n".join(_sentence(path, fault) for fault in error.errors())
        raise CardWrong(faults, _EXAMPLE) from None
    model = path.parent / card.file
    try:
        found = hashlib.sha256(model.read_bytes()).hexdigest()
    except OSError as error:
        raise CardWrong(
            f"The model {card.file} of the card {path} cannot be read: {error.strerror}.", "Put it beside the card."
        ) from None
    if found != card.sha256:
        raise CardWrong(
            f"The model {model} is not the one of its card: its sha256 is {found}.",
            "Put the right file there, or write this hash on the card after you have made sure of the file.",
        )
    return card, model


def _content(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise CardWrong(f"The detector's card {path} cannot be read: {reason}.", "Name the card's file.") from None
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        form = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise CardWrong(f"The detector's card {path} is not valid {form}: {error}.", _EXAMPLE) from None
    if not isinstance(content, dict):
        raise CardWrong(f"The detector's card {path} holds no keys.", _EXAMPLE)
    return content


def _sentence(path: Path, fault: Any) -> str:
    steps = [str(step) for step in fault["loc"] if step not in ("yolox", "detr", "finished", "centernet")]
    key = ".".join(steps) or "the card"
    kind = str(fault["type"])
    message = {"extra_forbidden": "there is no such key", "missing": "is missing"}.get(kind, str(fault["msg"]))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        key, message = "output.decoding", "must be yolox, detr, finished or centernet"
    return f"{path}: {key}: {message.removeprefix('Value error, ')}."
