/** The stretch of time that an export, a hold or a contact sheet is about: from `[` to `]`. */

import { useState } from "react";

import type { Bounds } from "../../video/recorded";
import type { Deck } from "./deck";
import type { Span } from "./lines";

const USUAL_MS = 60_000;

export interface Selection {
  span: Span | null;
  begin: () => void;
  end: () => void;
  set: (span: Span | null) => void;
}

export function useSelection(deck: Deck, bounds: Bounds): Selection {
  const [span, setSpan] = useState<Span | null>(null);
  const within = (wall: number) => Math.max(bounds.from, Math.min(bounds.to, wall));
  const begin = () => {
    const start = within(deck.cursor);
    setSpan({ start, end: span !== null && span.end > start ? span.end : within(start + USUAL_MS) });
  };
  const end = () => {
    const stop = within(deck.cursor);
    setSpan({ start: span !== null && span.start < stop ? span.start : within(stop - USUAL_MS), end: stop });
  };
  return { span, begin, end, set: setSpan };
}
