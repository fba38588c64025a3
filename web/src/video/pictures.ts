/**
 * The pictures that live at the moment, each an element with its player. A view takes one and gives it back; given back, it
 * plays on for a moment, so that a view that opens at once (a tile enlarged, and back again) goes on without a black flash.
 */

import { LivePlayer } from "./live";
import { PacketPlayer } from "./packets";
import type { Player, Way } from "./player";
import { WhepPlayer } from "./whep";

const LINGER_MS = 500;

export interface Picture {
  readonly camera: string;
  readonly stream: string;
  readonly player: Player;
  taken: boolean;
  end: ReturnType<typeof setTimeout> | undefined;
}

const alive = new Set<Picture>();

function make(camera: string, stream: string, way: Way): Player {
  if (way === "webrtc") return new WhepPlayer(camera, stream);
  return way === "packets" ? new PacketPlayer(camera, stream) : new LivePlayer(camera, stream);
}

/** The picture of a stream, new or just given back. */
export function takePicture(camera: string, stream: string, way: Way): Picture {
  for (const picture of alive) {
    if (!picture.taken && picture.camera === camera && picture.stream === stream && picture.player.way === way) return hold(picture);
  }
  const picture: Picture = { camera, stream, player: make(camera, stream, way), taken: true, end: undefined };
  picture.player.element.tabIndex = -1;
  picture.player.element.ariaHidden = "true";
  alive.add(picture);
  picture.player.start();
  return picture;
}

/** Another picture of the camera that somebody has just given back and that still shows something. */
export function takeBridge(camera: string, but: Picture): Picture | null {
  for (const picture of alive) {
    if (!picture.taken && picture !== but && picture.camera === camera && hasPicture(picture)) return hold(picture);
  }
  return null;
}

/** Whether there is something to see in it. */
export function hasPicture(picture: Picture): boolean {
  const { status } = picture.player.state.get();
  return status === "live" || status === "stale";
}

/** Give a picture back. One that has shown nothing yet has nothing to live on for. */
export function leavePicture(picture: Picture): void {
  picture.taken = false;
  clearTimeout(picture.end);
  if (hasPicture(picture)) picture.end = setTimeout(() => drop(picture), LINGER_MS);
  else drop(picture);
}

function drop(picture: Picture): void {
  alive.delete(picture);
  picture.player.stop();
  picture.player.element.remove();
}

function hold(picture: Picture): Picture {
  clearTimeout(picture.end);
  picture.taken = true;
  return picture;
}
