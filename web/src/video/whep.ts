/**
 * One live stream by WebRTC (WHEP), for lines that lose packets: a lost packet is asked for again or passed over, where a
 * WebSocket would hold up everything behind it.
 */

import { ApiProblem, rawRequest } from "../api/client";
import { BasePlayer } from "./player";

const GATHER_MS = 500;

/** Refusals that pass by themselves: the view asks again. */
const WAITS: ReadonlySet<string> = new Set(["whep-no-pictures", "enough-masked"]);

/** Whether this browser can. */
export function canWebRtc(): boolean {
  return typeof RTCPeerConnection !== "undefined";
}

export class WhepPlayer extends BasePlayer {
  readonly way = "webrtc";
  readonly element = document.createElement("video");

  private connection: RTCPeerConnection | null = null;
  private location = "";
  private shownAt: number | null = null;
  private readonly path: string;

  constructor(camera: string, stream: string) {
    super();
    this.path = `/api/live/${encodeURIComponent(camera)}/${stream}/whep`;
    this.element.muted = true;
    this.element.playsInline = true;
    this.element.disablePictureInPicture = true;
  }

  /** WebRTC carries no wall time of the picture. */
  pictureTime(): number | null {
    return null;
  }

  /** Seconds since the last new picture: what lies between cannot be told here. */
  age(): number | null {
    return this.shownAt === null ? null : (performance.now() - this.shownAt) / 1000;
  }

  protected connected(): boolean {
    return this.connection !== null;
  }

  protected connect(): void {
    const connection = new RTCPeerConnection({ iceServers: [] });
    this.connection = connection;
    if (this.state.get().status !== "offline") this.say("starting");
    this.heardAt = performance.now();
    const { receiver } = connection.addTransceiver("video", { direction: "recvonly" });
    // As little as the line allows; the browser lengthens it by itself where packets come late.
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    connection.addEventListener("track", (event) => {
      if (this.connection === connection) this.play(connection, event.track);
    });
    connection.addEventListener("connectionstatechange", () => {
      if (this.connection === connection && connection.connectionState === "failed") this.lose("");
    });
    void this.ask(connection).catch((error: unknown) => this.refused(connection, error));
  }

  protected hangUp(): void {
    const { connection, location } = this;
    this.connection = null;
    this.location = "";
    connection?.close();
    if (location !== "") void rawRequest(location, { method: "DELETE", keepalive: true }).catch(() => {});
  }

  private async ask(connection: RTCPeerConnection): Promise<void> {
    await connection.setLocalDescription();
    await gathered(connection);
    const answer = await rawRequest(this.path, { method: "POST", body: connection.localDescription?.sdp ?? "", headers: { "Content-Type": "application/sdp" } });
    const location = answer.headers.get("Location") ?? "";
    const sdp = await answer.text();
    if (this.connection !== connection) {
      await rawRequest(location, { method: "DELETE" });
      return;
    }
    this.location = location;
    await connection.setRemoteDescription({ type: "answer", sdp });
  }

  private refused(connection: RTCPeerConnection, error: unknown): void {
    if (this.connection !== connection) return;
    const problem = error instanceof ApiProblem ? error : null;
    if (problem?.status === 403) return this.give("forbidden");
    if (problem?.status === 404) return this.give("missing");
    if (problem?.code === "whep-codec" || problem?.code === "whep-busy") return this.give("codec");
    if (problem === null || !WAITS.has(problem.code)) return this.lose("");
    this.say("offline", problem.message, "", problem.code);
    this.lose(problem.message);
  }

  private give(status: "forbidden" | "missing" | "codec"): void {
    this.hangUp();
    this.say(status);
  }

  private lose(problem: string): void {
    this.hangUp();
    if (this.running) this.again(problem);
  }

  private play(connection: RTCPeerConnection, track: MediaStreamTrack): void {
    this.element.srcObject = new MediaStream([track]);
    void this.element.play().catch(() => {});
    const next = () =>
      this.element.requestVideoFrameCallback(() => {
        if (this.connection !== connection) return;
        this.shownAt = this.heardAt = performance.now();
        this.shown();
        next();
      });
    next();
  }
}

/** The addresses of this computer are in the offer after this: they are not sent one by one. */
function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((done) => {
    const end = setTimeout(done, GATHER_MS);
    const look = () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(end);
      done();
    };
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
}
