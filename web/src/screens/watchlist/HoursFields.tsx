/** In which hours of the day and on which days of the week: of an entry, or of an operation. */

import { useTranslation } from "react-i18next";

import { dayName, hoursOf, partsOf, WEEK } from "../../base/weekHours";

const TIME = "([01]\\d|2[0-3]):[0-5]\\d";

/** What the fields of a form say. */
export function hoursIn(form: FormData): string {
  const word = (name: string) => String(form.get(name) ?? "").trim();
  return hoursOf(form.getAll("days").map(String), word("begins"), word("ends"));
}

export function HoursFields({ hours = "" }: { hours?: string | undefined }) {
  const { t, i18n } = useTranslation();
  const { days, begins, ends } = partsOf(hours);
  return (
    <fieldset className="field bare">
      <legend>{t("sought.hours")}</legend>
      <div className="row wrap">
        <input name="begins" className="in time" aria-label={t("sought.begins")} placeholder="07:00" pattern={TIME} autoComplete="off" defaultValue={begins} />
        <input name="ends" className="in time" aria-label={t("sought.ends")} placeholder="19:00" pattern={TIME} autoComplete="off" defaultValue={ends} />
      </div>
      <div className="row wrap" role="group" aria-label={t("sought.days")}>
        {WEEK.map((day) => (
          <label key={day} className="ck">
            <input type="checkbox" name="days" value={day} defaultChecked={days.includes(day)} />
            <span>{dayName(day, i18n.language)}</span>
          </label>
        ))}
      </div>
      <span className="hint">{t("sought.hoursHint")}</span>
    </fieldset>
  );
}
