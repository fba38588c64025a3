/** Why nothing is looked for at a camera, since when, and how it goes on. */

import { useTranslation } from "react-i18next";

import type { Camera } from "../../api/client";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";

export function PauseNote({ camera }: { camera: Camera }) {
  const { t, i18n } = useTranslation();
  const { paused } = camera;
  if (paused == null) return null;
  return (
    <p className="note err" role="status">
      <Icon name="warn" size="sm" />
      <span>
        <b>{t(`pause.${paused.cause}`, { time: dayClock(paused.since, i18n.language) })}</b> {t(paused.zonesAwaitCheck ? "pause.checkZones" : `pause.next.${paused.cause}`)} {paused.covered ? t("tile.barredMoved") : null}
      </span>
    </p>
  );
}
