/** The one door to the server: typed requests, the CSRF token, and errors as values with a stable code. */

import createClient, { type Middleware } from "openapi-fetch";

import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Session = Schemas["Session"];
export type Node = Schemas["NodeFacts"];
export type Camera = Schemas["Camera"];
export type Stream = Camera["streams"][number];
export type CameraHealth = Schemas["CameraHealth"];
export type Alarm = Schemas["Alarm"];
export type AlarmDetail = Schemas["AlarmDetail"];
export type Priority = Alarm["priority"];
export type Verdict = Schemas["AlarmClosing"]["verdict"];
export type Permit = Schemas["Permit"];
export type PermitRequest = Schemas["PermitRequest"];
export type Timeline = Schemas["Timeline"];
export type CameraTimeline = Timeline["cameras"][number];
export type Gap = CameraTimeline["gaps"][number];
export type Segment = Schemas["Segment"];
export type PlateRead = Schemas["PlateRead"];
export type VehiclePassage = Schemas["VehiclePassage"];
export type PlateWidths = Schemas["PlateWidths"];
export type CameraZones = Schemas["CameraZones"];
export type PlateSearch = Schemas["PlateSearch"];
export type WatchlistEntry = Schemas["WatchlistEntry"];
export type WatchlistRequest = Schemas["WatchlistRequest"];
export type ImportRequest = Schemas["ImportRequest"];
export type LedgerGap = Schemas["LedgerGap"];
export type GapCause = LedgerGap["cause"];
export type StreamAvailability = Schemas["StreamAvailability"];
export type AccessCount = Schemas["AccessCount"];
export type UnusualLook = Schemas["UnusualLook"];
export type Policy = Schemas["Policy"];
export type PolicyAnswer = Schemas["PolicyAnswer"];
export type PolicyRule = Schemas["PolicyRule"];
export type AuditRecord = Schemas["AuditRecord"];

/** What the server said when it refused: `code` is stable, `message` and `remedy` are English sentences; other languages say them by `said` and `facts`. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly remedy: string,
    readonly said = "",
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiProblem";
  }
}

let csrfToken = "";
let onSignedOut: () => void = () => {};

/** Keep the token that every changing request must carry. */
export function keepToken(token: string): void {
  csrfToken = token;
}

/** Called once whenever the server answers 401: the session has ended. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** Tell that the session has ended, as a closed WebSocket does with 4401. */
export function signedOut(): void {
  onSignedOut();
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: location.origin, credentials: "same-origin" });
api.use(guard);

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function problemOf(status: number, body: unknown): ApiProblem {
  const said = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const code = textOf(said.code) || `http-${status}`;
  const facts = typeof said.facts === "object" && said.facts !== null ? (said.facts as Record<string, unknown>) : {};
  return new ApiProblem(status, code, textOf(said.message) || `The server answered ${status}.`, textOf(said.remedy), textOf(said.said), facts);
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The body of an answer, or throws `ApiProblem`. A failed connection becomes the code `unreachable`. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(0, "unreachable", "The server cannot be reached.", "Check the network of this desk.");
  }
  if (got.response.ok) return got.data as T;
  const problem = problemOf(got.response.status, got.error);
  if (problem.status === 401 && !got.response.url.endsWith("/api/session")) signedOut();
  throw problem;
}

/** The bytes of one segment, up to its last whole fragment; or of its keyframes alone. */
export async function segmentBytes(id: string, permit: string, signal: AbortSignal, keyframes = false): Promise<ArrayBuffer> {
  const url = `/api/segments/${encodeURIComponent(id)}?permit=${encodeURIComponent(permit)}${keyframes ? "&keyframes=true" : ""}`;
  const response = await fetch(url, { signal, credentials: "same-origin" });
  if (response.status === 401) signedOut();
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return response.arrayBuffer();
}

/** A file that the server made: its bytes, its name, its exact time where it is a picture, and its hash on the record. */
export interface MadeFile {
  blob: Blob;
  name: string;
  time: string;
  sha256: string;
  hidden: boolean;
}

async function madeFile(answer: Promise<Response>): Promise<MadeFile> {
  let response: Response;
  try {
    response = await answer;
  } catch {
    throw new ApiProblem(0, "unreachable", "The server cannot be reached.", "Check the network of this desk.");
  }
  if (response.status === 401) signedOut();
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "istros";
  return { blob: await response.blob(), name, time: response.headers.get("x-istros-time") ?? "", sha256: response.headers.get("x-istros-sha256") ?? "", hidden: (response.headers.get("x-istros-hidden") ?? "") !== "" };
}

/** Send a picture as it is; the answer's body, or `ApiProblem`. */
export async function putPicture<T>(url: string, picture: Blob): Promise<T> {
  const headers = { "X-CSRF-Token": csrfToken, "Content-Type": picture.type || "application/octet-stream" };
  let response: Response;
  try {
    response = await fetch(url, { method: "PUT", body: picture, headers, credentials: "same-origin" });
  } catch {
    throw new ApiProblem(0, "unreachable", "The server cannot be reached.", "Check the network of this desk.");
  }
  if (response.status === 401) signedOut();
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return (await response.json()) as T;
}

/** The very frame that a camera showed at a moment, as a file; people and plates are hidden unless a second person released it. */
export function stillOf(camera: string, wall: number, stream: "main" | "sub", permit: string): Promise<MadeFile> {
  const query = new URLSearchParams({ time: new Date(wall).toISOString(), stream, permit, save: "true" });
  return madeFile(fetch(`/api/stills/${encodeURIComponent(camera)}?${query}`, { credentials: "same-origin" }));
}

/** Where the frame that a camera showed at a moment is as a picture of this width; on the record when it is fetched. */
export function stillUrl(camera: string, wall: number, permit: string, width = 960): string {
  const query = new URLSearchParams({ time: new Date(wall).toISOString(), permit, width: String(width) });
  return `/api/stills/${encodeURIComponent(camera)}?${query.toString()}`;
}

/** A file that the server makes for what is posted. */
export function madeFor(path: string, body: unknown): Promise<MadeFile> {
  const headers = { "content-type": "application/json", "X-CSRF-Token": csrfToken };
  return madeFile(fetch(path, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) }));
}

/** A contact sheet of a span as a PDF. */
export function contactSheet(body: Schemas["ContactSheetRequest"]): Promise<MadeFile> {
  return madeFor("/api/contact-sheets", body);
}

/** A request whose body is not JSON, with the token that changes need. Throws `ApiProblem` when it is refused. */
export async function rawRequest(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("X-CSRF-Token", csrfToken);
  const response = await fetch(path, { ...init, headers, credentials: "same-origin" });
  if (response.status === 401) signedOut();
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return response;
}

/** Where the JPEG of a plate is; `permit` may be empty for an operator who may read alarms. */
export function cropUrl(readId: string, permit: string): string {
  const query = permit === "" ? "" : `?permit=${encodeURIComponent(permit)}`;
  return `/api/plates/${encodeURIComponent(readId)}/crop${query}`;
}

/** A WebSocket address on the origin that served the client. */
export function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}
