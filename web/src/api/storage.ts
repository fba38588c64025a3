/** Disks and holds, as the screens ask for them. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, take } from "./client";
import { may, queryClient } from "./queries";
import type { components } from "./schema";

export type DiskState = components["schemas"]["DiskState"];
export type CameraKeeping = components["schemas"]["CameraKeeping"];
export type Hold = components["schemas"]["Hold"];
export type HoldRequest = components["schemas"]["HoldRequest"];

export type RetentionPreview = components["schemas"]["RetentionPreview"];
export type GoingDays = "1" | "3" | "7";

const HOLDS = ["holds"] as const;

export function useStorage() {
  return useQuery({ queryKey: ["storage"], queryFn: () => take(api.GET("/api/storage")), refetchInterval: 15_000, enabled: may("storage.read") });
}

/** What will go within so many days; nothing is asked before somebody chooses. */
export function useGoing(days: GoingDays | undefined) {
  return useQuery({
    queryKey: ["retention", days],
    queryFn: () => take(api.GET("/api/retention/preview", { params: { query: { days: days ?? "1" } } })),
    staleTime: 60_000,
    enabled: days !== undefined && may("retention.read"),
  });
}

/** Every reading is on the audit record, so it is asked for once and after a change, never by a timer. */
export function useHolds() {
  return useQuery({ queryKey: HOLDS, queryFn: () => take(api.GET("/api/holds")), staleTime: 60_000, enabled: may("holds.read") });
}

const refresh = () => queryClient.invalidateQueries({ queryKey: HOLDS });

export function usePlaceHold() {
  return useMutation({ mutationFn: (body: HoldRequest) => take(api.POST("/api/holds", { body })), onSuccess: refresh });
}

export function useAskRelease() {
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) => take(api.POST("/api/holds/{hold_id}/release", { params: { path: { hold_id: id } }, body: { reason } })),
    onSuccess: refresh,
  });
}

export function useAnswerRelease() {
  return useMutation({
    mutationFn: ({ id, agree }: { id: string; agree: boolean }) => take(api.POST("/api/holds/{hold_id}/release/confirm", { params: { path: { hold_id: id } }, body: { agree } })),
    onSuccess: refresh,
  });
}

export function useReviewHold() {
  return useMutation({
    mutationFn: ({ id, until, reason }: { id: string; until: string; reason: string }) => take(api.POST("/api/holds/{hold_id}/review", { params: { path: { hold_id: id } }, body: { until, reason } })),
    onSuccess: refresh,
  });
}
