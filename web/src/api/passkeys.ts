/** Passkeys: the browser's own calls (WebAuthn level 3), and what the server makes of them. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, ApiProblem, take } from "./client";
import { enter, queryClient } from "./queries";

type Json = Record<string, unknown>;

/** The person closed the browser's window, or it ran out of time: said as a problem like any other. */
async function asked(call: Promise<Credential | null>): Promise<Json> {
  let made: Credential | null;
  try {
    made = await call;
  } catch (error) {
    const code = error instanceof DOMException && error.name === "InvalidStateError" ? "passkey-known" : "passkey-cancelled";
    throw new ApiProblem(422, code, "No passkey was given.", "Try again.");
  }
  if (!(made instanceof PublicKeyCredential)) throw new ApiProblem(422, "passkey-cancelled", "No passkey was given.", "Try again.");
  return made.toJSON() as unknown as Json;
}

/** Whether this browser can have passkeys at all. */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";
}

/** Sign in with a passkey. */
export function usePasskey() {
  return useMutation({
    mutationFn: async () => {
      const { options } = await take(api.POST("/api/session/passkey/options"));
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never);
      const credential = await asked(navigator.credentials.get({ publicKey }));
      return take(api.POST("/api/session/passkey", { body: { credential } }));
    },
    onSuccess: enter,
  });
}

/** Make a passkey under a name; recovery codes where there were none, and the session where the sign-in had waited. */
export function useMakePasskey() {
  return useMutation({
    mutationFn: async (name: string) => {
      const { options } = await take(api.POST("/api/account/passkeys/options"));
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never);
      const credential = await asked(navigator.credentials.create({ publicKey }));
      return take(api.POST("/api/account/passkeys", { body: { name, credential } }));
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["account"] }),
  });
}

export function usePasskeys() {
  return useQuery({ queryKey: ["account", "passkeys"], queryFn: () => take(api.GET("/api/account/passkeys")) });
}

export function useRemovePasskey() {
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE("/api/account/passkeys/{passkey_id}", { params: { path: { passkey_id: id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["account"] }),
  });
}
