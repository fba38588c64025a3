"""The sequence parameter set of H.265 (ITU-T H.265 section 7.3.2.2), as far as recording and showing need it."""

from __future__ import annotations

from dataclasses import dataclass, field

from istros.video.bits import BitReader, payload_of


@dataclass(slots=True)
class H265Sps:
    """Fields of the set; `profile_tier_level` is the 12 general bytes that `hvcC` and the codec name repeat."""

    profile_tier_level: bytes = b""
    temporal_layers: int = 1
    temporal_nested: bool = False
    chroma_format: int = 1
    width: int = 0
    height: int = 0
    bit_depth_luma: int = 8
    bit_depth_chroma: int = 8
    fps: float | None = None
    order_bits: int = field(default=0, repr=False)


def read_h265_sps(nal: bytes) -> H265Sps:
    """Parse an SPS with its two header bytes; ValueError when it ends too early or makes no sense."""
    reader, sps = BitReader(payload_of(nal, 2)), H265Sps()
    reader.skip(4)
    sps.temporal_layers = reader.bits(3) + 1
    sps.temporal_nested = reader.flag()
    _read_profile_tier_level(reader, sps)
    reader.unsigned()
    _read_picture(reader, sps)
    try:
        _read_fps(reader, sps)
    except ValueError:
        sps.fps = None  # Size and depth are known by now; a strange VUI must not cost us the camera.
    return sps


def _read_profile_tier_level(reader: BitReader, sps: H265Sps) -> None:
    sps.profile_tier_level = reader.bits(96).to_bytes(12, "big")
    layers = sps.temporal_layers - 1
    present = [(reader.flag(), reader.flag()) for _ in range(layers)]
    if layers:
        reader.skip(2 * (8 - layers))
    for has_profile, has_level in present:
        reader.skip((88 if has_profile else 0) + (8 if has_level else 0))


def _read_picture(reader: BitReader, sps: H265Sps) -> None:
    sps.chroma_format = reader.unsigned()
    if sps.chroma_format == 3:
        reader.skip(1)
    sps.width, sps.height = reader.unsigned(), reader.unsigned()
    if reader.flag():
        unit_x = 2 if sps.chroma_format in (1, 2) else 1
        unit_y = 2 if sps.chroma_format == 1 else 1
        sps.width -= unit_x * (reader.unsigned() + reader.unsigned())
        sps.height -= unit_y * (reader.unsigned() + reader.unsigned())
    sps.bit_depth_luma = reader.unsigned() + 8
    sps.bit_depth_chroma = reader.unsigned() + 8


def _read_fps(reader: BitReader, sps: H265Sps) -> None:
    """Everything between the bit depths and the VUI's timing has to be walked through."""
    sps.order_bits = reader.unsigned() + 4
    for _ in range(sps.temporal_layers if reader.flag() else 1):
        _skip_numbers(reader, 3)
    _skip_numbers(reader, 6)
    if reader.flag() and reader.flag():
        _skip_scaling_lists(reader)
    reader.skip(2)
    if reader.flag():
        reader.skip(8)
        _skip_numbers(reader, 2)
        reader.skip(1)
    _skip_reference_sets(reader)
    if reader.flag():
        for _ in range(_bounded(reader.unsigned(), 33)):
            reader.skip(sps.order_bits + 1)
    reader.skip(2)
    if reader.flag():
        sps.fps = _read_vui_fps(reader)


def _skip_numbers(reader: BitReader, count: int) -> None:
    for _ in range(count):
        reader.unsigned()


def _bounded(value: int, most: int) -> int:
    if value > most:
        raise ValueError(f"a count of {value} where at most {most} are allowed")
    return value


def _skip_scaling_lists(reader: BitReader) -> None:
    """scaling_list_data, section 7.3.4."""
    for size in range(4):
        for _ in range(2 if size == 3 else 6):
            if not reader.flag():
                reader.unsigned()
                continue
            if size > 1:
                reader.signed()
            for _ in range(min(64, 1 << (4 + (size << 1)))):
                reader.signed()


def _skip_reference_sets(reader: BitReader) -> None:
    """st_ref_pic_set, section 7.3.7: each may be predicted from the one before it."""
    pictures = 0
    for index in range(_bounded(reader.unsigned(), 64)):
        if index and reader.flag():
            reader.skip(1)
            reader.unsigned()
            # used_by_curr_pic_flag, and use_delta_flag where that one is 0; a picture counts when either is set.
            pictures = sum(1 for _ in range(pictures + 1) if reader.flag() or reader.flag())
            continue
        negative, positive = _bounded(reader.unsigned(), 16), _bounded(reader.unsigned(), 16)
        pictures = negative + positive
        for _ in range(pictures):
            reader.unsigned()
            reader.skip(1)


def _read_vui_fps(reader: BitReader) -> float | None:
    """Section E.2.1 up to vui_timing_info."""
    if reader.flag() and reader.bits(8) == 255:
        reader.skip(32)
    if reader.flag():
        reader.skip(1)
    if reader.flag():
        reader.skip(4)
        if reader.flag():
            reader.skip(24)
    if reader.flag():
        _skip_numbers(reader, 2)
    reader.skip(3)
    if reader.flag():
        _skip_numbers(reader, 4)
    if not reader.flag():
        return None
    unit, scale = reader.bits(32), reader.bits(32)
    return scale / unit if unit and scale else None
