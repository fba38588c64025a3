/** Small pictures of the moment under the pointer: a strip of the whole view first, then the very moment. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, type Permit, take } from "../../api/client";
import { now } from "../../base/time";
import type { Bounds } from "../../video/recorded";

const COUNT = 40;
const REST_MS = 180;
const EXACT_AROUND_MS = 400;
const KEPT_MS = 60_000;

export interface Small {
  time: number;
  url: string;
}

interface Asked {
  camera: string | undefined;
  permit: Permit;
  bounds: Bounds;
  from: number;
  to: number;
  count: number;
  enabled: boolean;
}

function useStrip({ camera, permit, bounds, from, to, count, enabled }: Asked): Small[] {
  const since = Math.max(bounds.from, from);
  const until = Math.min(bounds.to, now(), to);
  const found = useQuery({
    queryKey: ["thumbnails", camera, permit.id, since, Math.floor(until / 1000), count],
    queryFn: ({ signal }) =>
      take(
        api.GET("/api/thumbnails/{camera_id}", {
          params: { path: { camera_id: camera ?? "" }, query: { from: new Date(since).toISOString(), to: new Date(until).toISOString(), permit: permit.id, count, width: 224 } },
          signal,
        }),
      ),
    enabled: enabled && camera !== undefined && until > since,
    staleTime: KEPT_MS,
    gcTime: KEPT_MS,
  });
  return (found.data?.pictures ?? []).map((picture) => ({ time: Date.parse(picture.time), url: `data:image/jpeg;base64,${picture.jpeg}` }));
}

/** The moment, once the pointer has rested on it. */
function useRested(wall: number | null): number | null {
  const [rested, setRested] = useState<number | null>(null);
  useEffect(() => {
    setRested(null);
    if (wall === null) return;
    const timer = setTimeout(() => setRested(wall), REST_MS);
    return () => clearTimeout(timer);
  }, [wall]);
  return rested;
}

/** The picture nearest to the moment that the pointer is on; asked for only once a pointer is there, for asking is on the record. */
export function useThumbnail(camera: string | undefined, permit: Permit, bounds: Bounds, view: { start: number; span: number }, wall: number | null): Small | null {
  const [start] = [Math.floor(view.start / (view.span / 8)) * (view.span / 8)];
  const strip = useStrip({ camera, permit, bounds, from: start, to: start + view.span * 1.125, count: COUNT, enabled: wall !== null });
  const rested = useRested(wall);
  const middle = rested ?? 0;
  const exact = useStrip({ camera, permit, bounds, from: middle - EXACT_AROUND_MS, to: middle + EXACT_AROUND_MS, count: 1, enabled: rested !== null });
  if (wall === null) return null;
  const near = [...strip, ...(rested === null ? [] : exact)].toSorted((one, other) => Math.abs(one.time - wall) - Math.abs(other.time - wall))[0];
  const reach = Math.max(2000, view.span / COUNT);
  return near !== undefined && Math.abs(near.time - wall) <= reach ? near : null;
}
