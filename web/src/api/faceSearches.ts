/** What the screen asks the server for about searches for a face in recordings. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, putPicture, take } from "./client";
import { may, queryClient } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type FaceSearch = Schemas["FaceSearchShape"];
export type FaceSearchDetail = Schemas["FaceSearchDetail"];
export type FaceSearchRequest = Schemas["FaceSearchRequest"];
export type SearchEnrolment = Schemas["SearchEnrolment"];

const SEARCHES = ["face-searches"] as const;
const GOING_MS = 5000;

/** Whether recordings are still to be looked through. */
export function isGoing(search: FaceSearch): boolean {
  return search.state === "waiting" || search.state === "running";
}

const renew = () => queryClient.invalidateQueries({ queryKey: SEARCHES });

/** Each reading is on the record, so it is asked for again by itself only while something is looked through. */
export function useFaceSearches() {
  return useQuery({
    queryKey: SEARCHES,
    queryFn: () => take(api.GET("/api/face-searches")),
    refetchInterval: (query) => (query.state.data?.some(isGoing) ? GOING_MS : false),
    enabled: may("faces.results"),
  });
}

export function useFaceSearch(id: string | undefined, going: boolean) {
  return useQuery({
    queryKey: [...SEARCHES, id],
    queryFn: () => take(api.GET("/api/face-searches/{search_id}", { params: { path: { search_id: id ?? "" } } })),
    refetchInterval: going ? GOING_MS : false,
    enabled: id !== undefined && may("faces.results"),
  });
}

export function useAskFaceSearch() {
  return useMutation({ mutationFn: (body: FaceSearchRequest) => take(api.POST("/api/face-searches", { body })), onSuccess: renew });
}

export function useGiveFace() {
  return useMutation({
    mutationFn: ({ id, source, picture }: { id: string; source: string; picture: Blob }) => putPicture<SearchEnrolment>(`/api/face-searches/${encodeURIComponent(id)}/face?source=${encodeURIComponent(source)}`, picture),
    onSuccess: renew,
  });
}

export function useAuthorise() {
  return useMutation({
    mutationFn: ({ id, reference }: { id: string; reference: string }) => take(api.POST("/api/face-searches/{search_id}/authorisation", { params: { path: { search_id: id } }, body: { reference } })),
    onSuccess: renew,
  });
}

export function useEndSearch() {
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) => take(api.POST("/api/face-searches/{search_id}/end", { params: { path: { search_id: id } }, body: { reason } })),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["releases"] });
      return renew();
    },
  });
}

export function useStopSearch() {
  return useMutation({
    mutationFn: (id: string) => take(api.POST("/api/face-searches/{search_id}/stop", { params: { path: { search_id: id } } })),
    onSuccess: renew,
  });
}
