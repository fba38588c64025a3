/** To the next or the last plate read, alarm or gap, wherever the permit reaches: the server knows them all, the view only some. */

import { useRef, useState } from "react";

import { api, type Camera, type Permit, take } from "../../api/client";
import type { Bounds } from "../../video/recorded";
import type { Deck } from "./deck";

export type JumpKind = "read" | "alarm" | "gap";

/** What leads up to it is seen too. */
const BEFORE_MS: Record<JumpKind, number> = { read: 1500, alarm: 1500, gap: 2500 };

export interface Jumps {
  go: (kind: JumpKind, by: 1 | -1) => void;
  error: unknown;
  /** The kind and the direction in which there was nothing more. */
  nothing: { kind: JumpKind; by: 1 | -1 } | null;
}

export function useJumps(deck: Deck, cameras: readonly Camera[], permit: Permit, bounds: Bounds): Jumps {
  const [error, setError] = useState<unknown>(null);
  const [nothing, setNothing] = useState<Jumps["nothing"]>(null);
  const asking = useRef(false);
  const find = async (kind: JumpKind, by: 1 | -1) => {
    const before = BEFORE_MS[kind];
    const from = deck.cursor + before + (by === 1 ? 50 : -900);
    const query = { camera: cameras.map((camera) => camera.id), kind, time: new Date(from).toISOString(), permit: permit.id, later: by === 1 };
    const found = await take(api.GET("/api/timeline/next", { params: { query } }));
    const wall = found.time == null ? Number.NaN : Date.parse(found.time);
    const reached = wall >= bounds.from && wall < bounds.to;
    setNothing(reached ? null : { kind, by });
    if (reached) deck.seek(Math.max(bounds.from, wall - before));
  };
  const go = (kind: JumpKind, by: 1 | -1) => {
    if (asking.current) return;
    asking.current = true;
    setError(null);
    void find(kind, by)
      .catch(setError)
      .finally(() => {
        asking.current = false;
      });
  };
  return { go, error, nothing };
}
