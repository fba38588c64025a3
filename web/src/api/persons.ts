/** What the screens ask the server for about persons who are sought. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, ApiProblem, putPicture, take } from "./client";
import { may, queryClient } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type PersonEntry = Schemas["PersonEntry"];
export type PersonRequest = Schemas["PersonRequest"];
export type EnrolmentResult = Schemas["EnrolmentResult"];
export type FaceQuality = Schemas["FaceQualityShape"];
export type PersonImportLine = Schemas["PersonImportLine"];
type ImportRequest = Schemas["ImportRequest"];
export type MatchingOperation = Schemas["MatchingOperation"];
export type MatchingWish = Schemas["MatchingWish"];
export type FaceCandidate = Schemas["FaceCandidateShape"];
export type FaceVerdict = Schemas["FaceVerdictRequest"]["verdict"];
export type ReleaseWish = Schemas["ReleaseWish"];

const renew = () => {
  void queryClient.invalidateQueries({ queryKey: ["persons"] });
  void queryClient.invalidateQueries({ queryKey: ["face-matching"] });
};

export function usePersons(enabled = true) {
  return useQuery({
    queryKey: ["persons"],
    queryFn: () => take(api.GET("/api/persons")),
    refetchInterval: 30_000,
    enabled: enabled && may("persons.read"),
  });
}

/** Where faces are compared live now, and until when: asked by every screen, for it stands above all of them. */
export function useFaceMatching() {
  return useQuery({
    queryKey: ["face-matching"],
    queryFn: () => take(api.GET("/api/face-matching")),
    refetchInterval: 10_000,
    retry: (count, error) => count < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
  });
}

/** For whom, by whose order and why: each look is on the record. */
export function useMatchingOperations() {
  return useQuery({
    queryKey: ["face-matching", "operations"],
    queryFn: () => take(api.GET("/api/face-matching/operations")),
    refetchInterval: 30_000,
    enabled: may("persons.read"),
  });
}

export function useAddPerson() {
  return useMutation({ mutationFn: (body: PersonRequest) => take(api.POST("/api/persons", { body })), onSuccess: renew });
}

/** Look at a file of persons, or import it. */
export function useImportPersons() {
  return useMutation({
    mutationFn: (body: ImportRequest) => take(api.POST("/api/persons/file", { body })),
    onSuccess: (result) => result.written > 0 && renew(),
  });
}

export function useClosePerson() {
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; reason: string; wrong: boolean; request: string }) => take(api.POST("/api/persons/{entry_id}/close", { params: { path: { entry_id: id } }, body })),
    onSuccess: renew,
  });
}

export function useEnrol() {
  return useMutation({
    mutationFn: ({ id, source, picture }: { id: string; source: string; picture: Blob }) => putPicture<EnrolmentResult>(`/api/persons/${encodeURIComponent(id)}/face?source=${encodeURIComponent(source)}`, picture),
    onSuccess: renew,
  });
}

export function useAskRelease() {
  return useMutation({
    mutationFn: ({ id, wish }: { id: string; wish: ReleaseWish }) => take(api.POST("/api/persons/{entry_id}/release", { params: { path: { entry_id: id } }, body: wish })),
    onSuccess: renew,
  });
}

export function useDecideRelease() {
  return useMutation({
    mutationFn: ({ id, grant, note }: { id: string; grant: boolean; note: string }) => take(api.POST("/api/persons/{entry_id}/release/decide", { params: { path: { entry_id: id } }, body: { grant, note } })),
    onSuccess: renew,
  });
}

export function useFaceVerdict() {
  return useMutation({
    mutationFn: ({ id, verdict, reason }: { id: string; verdict: FaceVerdict; reason: string }) => take(api.POST("/api/faces/{candidate_id}/verdict", { params: { path: { candidate_id: id } }, body: { verdict, reason } })),
    onSettled: () => Promise.all(["alarm", "face-searches"].map((name) => queryClient.invalidateQueries({ queryKey: [name] }))),
  });
}

/** Say that a confirmed face is another's; a second person decides. */
export function useUndoFace() {
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; reason: string; request: string }) => take(api.POST("/api/faces/{candidate_id}/undo", { params: { path: { candidate_id: id } }, body })),
    onSettled: () => Promise.all(["alarm", "face-searches", "releases"].map((name) => queryClient.invalidateQueries({ queryKey: [name] }))),
  });
}

export function useAskMatching() {
  return useMutation({ mutationFn: (body: MatchingWish) => take(api.POST("/api/face-matching", { body })), onSuccess: renew });
}

export function useDecideMatching() {
  return useMutation({
    mutationFn: ({ id, grant, note }: { id: string; grant: boolean; note: string }) => take(api.POST("/api/face-matching/{release_id}/decide", { params: { path: { release_id: id } }, body: { grant, note } })),
    onSuccess: renew,
  });
}

export function useStopMatching() {
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) => take(api.POST("/api/face-matching/{release_id}/stop", { params: { path: { release_id: id } }, body: { reason } })),
    onSuccess: renew,
  });
}
