/** What stands over every screen of those whom it concerns. */

import { useQuery } from "@tanstack/react-query";

import { api, take } from "./client";
import type { components } from "./schema";

export type Notice = components["schemas"]["Notice"];

export function useNotices() {
  return useQuery({ queryKey: ["notices"], queryFn: () => take(api.GET("/api/notices")), refetchInterval: 30_000 });
}
