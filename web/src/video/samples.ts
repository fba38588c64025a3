/** The exact times of the pictures in a segment, from its own sample tables (ISO/IEC 14496-12 8.8). */

/** When a picture is on the screen, in milliseconds: since the segment's start, or of wall time. */
export interface Shown {
  start: number;
  end: number;
}

const NOT_SYNC = 0x00010000;

interface Entry extends Shown {
  isKey: boolean;
}

/** Every picture of a segment's bytes in the order shown; empty when the bytes are none of ours. */
export function readSamples(bytes: ArrayBuffer): Shown[] {
  const view = new DataView(bytes);
  const { track, rate } = videoTrack(view);
  const found: Entry[] = [];
  for (const moof of boxes(view, 0, view.byteLength)) {
    if (moof.kind !== "moof") continue;
    for (const traf of boxes(view, moof.start, moof.end)) if (traf.kind === "traf") readRun(view, traf, track, rate, found);
  }
  found.sort((one, other) => one.start - other.start);
  // A picture stays until the next one is shown, whatever its own duration says.
  found.forEach((entry, place) => {
    const next = found[place + 1];
    if (next !== undefined) entry.end = next.start;
  });
  return found;
}

interface Box {
  kind: string;
  start: number;
  end: number;
}

function* boxes(view: DataView, from: number, to: number): Generator<Box> {
  let at = from;
  while (to - at >= 8) {
    const size = view.getUint32(at);
    const kind = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    if (size < 8 || at + size > to) return;
    yield { kind, start: at + 8, end: at + size };
    at += size;
  }
}

function find(view: DataView, path: readonly string[], box: Box): Box | null {
  const [first, ...rest] = path;
  for (const one of boxes(view, box.start, box.end)) {
    if (one.kind === first) return rest.length === 0 ? one : find(view, rest, one);
  }
  return null;
}

/** The number and the ticks a second of the track that holds pictures. */
function videoTrack(view: DataView): { track: number; rate: number } {
  const file = { kind: "", start: 0, end: view.byteLength };
  const moov = find(view, ["moov"], file);
  for (const trak of moov === null ? [] : boxes(view, moov.start, moov.end)) {
    if (trak.kind !== "trak") continue;
    const handler = find(view, ["mdia", "hdlr"], trak);
    if (handler === null || view.getUint32(handler.start + 8) !== 0x76696465) continue;
    const header = find(view, ["tkhd"], trak);
    const media = find(view, ["mdia", "mdhd"], trak);
    const track = header === null ? 1 : view.getUint32(header.start + (view.getUint8(header.start) === 1 ? 20 : 12));
    const rate = media === null ? 90_000 : view.getUint32(media.start + (view.getUint8(media.start) === 1 ? 20 : 12));
    return { track, rate };
  }
  return { track: 1, rate: 90_000 };
}

function readRun(view: DataView, traf: Box, track: number, rate: number, found: Entry[]): void {
  let decoded = 0;
  for (const box of boxes(view, traf.start, traf.end)) {
    if (box.kind === "tfhd" && view.getUint32(box.start + 4) !== track) return;
    if (box.kind === "tfdt") decoded = view.getUint8(box.start) === 1 ? Number(view.getBigUint64(box.start + 4)) : view.getUint32(box.start + 4);
    if (box.kind === "trun") decoded = readEntries(view, box, decoded, rate, found);
  }
}

/** Our own runs always carry an offset, durations, sizes and flags. */
function readEntries(view: DataView, trun: Box, from: number, rate: number, found: Entry[]): number {
  const flags = view.getUint32(trun.start);
  const count = view.getUint32(trun.start + 4);
  const step = (flags & 0x800) === 0 ? 12 : 16;
  let at = trun.start + 12 + ((flags & 4) === 0 ? 0 : 4);
  let decoded = from;
  for (let sample = 0; sample < count && at + step <= trun.end; sample++, at += step) {
    const duration = view.getUint32(at);
    const late = step === 16 ? view.getInt32(at + 12) : 0;
    const start = ((decoded + late) * 1000) / rate;
    found.push({ start, end: start + (duration * 1000) / rate, isKey: (view.getUint32(at + 8) & NOT_SYNC) === 0 });
    decoded += duration;
  }
  return decoded;
}

/** The place of the picture that is shown at a moment, -1 before the first. */
export function placeAt(table: readonly Shown[], moment: number): number {
  let low = 0;
  let high = table.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((table[middle]?.start ?? Infinity) <= moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
