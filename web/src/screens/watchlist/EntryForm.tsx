import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import type { Priority, WatchlistRequest } from "../../api/client";
import { useAddEntry } from "../../api/queries";
import { now, parseMoment } from "../../base/time";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { PRIORITIES } from "../../parts/marks";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";
import { SOUGHT_PURPOSES } from "../../permits/permits";

const DAY_MS = 86_400_000;
/** The law of the node allows 30 days at most (docs/design/0002). */
const MOST_DAYS = 30;
const USUAL_DAYS = 7;

/** Seek a plate: every field is needed, for each is on the record of the search. */
export function EntryForm({ plate, onDone }: { plate: string; onDone: (id?: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const adding = useAddEntry();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const body: WatchlistRequest = {
      plate: word("plate").toLocaleUpperCase(),
      purpose: word("purpose") as WatchlistRequest["purpose"],
      ground: word("ground"),
      caseRef: word("case"),
      priority: word("priority") as Priority,
      nearAllowed: form.get("near") !== null,
      expires: new Date(parseMoment(word("expires"), now())).toISOString(),
    };
    adding.mutate(body, { onSuccess: (entry) => onDone(entry.id) });
  };
  return (
    <section className="panel" aria-labelledby="new-heading">
      <div className="ph">
        <h2 id="new-heading">{t("watchlist.new")}</h2>
        <span className="sp" />
        <button type="button" className="btn sq q" aria-label={t("close")} title={t("close")} onClick={() => onDone()}>
          <Icon name="x" />
        </button>
      </div>
      <form className="grow entry-form" onSubmit={submit}>
        <div className="pb stack scroll grow">
          <div className="two">
            <div className="field">
              <label htmlFor={`${id}p`}>{t("field.plate")}</label>
              {/* The form was asked for by the operator: the first field takes the focus. */}
              {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
              <input id={`${id}p`} name="plate" className="in plate-in" required maxLength={20} autoFocus autoComplete="off" spellCheck={false} defaultValue={plate} />
            </div>
            <div className="field">
              <label htmlFor={`${id}r`}>{t("field.priority")}</label>
              <select id={`${id}r`} name="priority" className="in l" defaultValue="high">
                {PRIORITIES.map((priority) => (
                  <option key={priority} value={priority}>
                    {t(`priority.${priority}`)}
                  </option>
                ))}
              </select>
            </div>
          </div>
          <div className="field">
            <label htmlFor={`${id}u`}>{t("field.purpose")}</label>
            <select id={`${id}u`} name="purpose" className="in l" required defaultValue="">
              <option value="" disabled>
                {t("field.choose")}
              </option>
              {SOUGHT_PURPOSES.map((purpose) => (
                <option key={purpose} value={purpose}>
                  {t(`purpose.${purpose}`)}
                </option>
              ))}
            </select>
          </div>
          <div className="field">
            <label htmlFor={`${id}g`}>{t("field.ground")}</label>
            <input id={`${id}g`} name="ground" className="in l" required maxLength={300} autoComplete="off" placeholder={t("permit.groundHint")} />
          </div>
          <div className="two">
            <div className="field">
              <label htmlFor={`${id}c`}>{t("field.case")}</label>
              <input id={`${id}c`} name="case" className="in l" required maxLength={100} autoComplete="off" spellCheck={false} />
            </div>
            <MomentField name="expires" label={t("watchlist.untilLabel", { days: MOST_DAYS })} value={now() + USUAL_DAYS * DAY_MS} required />
          </div>
          <label className="ck">
            <input type="checkbox" name="near" />
            <span>
              {t("watchlist.nearAllow")}
              <span className="hint">{t("watchlist.nearHint")}</span>
            </span>
          </label>
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("watchlist.recorded")}</span>
          </p>
          <Problem error={adding.error} />
        </div>
        <FormEnd act={t("watchlist.enter")} disabled={adding.isPending} onClose={() => onDone()} />
      </form>
    </section>
  );
}
