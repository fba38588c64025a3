import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import type { WatchlistEntry } from "../../api/client";
import { useCloseEntry } from "../../api/queries";
import { Dialog } from "../../parts/Dialog";
import { PlateMark } from "../../parts/marks";
import { Problem } from "../../parts/Problem";

/** End the search for a plate, with the reason on the record. */
export function CloseEntry({ entry, onClose }: { entry: WatchlistEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const closing = useCloseEntry();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason") ?? "").trim();
    closing.mutate({ id: entry.id, reason }, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("watchlist.closeTitle")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <PlateMark text={entry.plate} />
          <div className="field">
            <label htmlFor={id}>{t("watchlist.reason")}</label>
            <input id={id} name="reason" className="in l" required maxLength={300} autoComplete="off" />
          </div>
          <Problem error={closing.error} />
        </div>
        <div className="pf">
          <span className="sp" />
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" className="btn p" disabled={closing.isPending}>
            {t("watchlist.close")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
