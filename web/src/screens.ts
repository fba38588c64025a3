/** The screens of the desk: address, name, the group that it stands in, icon, second key after `g`, and the action that opens them. */

import type { IconName } from "./parts/Icon";

/** What belongs together in the rail and on the list of all screens, in this order. */
export const SCREEN_GROUPS = ["duty", "search", "technology", "rights"] as const;

export type ScreenGroup = (typeof SCREEN_GROUPS)[number];

export const SCREENS = [
  { to: "/wall", name: "wall", group: "duty", icon: "wall", key: "KeyW", letter: "W", action: "live.view" },
  { to: "/alarms", name: "alarms", group: "duty", icon: "bell", key: "KeyA", letter: "A", action: "alarms.read" },
  { to: "/playback", name: "playback", group: "duty", icon: "play2", key: "KeyP", letter: "P", action: "playback.view" },
  { to: "/exports", name: "exports", group: "duty", icon: "out", key: "KeyX", letter: "X", action: "exports.order" },
  { to: "/plates", name: "plates", group: "search", icon: "plate", key: "KeyS", letter: "S", action: "plates.search" },
  { to: "/vehicles", name: "vehicles", group: "search", icon: "car", key: "KeyV", letter: "V", action: "vehicles.search" },
  { to: "/passersby", name: "passersby", group: "search", icon: "walk", key: "KeyE", letter: "E", action: "persons.count" },
  { to: "/watchlist", name: "watchlist", group: "search", icon: "watch", key: "KeyL", letter: "L", action: "watchlist.read" },
  { to: "/cameras", name: "cameras", group: "technology", icon: "health", key: "KeyC", letter: "C", action: "cameras.read" },
  { to: "/gaps", name: "gaps", group: "technology", icon: "gaps", key: "KeyN", letter: "N", action: "gaps.read" },
  { to: "/storage", name: "storage", group: "technology", icon: "disk", key: "KeyD", letter: "D", action: "storage.read" },
  { to: "/oversight", name: "oversight", group: "rights", icon: "eye", key: "KeyO", letter: "O", action: "oversight.write" },
  { to: "/policy", name: "policy", group: "rights", icon: "doc", key: "KeyY", letter: "Y", action: "policy.read" },
  { to: "/releases", name: "releases", group: "rights", icon: "checks", key: "KeyR", letter: "R", action: "releases.read" },
  { to: "/node", name: "node", group: "rights", icon: "shield", key: "KeyI", letter: "I", action: "cameras.read" },
  { to: "/requests", name: "requests", group: "rights", icon: "mail", key: "KeyQ", letter: "Q", action: "requests.take" },
  { to: "/breaches", name: "breaches", group: "rights", icon: "lock", key: "KeyT", letter: "T", action: "breaches.report" },
  { to: "/people", name: "people", group: "rights", icon: "people", key: "KeyB", letter: "B", action: "people.read" },
  { to: "/audit", name: "audit", group: "rights", icon: "audit", key: "KeyU", letter: "U", action: "audit.read" },
] as const satisfies readonly { to: string; name: string; group: ScreenGroup; icon: IconName; key: string; letter: string; action: string }[];

/** The tabs of the alarm queue, as the address names them. */
export const ALARM_TABS = ["open", "new", "mine", "closed"] as const;

export type ScreenName = (typeof SCREENS)[number]["name"];
