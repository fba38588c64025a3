/** Requests of people, as the screen asks for them. Every reading is on the record: asked for once and after a change. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import { may, queryClient } from "../../api/queries";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type SubjectRequest = Schemas["SubjectRequest"];
export type Intake = Schemas["SubjectRequestIntake"];
export type Decision = Schemas["RequestDecision"];
export type Mending = Schemas["RequestMending"];
export type LetterKind = "receipt" | "extension" | "answer";

export const ASKED = ["access", "rectification", "erasure", "restriction", "objection"] as const;
export const LAWS = ["gdpr", "led", "ua"] as const;
export const CHANNELS = ["desk", "letter", "paper"] as const;
export const DECISIONS = ["granted", "part", "refused", "neither"] as const;

const refresh = () => queryClient.invalidateQueries({ queryKey: ["requests"] });
const at = (id: string) => ({ params: { path: { request_id: id } } });

export function useRequests() {
  return useQuery({ queryKey: ["requests"], queryFn: () => take(api.GET("/api/requests")), staleTime: 60_000, enabled: may("requests.handle") });
}

export function useRequest(id: string | undefined) {
  return useQuery({ queryKey: ["requests", id], queryFn: () => take(api.GET("/api/requests/{request_id}", at(id ?? ""))), staleTime: 60_000, enabled: id !== undefined && may("requests.handle") });
}

export function useTakeRequest() {
  return useMutation({ mutationFn: (body: Intake) => take(api.POST("/api/requests", { body })), onSuccess: refresh });
}

export type Step = { step: "identity"; how: string } | { step: "preserve" } | { step: "extend"; reason: string } | { step: "decide"; body: Decision } | { step: "answered"; unchanged: string };

function send(id: string, step: Step) {
  switch (step.step) {
    case "identity":
      return take(api.POST("/api/requests/{request_id}/identity", { ...at(id), body: { how: step.how } }));
    case "preserve":
      return take(api.POST("/api/requests/{request_id}/preserve", at(id)));
    case "extend":
      return take(api.POST("/api/requests/{request_id}/extend", { ...at(id), body: { reason: step.reason } }));
    case "decide":
      return take(api.POST("/api/requests/{request_id}/decide", { ...at(id), body: step.body }));
    case "answered":
      return take(api.POST("/api/requests/{request_id}/answered", { ...at(id), body: { unchanged: step.unchanged } }));
  }
}

export function useStep(id: string) {
  return useMutation({ mutationFn: (step: Step) => send(id, step), onSuccess: refresh });
}

/** Where a letter is as a PDF; its reading is on the record. */
export function letterUrl(id: string, kind: LetterKind): string {
  return `/api/requests/${encodeURIComponent(id)}/letter?kind=${kind}`;
}

/** Whole days until the deadline; negative when it is over. */
export function daysLeft(request: SubjectRequest, now: number): number {
  return Math.floor((Date.parse(request.due) - now) / 86_400_000);
}
