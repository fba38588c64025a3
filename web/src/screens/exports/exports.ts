/** What the screen of exports asks the server for. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import { may, queryClient } from "../../api/queries";
import type { components } from "../../api/schema";

export type ExportJob = components["schemas"]["ExportShape"];
export type ExportRequest = components["schemas"]["ExportRequest"];
export type DrawnField = components["schemas"]["DrawnFieldShape"];

const GOING_MS = 1000;
const IDLE_MS = 30_000;

/** Whether it is still being made. */
export function isGoing(job: ExportJob): boolean {
  return job.state === "waiting" || job.state === "running";
}

export function useExports() {
  return useQuery({
    queryKey: ["exports"],
    queryFn: () => take(api.GET("/api/exports")),
    refetchInterval: (query) => (query.state.data?.exports.some(isGoing) ? GOING_MS : IDLE_MS),
    enabled: may("exports.order"),
  });
}

export function useOrderExport() {
  return useMutation({
    mutationFn: (body: ExportRequest) => take(api.POST("/api/exports", { body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["exports"] }),
  });
}

export function useCancelExport() {
  return useMutation({
    mutationFn: (id: string) => take(api.POST("/api/exports/{export_id}/cancel", { params: { path: { export_id: id } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["exports"] }),
  });
}

/** Where the package is fetched, under a permit of the same case. */
export function packageUrl(id: string, permit: string): string {
  return `/api/exports/${encodeURIComponent(id)}/package?permit=${encodeURIComponent(permit)}`;
}

/** `1.4 GB` or `310 MB`. */
export function bytes(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(count / 1e6))} MB`;
}
