import { Link, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { may, useCameras, useOpenAlarms } from "../api/queries";
import { Icon } from "../parts/Icon";
import { SCREENS } from "../screens";
import type { OpenDialog } from "./Frame";

/** The screens that the operator's role may open. */
export function allowedScreens() {
  return SCREENS.filter((screen) => may(screen.action));
}

function useCounts(): Partial<Record<string, number>> {
  const open = useOpenAlarms().data ?? [];
  const cameras = useCameras().data ?? [];
  return {
    alarms: open.filter((alarm) => alarm.state === "new").length,
    cameras: cameras.filter((camera) => camera.streams.some((stream) => stream.status === "offline" || stream.status === "stale")).length,
  };
}

export function Rail({ onOpen }: { onOpen: (dialog: OpenDialog) => void }) {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const counts = useCounts();
  return (
    <nav className="rail" aria-label={t("screens")}>
      {allowedScreens().map((screen) => {
        const count = counts[screen.name] ?? 0;
        const name = t(`screen.${screen.name}`);
        return (
          <Link key={screen.to} to={screen.to} aria-current={path.startsWith(screen.to) ? "page" : undefined} aria-label={count > 0 ? `${name}, ${count}` : name} title={`${name} (G ${screen.letter})`}>
            <Icon name={screen.icon} />
            {count > 0 ? <span className="n">{count}</span> : null}
          </Link>
        );
      })}
      <span className="sp" />
      <button type="button" aria-label={t("keys.title")} title={`${t("keys.title")} (?)`} onClick={() => onOpen("keys")}>
        <Icon name="help" />
      </button>
      <button type="button" aria-label={t("settings.title")} title={t("settings.title")} onClick={() => onOpen("settings")}>
        <Icon name="gear" />
      </button>
    </nav>
  );
}
