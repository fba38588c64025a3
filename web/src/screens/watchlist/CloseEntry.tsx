import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { WatchlistEntry } from "../../api/client";
import { useCloseEntry } from "../../api/queries";
import { PlateMark } from "../../parts/marks";
import { ReasonDialog } from "../../parts/ReasonDialog";

/** End the search for a plate, with the reason on the record. */
export function CloseEntry({ entry, onClose }: { entry: WatchlistEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const closing = useCloseEntry();
  const [wrong, setWrong] = useState(false);
  return (
    <ReasonDialog
      title={t("watchlist.closeTitle")}
      label={t("watchlist.reason")}
      act={t("watchlist.close")}
      maxLength={300}
      acting={closing}
      onReason={(reason) => closing.mutate({ id: entry.id, reason, wrong }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <PlateMark text={entry.plate} />
      <label className="ck">
        <input type="checkbox" checked={wrong} onChange={(event) => setWrong(event.currentTarget.checked)} />
        <span>
          {t("watchlist.wasWrong")}
          <span className="hint">{t("watchlist.wasWrongHint")}</span>
        </span>
      </label>
    </ReasonDialog>
  );
}
