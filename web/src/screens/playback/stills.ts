/** Saving the very picture that is on the glass; the server makes it, and keeps its hash on the record. */

import { useState } from "react";

import { type Camera, type Permit, stillOf } from "../../api/client";
import { saveFile } from "../../parts/saving";
import type { Deck } from "./deck";

export interface SavedStill {
  camera: string;
  time: string;
  sha256: string;
  hidden: boolean;
}

export interface SaveStill {
  save: () => Promise<void>;
  saved: SavedStill | null;
  pending: boolean;
  error: unknown;
}

export function useSaveStill(deck: Deck, camera: Camera | undefined, stream: "main" | "sub", permit: Permit): SaveStill {
  const [saved, setSaved] = useState<SavedStill | null>(null);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    if (camera === undefined || pending) return;
    setPending(true);
    setError(null);
    try {
      const still = await stillOf(camera.id, deck.cursor, stream, permit.id);
      saveFile(still.blob, still.name);
      setSaved({ camera: camera.id, time: still.time, sha256: still.sha256, hidden: still.hidden });
    } catch (problem) {
      setError(problem);
    } finally {
      setPending(false);
    }
  };
  return { save, saved, pending, error };
}
