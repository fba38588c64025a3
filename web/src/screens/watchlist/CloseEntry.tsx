/** End the search for a plate or a person, with the reason on the record; one that was never right is told to whoever got it. */

import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { WatchlistEntry } from "../../api/client";
import { type PersonEntry, useClosePerson } from "../../api/persons";
import { useCloseEntry } from "../../api/queries";
import { PlateMark } from "../../parts/marks";
import { ReasonDialog } from "../../parts/ReasonDialog";

export function CloseEntry({ entry, onClose }: { entry: WatchlistEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const closing = useCloseEntry();
  return (
    <Closing title={t("watchlist.closeTitle")} acting={closing} onEnd={(why) => closing.mutate({ id: entry.id, ...why }, { onSuccess: onClose })} onClose={onClose}>
      <PlateMark text={entry.plate} />
    </Closing>
  );
}

export function ClosePerson({ entry, onClose }: { entry: PersonEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const closing = useClosePerson();
  return (
    <Closing title={t("persons.closeTitle")} acting={closing} onEnd={(why) => closing.mutate({ id: entry.id, ...why }, { onSuccess: onClose })} onClose={onClose}>
      <b>{entry.name}</b>
    </Closing>
  );
}

interface Props {
  title: string;
  acting: { isPending: boolean; error: unknown };
  onEnd: (why: { reason: string; wrong: boolean; request: string }) => void;
  onClose: () => void;
  children: ReactNode;
}

function Closing({ title, acting, onEnd, onClose, children }: Props) {
  const { t } = useTranslation();
  const [wrong, setWrong] = useState(false);
  return (
    <ReasonDialog title={title} label={t("watchlist.reason")} act={t("watchlist.close")} maxLength={300} acting={acting} onReason={(reason, request) => onEnd({ reason, wrong, request })} onClose={onClose} forRequest={wrong}>
      {children}
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
