/** People's accounts and keys of programs, as administration and oversight see them. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, take } from "./client";
import { may, queryClient } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Person = Schemas["Person"];
export type NewPerson = Schemas["NewPerson"];
export type ProgramKey = Schemas["ProgramKey"];
export type NewProgramKey = Schemas["NewProgramKey"];

function again(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ["people"] });
}

export function usePeople() {
  return useQuery({ queryKey: ["people", "all"], queryFn: () => take(api.GET("/api/people")), enabled: may("people.read") });
}

export function useAddPerson() {
  return useMutation({ mutationFn: (body: NewPerson) => take(api.POST("/api/people", { body })), onSuccess: again });
}

/** What administration does to one account; a new password is told. */
export type PersonAct = { kind: "disable" | "enable" | "password" | "factors" } | { kind: "role"; role: string } | { kind: "decide"; agree: boolean };

async function act(id: string, wish: PersonAct): Promise<string | null> {
  const path = { person_id: id };
  if (wish.kind === "password") return (await take(api.POST("/api/people/{person_id}/password", { params: { path } }))).password;
  if (wish.kind === "factors") await take(api.DELETE("/api/people/{person_id}/factors", { params: { path } }));
  else if (wish.kind === "role") await take(api.PUT("/api/people/{person_id}/role", { params: { path }, body: { role: wish.role } }));
  else if (wish.kind === "decide") await take(api.POST("/api/people/{person_id}/role/decide", { params: { path }, body: { agree: wish.agree } }));
  else await take(api.PUT("/api/people/{person_id}/disabled", { params: { path }, body: { disabled: wish.kind === "disable" } }));
  return null;
}

export function usePersonAct() {
  return useMutation({ mutationFn: ({ id, wish }: { id: string; wish: PersonAct }) => act(id, wish), onSettled: again });
}

export function useEverySession() {
  return useQuery({ queryKey: ["people", "sessions"], queryFn: () => take(api.GET("/api/sessions")), enabled: may("sessions.end") });
}

export function useEndAnySession() {
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE("/api/sessions/{session_id}", { params: { path: { session_id: id } } })),
    onSettled: again,
  });
}

export function useKeys() {
  return useQuery({ queryKey: ["people", "keys"], queryFn: () => take(api.GET("/api/keys")), enabled: may("keys.read") });
}

export function useKeyChoices() {
  return useQuery({ queryKey: ["people", "choices"], queryFn: () => take(api.GET("/api/keys/choices")), enabled: may("keys.write") });
}

export function useAddKey() {
  return useMutation({ mutationFn: (body: NewProgramKey) => take(api.POST("/api/keys", { body })), onSuccess: again });
}

export function useDecideKey() {
  return useMutation({
    mutationFn: ({ id, release }: { id: string; release: boolean }) =>
      release ? take(api.POST("/api/keys/{key_id}/release", { params: { path: { key_id: id } } })) : take(api.POST("/api/keys/{key_id}/revoke", { params: { path: { key_id: id } } })),
    onSettled: again,
  });
}
