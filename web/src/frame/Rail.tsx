import { Link, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { may, useCameras, useOpenAlarms } from "../api/queries";
import { Icon } from "../parts/Icon";
import { SCREEN_GROUPS, SCREENS } from "../screens";
import type { OpenDialog } from "./Frame";

/** The screens that the operator's role may open. */
export function allowedScreens() {
  return SCREENS.filter((screen) => may(screen.action));
}

/** The same by what belongs together; groups without a screen for this role are left out. */
export function allowedGroups() {
  const allowed = allowedScreens();
  return SCREEN_GROUPS.map((name) => ({ name, screens: allowed.filter((screen) => screen.group === name) })).filter((group) => group.screens.length > 0);
}

function useCounts(): Partial<Record<string, number>> {
  const open = useOpenAlarms().data ?? [];
  const cameras = useCameras().data ?? [];
  return {
    alarms: open.filter((alarm) => alarm.state === "new").length,
    cameras: cameras.filter((camera) => camera.streams.some((stream) => stream.status === "offline" || stream.status === "stale")).length,
  };
}

/** Keep the screen one is on in sight where the rail is longer than the page. */
function useCurrentInSight(path: string) {
  const rail = useRef<HTMLElement>(null);
  useEffect(() => {
    rail.current?.querySelector(`[href="/${path.split("/")[1]}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);
  return rail;
}

export function Rail({ onOpen }: { onOpen: (dialog: OpenDialog) => void }) {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const counts = useCounts();
  const rail = useCurrentInSight(path);
  return (
    <nav ref={rail} className="rail" aria-label={t("screens")}>
      {allowedGroups().map((group) => (
        <div key={group.name} className="part" role="group" aria-label={t(`nav.${group.name}`)}>
          {group.screens.map((screen) => {
            const count = counts[screen.name] ?? 0;
            const name = t(`screen.${screen.name}`);
            return (
              <Link key={screen.to} to={screen.to} aria-current={path.startsWith(screen.to) ? "page" : undefined} aria-label={count > 0 ? `${name}, ${count}` : name} title={`${name} (G ${screen.letter})`}>
                <Icon name={screen.icon} />
                {count > 0 ? <span className="n">{count}</span> : null}
              </Link>
            );
          })}
        </div>
      ))}
      <span className="sp" />
      <button type="button" className="all" aria-label={t("nav.all")} title={t("nav.all")} onClick={() => onOpen("screens")}>
        <Icon name="list" />
      </button>
      <button type="button" className="hide-p" aria-label={t("keys.title")} title={`${t("keys.title")} (?)`} onClick={() => onOpen("keys")}>
        <Icon name="help" />
      </button>
      <button type="button" className="hide-p" aria-label={t("settings.title")} title={t("settings.title")} onClick={() => onOpen("settings")}>
        <Icon name="gear" />
      </button>
    </nav>
  );
}
