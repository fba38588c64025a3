import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import { type PersonEntry, type PersonRequest, useAddPerson } from "../../api/persons";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { useIntoView } from "../../parts/intoView";
import { Problem } from "../../parts/Problem";
import { CATEGORIES, ReasonFields, reasonsOf, RenewalReason } from "./ReasonFields";

const HOUR_MS = 3_600_000;
const MOST_HOURS = 72;
const USUAL_HOURS = 24;
export const OBJECTIVES = ["victim-or-missing", "imminent-threat", "listed-offence"] as const;
const OF_PERSONS = CATEGORIES.filter((category) => category !== "none");

/** Seek a person, in words first; the picture comes after, and a second person releases it. */
export function PersonForm({ former, onDone }: { former?: PersonEntry | undefined; onDone: (id?: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const section = useIntoView();
  const adding = useAddPerson();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const body: PersonRequest = {
      ...reasonsOf(form),
      name: word("name"),
      description: word("description"),
      minor: form.get("minor") !== null,
      objective: word("objective") as PersonRequest["objective"],
      authorisation: word("authorisation"),
      ...(former === undefined ? {} : { renews: former.id, renewalReason: word("renewal") }),
    };
    adding.mutate(body, { onSuccess: (entry) => onDone(entry.id) });
  };
  return (
    <section ref={section} className="panel writing" aria-labelledby="new-heading">
      <div className="ph">
        <h2 id="new-heading">{t(former === undefined ? "persons.new" : "persons.renewTitle")}</h2>
        <span className="sp" />
        <button type="button" className="btn sq q" aria-label={t("close")} title={t("close")} onClick={() => onDone()}>
          <Icon name="x" />
        </button>
      </div>
      <form className="grow entry-form" onSubmit={submit}>
        <div className="pb stack scroll grow">
          {former === undefined ? null : <RenewalReason hint={t("persons.renewHint", { who: former.createdBy })} />}
          <div className="two">
            <div className="field">
              <label htmlFor={`${id}n`}>{t("persons.name")}</label>
              {/* The form was asked for by the operator: its first field takes the focus. */}
              {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
              <input id={`${id}n`} name="name" className="in l" required maxLength={100} autoFocus={former === undefined} autoComplete="off" defaultValue={former?.name} />
              <span className="hint">{t("persons.nameHint")}</span>
            </div>
            <div className="field">
              <label htmlFor={`${id}a`}>{t("persons.authorisation")}</label>
              <input id={`${id}a`} name="authorisation" className="in l" required maxLength={300} autoComplete="off" defaultValue={former?.authorisation} />
            </div>
          </div>
          <div className="field">
            <label htmlFor={`${id}d`}>{t("persons.description")}</label>
            <input id={`${id}d`} name="description" className="in l" required maxLength={1000} autoComplete="off" placeholder={t("persons.descriptionHint")} defaultValue={former?.description} />
          </div>
          <div className="field">
            <label htmlFor={`${id}o`}>{t("persons.objective")}</label>
            <select id={`${id}o`} name="objective" className="in l" required defaultValue={former?.objective ?? ""}>
              <option value="" disabled>
                {t("field.choose")}
              </option>
              {OBJECTIVES.map((objective) => (
                <option key={objective} value={objective}>
                  {t(`objective.${objective}`)}
                </option>
              ))}
            </select>
          </div>
          <label className="ck">
            <input type="checkbox" name="minor" defaultChecked={former?.minor} />
            <span>{t("persons.minorIs")}</span>
          </label>
          <ReasonFields former={former} lasts={USUAL_HOURS * HOUR_MS} untilLabel={t("persons.untilLabel", { hours: MOST_HOURS })} categories={OF_PERSONS} />
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("persons.recorded")}</span>
          </p>
          <Problem error={adding.error} />
        </div>
        <FormEnd act={t("watchlist.enter")} disabled={adding.isPending} onClose={() => onDone()} />
      </form>
    </section>
  );
}
