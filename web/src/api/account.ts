/** What a person asks about their own account, and what they change of it. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, type Session, take } from "./client";
import { enter, queryClient, session } from "./queries";
import type { components } from "./schema";

export type OpenSession = components["schemas"]["OpenSession"];
export type CodeSecret = components["schemas"]["CodeSecret"];
export type RecoveryCodes = components["schemas"]["RecoveryCodes"];

/** What the server told about one's own account changed. */
function again(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ["account"] });
}

export function useAccount() {
  return useQuery({ queryKey: ["account", "facts"], queryFn: () => take(api.GET("/api/account")) });
}

export function useOwnSessions() {
  return useQuery({ queryKey: ["account", "sessions"], queryFn: () => take(api.GET("/api/account/sessions")), refetchInterval: 30_000 });
}

export function useEndSession() {
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE("/api/account/sessions/{session_id}", { params: { path: { session_id: id } } })),
    onSettled: again,
  });
}

export function useEndOthers() {
  return useMutation({ mutationFn: () => take(api.DELETE("/api/account/sessions")), onSettled: again });
}

export function useConfirmPlaces() {
  return useMutation({
    mutationFn: () => take(api.POST("/api/account/places/confirm")),
    onSuccess: () => {
      const who = session.get();
      if (who) session.set({ ...who, newPlaces: [] });
    },
  });
}

/** A new password; the whole session where the sign-in had waited for it. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (body: { current: string; password: string }) => take(api.POST("/api/account/password", { body })),
    onSuccess: async (found: Session | null) => {
      if (found) enter(found);
      await again();
    },
  });
}

export function useTakeCode() {
  return useMutation({
    mutationFn: (code: string) => take(api.POST("/api/session/code", { body: { code } })),
    onSuccess: enter,
  });
}

export function useBeginCodes() {
  return useMutation({ mutationFn: () => take(api.POST("/api/account/codes")) });
}

/** Recovery codes; whoever shows them lets the person in afterwards. */
export function useConfirmCodes() {
  return useMutation({
    mutationFn: (code: string) => take(api.POST("/api/account/codes/confirm", { body: { code } })),
    onSuccess: again,
  });
}

export function useRemoveCodes() {
  return useMutation({ mutationFn: () => take(api.DELETE("/api/account/codes")), onSuccess: again });
}

export function useNewRecoveryCodes() {
  return useMutation({ mutationFn: () => take(api.POST("/api/account/recovery-codes")), onSuccess: again });
}
