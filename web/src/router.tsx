/** Addresses of the screens with their typed search parameters, so that a view can be handed on as a link. */

import { createRootRoute, createRoute, createRouter, Navigate, Outlet } from "@tanstack/react-router";

import { may } from "./api/queries";
import { Frame } from "./frame/Frame";
import { Account } from "./screens/account/Account";
import { Alarms } from "./screens/alarms/Alarms";
import { Audit } from "./screens/audit/Audit";
import { Breaches } from "./screens/breaches/Breaches";
import { Cameras } from "./screens/cameras/Cameras";
import { Exports } from "./screens/exports/Exports";
import { CAUSES } from "./screens/gaps/CauseMark";
import { GAP_DAYS, Gaps } from "./screens/gaps/Gaps";
import { Oversight } from "./screens/oversight/Oversight";
import { OVERSIGHT_TABS, SIDES, SPANS } from "./screens/oversight/spans";
import { People } from "./screens/people/People";
import { Playback } from "./screens/playback/Playback";
import { ABROAD, among, COLOURS, DIRECTIONS, HOME, VEHICLES } from "./screens/plates/looks";
import { Passersby } from "./screens/passersby/Passersby";
import { Plates } from "./screens/plates/Plates";
import { NodeScreen } from "./screens/node/NodeScreen";
import { Releases } from "./screens/releases/Releases";
import { Policy } from "./screens/policy/Policy";
import { Requests } from "./screens/requests/Requests";
import { SignIn } from "./screens/signin/SignIn";
import { Storage } from "./screens/storage/Storage";
import { PLATES_WANTED } from "./screens/vehicles/passages";
import { Vehicles } from "./screens/vehicles/Vehicles";
import { Wall } from "./screens/wall/Wall";
import { Watchlist } from "./screens/watchlist/Watchlist";
import { ALARM_TABS, SCREENS } from "./screens";

type Raw = Record<string, unknown>;

function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function oneOf<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => word === value);
}

function defined<T extends object>(search: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as never;
}

const root = createRootRoute({ component: Outlet, notFoundComponent: Home });

function Home() {
  const first = SCREENS.find((screen) => may(screen.action)) ?? SCREENS[0];
  return <Navigate to={first.to} replace />;
}

/** What the server says of a sign-in by a directory (`istros.api.directories`); whatever else it sends back is a fault of the two. */
const AT_THE_DOOR = ["directory-not-begun", "directory-unproven", "directory-no-role", "directory-closed", "directory-name-taken", "directory-name-form", "directory-silent"] as const;

function doorProblem(raw: unknown): (typeof AT_THE_DOOR)[number] | "directory-unsound" | undefined {
  return raw === undefined ? undefined : (oneOf(raw, AT_THE_DOOR) ?? "directory-unsound");
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  component: SignIn,
  validateSearch: (raw: Raw) => defined({ next: text(raw.next), problem: doorProblem(raw.problem) }),
});

const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });
const home = createRoute({ getParentRoute: () => frame, path: "/", component: Home });

const wall = createRoute({
  getParentRoute: () => frame,
  path: "/wall",
  component: Wall,
  validateSearch: (raw: Raw) => defined({ camera: text(raw.camera) }),
});

const alarms = createRoute({
  getParentRoute: () => frame,
  path: "/alarms",
  component: Alarms,
  validateSearch: (raw: Raw) =>
    defined({
      tab: oneOf(raw.tab, ALARM_TABS),
      priority: oneOf(raw.priority, ["critical", "high", "medium", "low"] as const),
      alarm: text(raw.alarm),
    }),
});

const playback = createRoute({
  getParentRoute: () => frame,
  path: "/playback",
  component: Playback,
  validateSearch: (raw: Raw) => defined({ cameras: text(raw.cameras), at: text(raw.at), alarm: text(raw.alarm) }),
});

const exportsScreen = createRoute({
  getParentRoute: () => frame,
  path: "/exports",
  component: Exports,
  validateSearch: (raw: Raw) => defined({ export: text(raw.export) }),
});

const plates = createRoute({
  getParentRoute: () => frame,
  path: "/plates",
  component: Plates,
  validateSearch: (raw: Raw) =>
    defined({
      text: text(raw.text),
      camera: text(raw.camera),
      country: among([...HOME, ...ABROAD], raw.country),
      vehicle: among(VEHICLES, raw.vehicle),
      colour: among(COLOURS, raw.colour),
      from: text(raw.from),
      to: text(raw.to),
      alike: raw.alike === false ? false : undefined,
      parts: raw.parts === false ? false : undefined,
      read: text(raw.read),
    }),
});

const vehicles = createRoute({
  getParentRoute: () => frame,
  path: "/vehicles",
  component: Vehicles,
  validateSearch: (raw: Raw) =>
    defined({
      camera: text(raw.camera),
      vehicle: among(VEHICLES, raw.vehicle),
      colour: among(COLOURS, raw.colour),
      direction: among(DIRECTIONS, raw.direction),
      plate: among(PLATES_WANTED, raw.plate),
      from: text(raw.from),
      to: text(raw.to),
      passage: text(raw.passage),
    }),
});

const passersby = createRoute({ getParentRoute: () => frame, path: "/passersby", component: Passersby });

const watchlist = createRoute({
  getParentRoute: () => frame,
  path: "/watchlist",
  component: Watchlist,
  validateSearch: (raw: Raw) => defined({ kind: raw.kind === "persons" ? ("persons" as const) : undefined, entry: text(raw.entry), plate: text(raw.plate) }),
});

const cameras = createRoute({
  getParentRoute: () => frame,
  path: "/cameras",
  component: Cameras,
  validateSearch: (raw: Raw) => defined({ camera: text(raw.camera) }),
});

const people = createRoute({ getParentRoute: () => frame, path: "/people", component: People });

const account = createRoute({ getParentRoute: () => frame, path: "/account", component: Account });

const storage = createRoute({ getParentRoute: () => frame, path: "/storage", component: Storage });

const releases = createRoute({ getParentRoute: () => frame, path: "/releases", component: Releases });
const nodeScreen = createRoute({ getParentRoute: () => frame, path: "/node", component: NodeScreen });
const requests = createRoute({
  getParentRoute: () => frame,
  path: "/requests",
  component: Requests,
  validateSearch: (raw: Raw) => defined({ request: text(raw.request) }),
});

const breaches = createRoute({
  getParentRoute: () => frame,
  path: "/breaches",
  component: Breaches,
  validateSearch: (raw: Raw) => defined({ breach: text(raw.breach), tell: raw.tell === true ? true : undefined, about: text(raw.about) }),
});

const audit = createRoute({
  getParentRoute: () => frame,
  path: "/audit",
  component: Audit,
  validateSearch: (raw: Raw) => defined({ actor: text(raw.actor), action: text(raw.action), from: text(raw.from), to: text(raw.to), record: text(raw.record) }),
});

const oversight = createRoute({
  getParentRoute: () => frame,
  path: "/oversight",
  component: Oversight,
  validateSearch: (raw: Raw) =>
    defined({
      tab: oneOf(raw.tab, OVERSIGHT_TABS),
      days: SPANS.find((days) => days === Number(raw.days)),
      side: oneOf(raw.side, SIDES),
      of: text(raw.of),
      action: text(raw.action),
    }),
});

const policy = createRoute({
  getParentRoute: () => frame,
  path: "/policy",
  component: Policy,
  validateSearch: (raw: Raw) => defined({ who: text(raw.who), action: text(raw.action), group: text(raw.group), purpose: text(raw.purpose), other: raw.other === true ? true : undefined }),
});

const gaps = createRoute({
  getParentRoute: () => frame,
  path: "/gaps",
  component: Gaps,
  validateSearch: (raw: Raw) =>
    defined({
      days: GAP_DAYS.find((days) => days === Number(raw.days)),
      camera: text(raw.camera),
      cause: oneOf(raw.cause, CAUSES),
      month: /^\d{4}-(0[1-9]|1[0-2])$/.test(String(raw.month)) ? String(raw.month) : undefined,
      gap: text(raw.gap),
    }),
});

const tree = root.addChildren([signIn, frame.addChildren([home, wall, alarms, playback, exportsScreen, plates, vehicles, passersby, watchlist, cameras, storage, gaps, oversight, policy, releases, nodeScreen, requests, breaches, audit, account, people])]);

export const router = createRouter({ routeTree: tree, defaultPreload: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
