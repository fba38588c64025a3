/** A person looks whether a hold is still needed, and says until when it is kept and why. */

import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import { type Hold, useReviewHold } from "../../api/storage";
import { dayClock, now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";

/** What the node takes where nobody names a date. */
export const REVIEW_MS = 90 * 86_400_000;

/** Of which hold a dialog speaks: there are others beside it. */
export function WhichHold({ hold }: { hold: Hold }) {
  const { i18n } = useTranslation();
  return (
    <p>
      <b translate="no">{hold.cameras.join(", ")}</b> {dayClock(hold.start, i18n.language)} – {dayClock(hold.end, i18n.language)}
    </p>
  );
}

export function ReviewHold({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const reviewing = useReviewHold();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const until = new Date(parseMoment(String(form.get("until")), now())).toISOString();
    reviewing.mutate({ id: hold.id, until, reason: String(form.get("reason")).trim() }, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("storage.reviewTitle")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <WhichHold hold={hold} />
          <p>{t("storage.reviewHint")}</p>
          <MomentField name="until" label={t("storage.reviewUntil")} value={now() + REVIEW_MS} required />
          <div className="field">
            <label htmlFor={id}>{t("storage.reviewReason")}</label>
            <input id={id} name="reason" className="in l" required maxLength={500} autoComplete="off" />
          </div>
          <Problem error={reviewing.error} />
        </div>
        <FormEnd act={t("storage.reviewTitle")} disabled={reviewing.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
