/** Keys of the desk, matched by their place on the keyboard (`event.code`), so that a Ukrainian layout works alike. */

import { useEffect, useRef } from "react";

import { settings } from "./settings";

/** From a key's name (`KeyA`, `Shift+KeyJ`, `Digit1`, `ArrowLeft`, `Ctrl+KeyK`) to what it does. */
export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

/** J and the arrows walk a list: down by 1, up by -1. */
export function stepKeys(step: (by: number) => void): KeyMap {
  return { KeyJ: () => step(1), "Shift+KeyJ": () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1) };
}

/** The row `by` places from the selected one, held within the list; undefined where the list is empty. */
export function neighbour<T>(rows: readonly T[], isSelected: (row: T) => boolean, by: number): T | undefined {
  return rows[Math.max(0, Math.min(rows.length - 1, rows.findIndex(isSelected) + by))];
}

const layers: { current: KeyMap }[] = [];

function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

function ownsKey(target: EventTarget | null, code: string): boolean {
  if (!(target instanceof HTMLElement) || (code !== "Enter" && code !== "Space" && !code.startsWith("Arrow"))) return false;
  if (code.startsWith("Arrow")) return target.closest("[role=tablist],[role=radiogroup],input") !== null;
  return target.closest("button,a,summary,input,[role=tab],[role=option]") !== null;
}

/** `Ctrl+Shift+KeyA`: modifiers in this order, then the code. */
export function keyName(event: KeyboardEvent): string {
  const modifiers = `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}`;
  // The question mark stands elsewhere on a Ukrainian keyboard: the one key that is matched by its sign.
  if (event.key === "?") return "Shift+Slash";
  const code = event.code === "NumpadEnter" ? "Enter" : event.code.replace(/^Numpad(\d)$/, "Digit$1");
  return modifiers + code;
}

function isSingle(name: string): boolean {
  return /^(Shift\+)?(Key[A-Z]|Digit\d|Comma|Period|Slash|BracketLeft|BracketRight|Minus|Equal)$/.test(name);
}

/** What `g` began: the next letter names a screen. */
let leader: { until: number; go: KeyMap } | null = null;

/** Wait for the second key of a sequence for 1.5 s. */
export function awaitSecondKey(go: KeyMap): void {
  leader = { until: performance.now() + 1500, go };
}

function handle(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = keyName(event);
  const single = isSingle(name);
  if (inField(event.target) && !name.startsWith("Ctrl+")) return;
  if (document.querySelector("dialog[open]") !== null && !name.startsWith("Ctrl+")) return;
  if (single && !settings.get().singleKeys) return;
  if (ownsKey(event.target, event.code)) return;
  const began = leader;
  leader = null;
  if (began !== null && performance.now() < began.until && began.go[name] !== undefined) {
    event.preventDefault();
    began.go[name](event);
    return;
  }
  for (const layer of layers.toReversed()) {
    const act = layer.current[name];
    if (act !== undefined) {
      event.preventDefault();
      act(event);
      return;
    }
  }
}

window.addEventListener("keydown", handle);

/** Answer these keys while the component is on the screen; the newest component is asked first. */
export function useKeys(map: KeyMap): void {
  const current = useRef(map);
  useEffect(() => {
    current.current = map;
  });
  useEffect(() => {
    layers.push(current);
    return () => {
      layers.splice(layers.indexOf(current), 1);
    };
  }, []);
}
