import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import type { WatchlistEntry, WatchlistRequest } from "../../api/client";
import { useAddEntry } from "../../api/queries";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { useIntoView } from "../../parts/intoView";
import { Problem } from "../../parts/Problem";
import { ReasonFields, reasonsOf, RenewalReason } from "./ReasonFields";

const DAY_MS = 86_400_000;
/** The law of the node allows 30 days at most (docs/design/0002). */
const MOST_DAYS = 30;
const USUAL_DAYS = 7;
const MANNERS = ["exact", "near", "pattern"] as const;

interface Props {
  plate: string;
  /** The entry that is gone on with: a new decision, by another person than wrote it. */
  former?: WatchlistEntry | undefined;
  onDone: (id?: string) => void;
}

/** Seek a plate: every field is needed, for each is on the record of the search. */
export function EntryForm({ plate, former, onDone }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const section = useIntoView();
  const adding = useAddEntry();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const body: WatchlistRequest = {
      ...reasonsOf(form),
      plate: word("plate").toLocaleUpperCase(),
      manner: word("manner") as WatchlistRequest["manner"],
      ...(former === undefined ? {} : { renews: former.id, renewalReason: word("renewal") }),
    };
    adding.mutate(body, { onSuccess: (entry) => onDone(entry.id) });
  };
  return (
    <section ref={section} className="panel writing" aria-labelledby="new-heading">
      <div className="ph">
        <h2 id="new-heading">{t(former === undefined ? "watchlist.new" : "watchlist.renewTitle")}</h2>
        <span className="sp" />
        <button type="button" className="btn sq q" aria-label={t("close")} title={t("close")} onClick={() => onDone()}>
          <Icon name="x" />
        </button>
      </div>
      <form className="grow entry-form" onSubmit={submit}>
        <div className="pb stack scroll grow">
          {former === undefined ? null : <RenewalReason hint={t("watchlist.renewHint", { who: former.createdBy })} />}
          <div className="two">
            <div className="field">
              <label htmlFor={`${id}p`}>{t("field.plate")}</label>
              {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
              <input id={`${id}p`} name="plate" className="in plate-in" required maxLength={20} autoFocus={former === undefined} readOnly={former !== undefined} autoComplete="off" spellCheck={false} defaultValue={former?.plate ?? plate} />
            </div>
            <div className="field">
              <label htmlFor={`${id}m`}>{t("watchlist.manner")}</label>
              <select id={`${id}m`} name="manner" className="in l" defaultValue={former?.manner ?? "exact"}>
                {MANNERS.map((manner) => (
                  <option key={manner} value={manner}>
                    {t(`manner.${manner}`)}
                  </option>
                ))}
              </select>
              <span className="hint">{t("watchlist.mannerHint")}</span>
            </div>
          </div>
          <ReasonFields former={former} lasts={USUAL_DAYS * DAY_MS} untilLabel={t("watchlist.untilLabel", { days: MOST_DAYS })} />
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
