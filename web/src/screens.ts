/** The screens of the desk: address, name, icon, second key after `g`, and the action that opens them. */

import type { IconName } from "./parts/Icon";

export const SCREENS = [
  { to: "/wall", name: "wall", icon: "wall", key: "KeyW", letter: "W", action: "live.view" },
  { to: "/alarms", name: "alarms", icon: "bell", key: "KeyA", letter: "A", action: "alarms.read" },
  { to: "/playback", name: "playback", icon: "play2", key: "KeyP", letter: "P", action: "playback.view" },
  { to: "/exports", name: "exports", icon: "out", key: "KeyX", letter: "X", action: "exports.order" },
  { to: "/plates", name: "plates", icon: "plate", key: "KeyS", letter: "S", action: "plates.search" },
  { to: "/vehicles", name: "vehicles", icon: "car", key: "KeyV", letter: "V", action: "vehicles.search" },
  { to: "/passersby", name: "passersby", icon: "filter", key: "KeyE", letter: "E", action: "persons.count" },
  { to: "/watchlist", name: "watchlist", icon: "watch", key: "KeyL", letter: "L", action: "watchlist.read" },
  { to: "/cameras", name: "cameras", icon: "health", key: "KeyC", letter: "C", action: "cameras.read" },
  { to: "/gaps", name: "gaps", icon: "gaps", key: "KeyN", letter: "N", action: "gaps.read" },
  { to: "/storage", name: "storage", icon: "disk", key: "KeyD", letter: "D", action: "storage.read" },
  { to: "/oversight", name: "oversight", icon: "eye", key: "KeyO", letter: "O", action: "oversight.write" },
  { to: "/policy", name: "policy", icon: "doc", key: "KeyY", letter: "Y", action: "policy.read" },
  { to: "/releases", name: "releases", icon: "key", key: "KeyR", letter: "R", action: "releases.read" },
  { to: "/node", name: "node", icon: "shield", key: "KeyI", letter: "I", action: "cameras.read" },
  { to: "/requests", name: "requests", icon: "person", key: "KeyQ", letter: "Q", action: "requests.take" },
  { to: "/people", name: "people", icon: "person", key: "KeyB", letter: "B", action: "people.read" },
  { to: "/audit", name: "audit", icon: "audit", key: "KeyU", letter: "U", action: "audit.read" },
] as const satisfies readonly { to: string; name: string; icon: IconName; key: string; letter: string; action: string }[];

/** The tabs of the alarm queue, as the address names them. */
export const ALARM_TABS = ["open", "new", "mine", "closed"] as const;

export type ScreenName = (typeof SCREENS)[number]["name"];
