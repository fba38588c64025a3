/** The stream of changes: one WebSocket for the whole client, with its age, so that silence is seen. */

import { Store } from "../base/store";
import { learnServerTime, now } from "../base/time";
import { type Alarm, signedOut, socketUrl } from "./client";
import { placeAlarm, queryClient } from "./queries";

export interface RecentRead {
  id: string;
  cameraId: string;
  time: string;
  confidence: number;
}

type Change =
  | { type: "alarm"; alarm: Alarm }
  | { type: "read"; read: RecentRead }
  | { type: "cameras" }
  | { type: "tick"; now: string; sequence: number };

const KEPT_READS = 60;

/** When the server was last heard, in its own milliseconds; 0 before the first word. */
export const lastHeard = new Store(0);
/** The newest reads, newest first, at most 60: a tile shows that its camera reads. */
export const recentReads = new Store<readonly RecentRead[]>([]);
/** The alarm that was raised last, for the voice and the live region. */
export const raised = new Store<Alarm | null>(null);

let socket: WebSocket | null = null;
let retry: ReturnType<typeof setTimeout> | undefined;
let attempts = 0;
let wanted = false;

function hear(change: Change): void {
  if (change.type === "tick") learnServerTime(change.now);
  lastHeard.set(now());
  if (change.type === "alarm") {
    placeAlarm(change.alarm);
    if (change.alarm.state === "new") raised.set(change.alarm);
  } else if (change.type === "read") {
    recentReads.change((reads) => [change.read, ...reads].slice(0, KEPT_READS));
  } else if (change.type === "cameras") {
    void queryClient.invalidateQueries({ queryKey: ["cameras"] });
  }
}

function read(data: unknown): void {
  if (typeof data !== "string") return;
  try {
    hear(JSON.parse(data) as Change);
  } catch {
    // A word this client does not know is left out; the next tick shows that the line stands.
  }
}

function open(): void {
  const opened = new WebSocket(socketUrl("/api/changes"));
  socket = opened;
  opened.addEventListener("open", () => {
    attempts = 0;
    lastHeard.set(now());
    // What changed while nobody listened is asked for once.
    for (const key of ["alarms", "cameras"]) void queryClient.invalidateQueries({ queryKey: [key] });
  });
  opened.addEventListener("message", (event) => read(event.data));
  opened.addEventListener("close", (event) => {
    if (socket !== opened) return;
    socket = null;
    if (event.code === 4401) signedOut();
    else if (wanted) retry = setTimeout(open, Math.min(5000, 300 * 2 ** attempts++) * (0.8 + Math.random() * 0.4));
  });
}

/** Listen until the returned function is called. */
export function listen(): () => void {
  wanted = true;
  lastHeard.set(now());
  open();
  return () => {
    wanted = false;
    clearTimeout(retry);
    socket?.close();
    socket = null;
  };
}
