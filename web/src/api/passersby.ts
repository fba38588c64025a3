/** What the screen of people who passed asks the server for. */

import { useQuery } from "@tanstack/react-query";

import { api, take } from "./client";
import { may } from "./queries";
import type { operations } from "./schema";

export type PersonQuery = NonNullable<operations["searchPassersby"]["parameters"]["query"]>;

export function useCounts(from: string, to: string) {
  return useQuery({
    queryKey: ["passersby", "counts", from, to],
    queryFn: () => take(api.GET("/api/passersby/counts", { params: { query: { from, to } } })),
    enabled: may("persons.count"),
  });
}

/** Null: nothing was asked yet; each asking is on the record. */
export function usePassersby(query: PersonQuery | null) {
  return useQuery({
    queryKey: ["passersby", "search", query],
    queryFn: () => take(api.GET("/api/passersby", { params: { query: query as PersonQuery } })),
    enabled: query !== null,
    staleTime: Infinity,
  });
}

export function useThresholds(from: string, to: string) {
  return useQuery({
    queryKey: ["faces", "report", from, to],
    queryFn: () => take(api.GET("/api/faces/report", { params: { query: { from, to } } })),
    enabled: may("faces.report"),
  });
}
