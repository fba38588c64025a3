/** Breaches of personal data, as the screen asks for them. Every reading is on the record: asked for once and after a change. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import { may, queryClient } from "../../api/queries";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Breach = Schemas["BreachShape"];
export type BreachReport = Schemas["BreachReport"];
export type BreachNews = Schemas["BreachNews"];
export type BreachReceipt = Schemas["BreachReceipt"];
export type LetterKind = "ro" | "ua" | "people";

export const LAWS = ["gdpr", "led", "ua"] as const;
export const NATURES = ["seen", "changed", "lost"] as const;
export const DATA = ["recordings", "plates", "faces", "persons", "watchlist", "accounts", "requests", "other"] as const;
export const AUTHORITIES = ["ro", "ua"] as const;
export const LETTERS = ["ro", "ua", "people"] as const;
export const SOURCES = ["desk", "finding", "chain", "sign-in", "alarm"] as const;
export type Source = (typeof SOURCES)[number];

function refresh() {
  void queryClient.invalidateQueries({ queryKey: ["notices"] });
  return queryClient.invalidateQueries({ queryKey: ["breaches"] });
}

const at = (id: string) => ({ params: { path: { breach_id: id } } });

export function useBreaches() {
  return useQuery({ queryKey: ["breaches"], queryFn: () => take(api.GET("/api/breaches")), staleTime: 60_000, enabled: may("breaches.read") });
}

export function useReportBreach() {
  return useMutation({ mutationFn: (body: BreachReport) => take(api.POST("/api/breaches", { body })), onSuccess: refresh });
}

export type Step =
  | { step: "facts"; body: BreachNews }
  | { step: "assess"; body: Schemas["BreachAssessment"] }
  | { step: "report"; body: Schemas["BreachSent"] }
  | { step: "people"; body: Schemas["BreachPeople"] }
  | { step: "close"; body: Schemas["BreachClosing"] };

function send(id: string, step: Step) {
  switch (step.step) {
    case "facts":
      return take(api.POST("/api/breaches/{breach_id}/facts", { ...at(id), body: step.body }));
    case "assess":
      return take(api.POST("/api/breaches/{breach_id}/assess", { ...at(id), body: step.body }));
    case "report":
      return take(api.POST("/api/breaches/{breach_id}/report", { ...at(id), body: step.body }));
    case "people":
      return take(api.POST("/api/breaches/{breach_id}/people", { ...at(id), body: step.body }));
    case "close":
      return take(api.POST("/api/breaches/{breach_id}/close", { ...at(id), body: step.body }));
  }
}

export function useStep(id: string) {
  return useMutation({ mutationFn: (step: Step) => send(id, step), onSuccess: refresh });
}

/** Where a draft is, as PDF or as text; its reading is on the record. */
export function letterUrl(id: string, kind: LetterKind, language: string, form: "pdf" | "text"): string {
  return `/api/breaches/${encodeURIComponent(id)}/letter?${new URLSearchParams({ kind, language, form })}`;
}

/** What a form says of a breach; an empty count is not known yet. */
export function newsOf(form: FormData): BreachNews {
  const word = (name: string) => String(form.get(name) ?? "").trim();
  const count = (name: string) => (word(name) === "" ? null : Number(word(name)));
  return {
    what: word("what"),
    natures: form.getAll("nature").map(String) as BreachNews["natures"],
    data: form.getAll("data").map(String) as BreachNews["data"],
    cameras: form.getAll("camera").map(String),
    people: count("people"),
    records: count("records"),
    consequences: word("consequences"),
    measures: word("measures"),
  };
}
