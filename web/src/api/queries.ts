/** What the screens ask the server for, kept by TanStack Query. */

import { QueryClient, useMutation, useQuery } from "@tanstack/react-query";

import { Store } from "../base/store";
import { learnServerTime } from "../base/time";
import { loadSettings } from "../base/settings";
import {
  type Alarm,
  ApiProblem,
  api,
  type Camera,
  type ImportRequest,
  keepToken,
  type PermitRequest,
  type Session,
  take,
  type Verdict,
  type WatchlistRequest,
} from "./client";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
    },
  },
});

/** `undefined` until the first answer, null when nobody is signed in. */
export const session = new Store<Session | null | undefined>(undefined);

/** Whether the session ended by itself, by time or from another place: the sign-in page then says so. */
export const sessionEnded = new Store(false);

/** Keep who is signed in, with the token and that operator's settings. */
export function enter(found: Session | null): void {
  keepToken(found?.csrfToken ?? "");
  if (found !== null) loadSettings(found.operator.id);
  if (found === null) queryClient.clear();
  if (found !== null) sessionEnded.set(false);
  session.set(found);
}

/** Ask who is signed in; nobody when the server refuses. */
export async function findSession(): Promise<void> {
  try {
    enter(await take(api.GET("/api/session")));
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 0) throw error;
    enter(null);
  }
}

/** The signed-in operator's session; screens inside the frame always have one. */
export function may(action: string): boolean {
  return session.get()?.actions.includes(action) ?? false;
}

export function useNode() {
  return useQuery({
    queryKey: ["node"],
    queryFn: async () => {
      const node = await take(api.GET("/api/node"));
      learnServerTime(node.now);
      return node;
    },
    staleTime: 60_000,
  });
}

export function useCameras() {
  return useQuery({
    queryKey: ["cameras"],
    queryFn: () => take(api.GET("/api/cameras")),
    refetchInterval: 5000,
    enabled: may("cameras.read"),
  });
}

/** The cameras that can be steered. */
export function useSteered() {
  return useQuery({
    queryKey: ["ptz"],
    queryFn: () => take(api.GET("/api/ptz")),
    refetchInterval: 30_000,
    enabled: may("ptz.move"),
  });
}

/** One camera of the list, or undefined while the list is on its way. */
export function useCamera(id: string | undefined): Camera | undefined {
  return useCameras().data?.find((camera) => camera.id === id);
}

export const OPEN_ALARMS = ["alarms", "new,acknowledged"] as const;

export function useAlarms(state: string) {
  return useQuery({
    queryKey: ["alarms", state],
    queryFn: () => take(api.GET("/api/alarms", { params: { query: { state, limit: 200 } } })),
    refetchInterval: 30_000,
    enabled: may("alarms.read"),
  });
}

export function useOpenAlarms() {
  return useAlarms(OPEN_ALARMS[1]);
}

export function useAlarm(id: string | undefined) {
  return useQuery({
    queryKey: ["alarm", id],
    queryFn: () => take(api.GET("/api/alarms/{alarm_id}", { params: { path: { alarm_id: id ?? "" } } })),
    enabled: id !== undefined,
    staleTime: 60_000,
  });
}

/** Put one alarm, as the server now has it, into every list that holds or should hold it. */
export function placeAlarm(alarm: Alarm): void {
  queryClient.setQueriesData<Alarm[]>({ queryKey: ["alarms"] }, (list) => list?.map((old) => (old.id === alarm.id ? alarm : old)));
  queryClient.setQueryData<Alarm[]>(OPEN_ALARMS, (list) => {
    if (list === undefined) return undefined;
    const others = list.filter((old) => old.id !== alarm.id);
    return alarm.state === "closed" ? others : [...others, alarm];
  });
  void queryClient.invalidateQueries({ queryKey: ["alarms", "closed"] });
  void queryClient.invalidateQueries({ queryKey: ["alarm", alarm.id] });
}

export function useAcknowledge() {
  return useMutation({
    mutationFn: (id: string) => take(api.POST("/api/alarms/{alarm_id}/acknowledge", { params: { path: { alarm_id: id } } })),
    onSuccess: placeAlarm,
    onError: () => queryClient.invalidateQueries({ queryKey: ["alarms"] }),
  });
}

export function useCloseAlarm() {
  return useMutation({
    mutationFn: ({ id, verdict, note }: { id: string; verdict: Verdict; note: string }) =>
      take(api.POST("/api/alarms/{alarm_id}/close", { params: { path: { alarm_id: id } }, body: { verdict, note } })),
    onSuccess: placeAlarm,
    onError: () => queryClient.invalidateQueries({ queryKey: ["alarms"] }),
  });
}

export function usePermits() {
  return useQuery({
    queryKey: ["permits"],
    queryFn: () => take(api.GET("/api/permits")),
    enabled: may("permits.open"),
  });
}

export function useOpenPermit() {
  return useMutation({
    mutationFn: (body: PermitRequest) => take(api.POST("/api/permits", { body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["permits"] }),
  });
}

export function useClosePermit() {
  return useMutation({
    mutationFn: (id: string) => take(api.POST("/api/permits/{permit_id}/close", { params: { path: { permit_id: id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["permits"] }),
  });
}

export function useWatchlist() {
  return useQuery({
    queryKey: ["watchlist"],
    queryFn: () => take(api.GET("/api/watchlist")),
    refetchInterval: 60_000,
    enabled: may("watchlist.read"),
  });
}

export function useAddEntry() {
  return useMutation({
    mutationFn: (body: WatchlistRequest) => take(api.POST("/api/watchlist", { body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["watchlist"] }),
  });
}

/** Look at a file of entries, or import it. */
export function useImportEntries() {
  return useMutation({
    mutationFn: (body: ImportRequest) => take(api.POST("/api/watchlist/file", { body })),
    onSuccess: (result) => result.written > 0 && queryClient.invalidateQueries({ queryKey: ["watchlist"] }),
  });
}

export function useCloseEntry() {
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; reason: string; wrong: boolean; request: string }) =>
      take(api.POST("/api/watchlist/{entry_id}/close", { params: { path: { entry_id: id } }, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["watchlist"] }),
  });
}
