/** Releases by a second person and the deployment profile, as the screens ask for them. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, take } from "./client";
import { may, queryClient } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type MatterRelease = Schemas["MatterRelease"];
export type MatterFacts = Schemas["MatterFacts"];
export type MatterRequest = Schemas["MatterRequest"];
/** What the release of the pictures of all persons sought is about (compliance.release_subjects). */
export const PERSONS_PICTURES = "persons-pictures";
export type Emergency = Schemas["Emergency"];
export type NodeProfile = Schemas["NodeProfile"];
export type ProfileVersion = Schemas["ProfileVersion"];
export type ProfileHistory = Schemas["ProfileHistory"];
export type ProfileRequest = Schemas["ProfileRequest"];
export type FunctionName = Schemas["FunctionState"]["function"];

export type OthersSearches = Schemas["OthersSearchList"];

const RELEASES = ["releases"] as const;
const EMERGENCIES = ["emergencies"] as const;
const PROFILE = ["profile"] as const;

/** Every reading is on the audit record, so it is asked for once, after a change, and when an emergency comes or goes. */
export function useReleases() {
  return useQuery({ queryKey: RELEASES, queryFn: () => take(api.GET("/api/releases")), staleTime: 30_000, enabled: may("releases.read") });
}

/** Emergencies without a review; asked for by every desk, because the banner must come by itself. */
export function useEmergencies() {
  return useQuery({ queryKey: EMERGENCIES, queryFn: () => take(api.GET("/api/emergencies")), refetchInterval: 5000 });
}

function refresh() {
  void queryClient.invalidateQueries({ queryKey: EMERGENCIES });
  void queryClient.invalidateQueries({ queryKey: ["face-searches"] });
  return queryClient.invalidateQueries({ queryKey: RELEASES });
}

export function useAskMatter() {
  return useMutation({ mutationFn: (body: MatterRequest) => take(api.POST("/api/releases", { body })), onSuccess: refresh });
}

export function useAnswerMatter() {
  return useMutation({
    mutationFn: ({ id, grant, note }: { id: string; grant: boolean; note: string }) => take(api.POST("/api/releases/{release_id}/answer", { params: { path: { release_id: id } }, body: { grant, note } })),
    onSuccess: refresh,
  });
}

export function useWithdrawMatter() {
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) => take(api.POST("/api/releases/{release_id}/withdraw", { params: { path: { release_id: id } }, body: { reason } })),
    onSuccess: refresh,
  });
}

/** Each reading is a row of the log: asked for once, by hand. */
export function useOthersSearches(release: string, wanted: boolean) {
  return useQuery({
    queryKey: [...RELEASES, release, "searches"],
    queryFn: () => take(api.GET("/api/releases/{release_id}/searches", { params: { path: { release_id: release } } })),
    staleTime: Infinity,
    enabled: wanted,
  });
}

/** What this node may do now. */
export function useProfile() {
  return useQuery({ queryKey: PROFILE, queryFn: () => take(api.GET("/api/profile")), refetchInterval: 60_000 });
}

export function useProfiles() {
  return useQuery({ queryKey: [...PROFILE, "versions"], queryFn: () => take(api.GET("/api/profiles")), staleTime: 30_000, enabled: may("profile.draft") });
}

const renew = () => queryClient.invalidateQueries({ queryKey: PROFILE });

export function useSaveProfile() {
  return useMutation({ mutationFn: (body: ProfileRequest) => take(api.POST("/api/profiles", { body })), onSuccess: renew });
}

export function useSignProfile() {
  return useMutation({ mutationFn: (version: number) => take(api.POST("/api/profiles/{version}/sign", { params: { path: { version } } })), onSuccess: renew });
}

export function useWithdrawProfile() {
  return useMutation({
    mutationFn: ({ version, reason }: { version: number; reason: string }) => take(api.POST("/api/profiles/{version}/withdraw", { params: { path: { version } }, body: { reason } })),
    onSuccess: renew,
  });
}
