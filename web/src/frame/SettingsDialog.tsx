import { useTranslation } from "react-i18next";

import { saveSettings, settings } from "../base/settings";
import { sound } from "../base/sound";
import { useStore } from "../base/store";
import { Dialog } from "../parts/Dialog";
import { PRIORITIES, PriorityMark } from "../parts/marks";

/** What this operator prefers on this desk. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const kept = useStore(settings);
  return (
    <Dialog title={t("settings.title")} onClose={onClose}>
      <div className="pb stack">
        <label className="ck">
          <input type="checkbox" checked={kept.singleKeys} onChange={(event) => saveSettings({ singleKeys: event.target.checked })} />
          <span>
            {t("settings.singleKeys")}
            <span className="hint">{t("settings.singleKeysHint")}</span>
          </span>
        </label>
        <label className="ck">
          <input type="checkbox" checked={kept.sound} onChange={(event) => saveSettings({ sound: event.target.checked })} />
          <span>{t("settings.sound")}</span>
        </label>
        <div className="row wrap" role="group" aria-label={t("settings.hear")}>
          <span className="dim">{t("settings.hear")}</span>
          {PRIORITIES.map((priority) => (
            <button key={priority} type="button" className="btn" disabled={!kept.sound} onClick={() => sound(priority)}>
              <PriorityMark priority={priority} />
            </button>
          ))}
        </div>
        <label className="ck">
          <input type="checkbox" checked={kept.skipGaps} onChange={(event) => saveSettings({ skipGaps: event.target.checked })} />
          <span>{t("settings.skipGaps")}</span>
        </label>
        <label className="ck">
          <input type="checkbox" checked={kept.line === "lossy"} onChange={(event) => saveSettings({ line: event.target.checked ? "lossy" : "auto" })} />
          <span>
            {t("settings.lossy")}
            <span className="hint">{t("settings.lossyHint")}</span>
          </span>
        </label>
        <p className="dim xs">{t("settings.kept")}</p>
      </div>
    </Dialog>
  );
}
