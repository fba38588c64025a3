/** A search of vehicles that passed cameras: what it asks, as the address has it, and the pages of its answer. */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { api, type Permit, take, type VehiclePassage } from "../../api/client";
import { now } from "../../base/time";
import type { COLOURS, DIRECTIONS, VEHICLES } from "../plates/looks";

export const DEFAULT_BACK_MS = 3_600_000;
export const PLATES_WANTED = ["with", "without"] as const;

/** What a search can ask; the address has it. */
export interface Asked {
  camera?: string;
  vehicle?: (typeof VEHICLES)[number];
  colour?: (typeof COLOURS)[number];
  direction?: (typeof DIRECTIONS)[number];
  plate?: (typeof PLATES_WANTED)[number];
  from?: string;
  to?: string;
  passage?: string;
}

/** Whether the address holds a search: its begin decides. */
export function isAsked(search: Asked): boolean {
  return search.from !== undefined;
}

/** Whether the search asks for anything that the machine may not have been able to tell. */
export function isNarrowed(search: Asked): boolean {
  return search.vehicle !== undefined || search.colour !== undefined || search.direction !== undefined || search.plate !== undefined;
}

/** The moment at which the vehicle was largest, in milliseconds; the middle of its passage where that was not noted. */
export function bestMoment(passage: VehiclePassage): number {
  if (passage.boxTime != null) return Date.parse(passage.boxTime);
  return Math.round((Date.parse(passage.firstSeen) + Date.parse(passage.lastSeen)) / 2);
}

const PAGE = 100;

export function usePassages(search: Asked, permit: Permit) {
  const { camera, vehicle, colour, direction, plate, from, to } = search;
  const begin = from ?? new Date(now() - DEFAULT_BACK_MS).toISOString();
  const some = { ...(camera === undefined ? {} : { camera: [camera] }), ...(vehicle === undefined ? {} : { vehicle: [vehicle] }), ...(colour === undefined ? {} : { colour: [colour] }), ...(direction === undefined ? {} : { direction: [direction] }) };
  return useInfiniteQuery({
    queryKey: ["vehicles", camera, vehicle, colour, direction, plate, from, to, permit.id],
    queryFn: ({ pageParam, signal }) => {
      // All pages end at the same moment, so that none slips while vehicles go on passing.
      const [until, after] = pageParam;
      return take(api.GET("/api/vehicles", { params: { query: { ...some, from: begin, to: until, plate: plate ?? "any", permit: permit.id, limit: PAGE, after } }, signal })).then((page) => ({ ...page, until }));
    },
    initialPageParam: [to ?? new Date(Math.ceil(now() / 60_000) * 60_000).toISOString(), ""] as readonly [string, string],
    getNextPageParam: (last) => (last.next == null ? undefined : ([last.until, last.next] as const)),
    enabled: isAsked(search),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}
