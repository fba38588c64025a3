import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type PersonQuery, usePassersby } from "../../api/passersby";
import { useCameras } from "../../api/queries";
import { dayClock, now, parseMoment } from "../../base/time";
import { MomentField } from "../../parts/MomentField";
import { Empty, Problem } from "../../parts/Problem";
import { PermitBar } from "../../permits/PermitBar";
import { useOwnPermits } from "../../permits/permits";

const COLOURS = ["white", "grey", "black", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "beige"] as const;
const BAGS = ["backpack", "handbag", "suitcase"] as const;
const DIRECTIONS = ["towards", "away", "left", "right"] as const;
const SEXES = ["female", "male"] as const;
const PURPOSES = ["offence", "missing-person", "threat-to-life"] as const;
const HOUR_MS = 3_600_000;

/** No permit, no form; the query and how many were looked through stand on the record. */
export function PersonSearch() {
  const { t } = useTranslation();
  const { permits, pending, error } = useOwnPermits();
  const fitting = permits.filter((permit) => PURPOSES.some((purpose) => purpose === permit.purpose));
  const permit = fitting[0] ?? null;
  const [query, setQuery] = useState<PersonQuery | null>(null);
  return (
    <div className="pb stack">
      <PermitBar permit={permit} permits={fitting} pending={pending} error={error} purposes={PURPOSES} why={t("passersby.whyPermit")} />
      {permit === null ? <Empty title={t(pending ? "permit.asking" : "permit.nothingWithout")} hint={t("passersby.whyPermit")} /> : <Form permit={permit.id} onAsk={setQuery} />}
      {query === null || permit === null ? null : <Results query={query} />}
    </div>
  );
}

function Choice({ name, label, values, word }: { name: string; label: string; values: readonly string[]; word: (value: string) => string }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="in" defaultValue="">
        <option value="">{t("passersby.any")}</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {word(value)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Form({ permit, onAsk }: { permit: string; onAsk: (query: PersonQuery) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const cameras = useCameras().data ?? [];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const moment = (name: string) => new Date(parseMoment(word(name), now())).toISOString();
    const query: Record<string, unknown> = { permit, from: moment("from"), to: moment("to"), camera: word("camera") === "" ? undefined : [word("camera")] };
    for (const name of ["upper", "lower", "bag", "direction", "sex"]) if (word(name) !== "") query[name] = word(name);
    if (word("age") !== "") query.age = Number(word("age"));
    onAsk(query as PersonQuery);
  };
  return (
    <form className="row wrap" role="search" onSubmit={submit}>
      <MomentField name="from" label={t("sought.begins")} value={now() - 2 * HOUR_MS} required />
      <MomentField name="to" label={t("sought.ends")} value={now()} required />
      <Choice name="camera" label={t("field.camera")} values={cameras.map((camera) => camera.id)} word={(value) => value} />
      <Choice name="upper" label={t("passersby.upper")} values={COLOURS} word={(value) => t(`clothes.${value}`)} />
      <Choice name="lower" label={t("passersby.lower")} values={COLOURS} word={(value) => t(`clothes.${value}`)} />
      <Choice name="bag" label={t("passersby.bag")} values={BAGS} word={(value) => t(`bag.${value}`)} />
      <Choice name="direction" label={t("passersby.direction")} values={DIRECTIONS} word={(value) => t(`passersby.walks.${value}`)} />
      <Choice name="sex" label={t("passersby.sex")} values={SEXES} word={(value) => t(`sex.${value}`)} />
      <div className="field">
        <label htmlFor={`${id}a`}>{t("passersby.age")}</label>
        <input id={`${id}a`} name="age" type="number" min={0} max={120} className="in time" />
      </div>
      <button type="submit" className="btn p">
        {t("passersby.find")}
      </button>
    </form>
  );
}

/** As many as the server tells at once (docs/reference/openapi.json). */
const MOST = 100;

function Results({ query }: { query: PersonQuery }) {
  const { t, i18n } = useTranslation();
  const found = usePassersby(query);
  // Where no clothes were asked for there is nothing that a person could agree with.
  const asked = query.upper !== undefined || query.lower !== undefined;
  const colours = (list: readonly { colour: string; share: number }[]) => list.map((each) => t(`clothes.${each.colour}`)).join(", ");
  return (
    <section className="stack" aria-label={t("plates.results")}>
      <Problem error={found.error} />
      {found.data === undefined ? null : <p aria-live="polite">{t("passersby.found", { found: found.data.people.length, searched: found.data.searched })}{found.data.people.length < MOST ? null : ` ${t("passersby.most", { count: MOST })}`}</p>}
      {(found.data?.people.length ?? 0) === 0 ? null : (
        <div className="sideways">
          <table className="t people-found">
            <caption className="vh">{t("plates.results")}</caption>
            <thead>
              <tr>
                <th>{t("alarm.time")}</th>
                <th>{t("field.camera")}</th>
                <th>{t("passersby.upper")}</th>
                <th>{t("passersby.lower")}</th>
                <th>{t("passersby.bag")}</th>
                <th>{t("passersby.direction")}</th>
                <th>{t("passersby.described")}</th>
                {asked ? <th className="num">{t("passersby.agreement")}</th> : null}
              </tr>
            </thead>
            <tbody>
              {found.data?.people.map((person) => (
                <tr key={person.id}>
                  <td>
                    <a href={`/playback?cameras=${encodeURIComponent(person.cameraId)}&at=${encodeURIComponent(person.firstSeen)}`}>{dayClock(person.lastSeen, i18n.language)}</a>
                  </td>
                  <td>{person.cameraId}</td>
                  <td>{colours(person.upper)}</td>
                  <td>{colours(person.lower)}</td>
                  <td>{person.bag == null ? "" : t(`bag.${person.bag}`)}</td>
                  <td>{person.direction == null ? "" : t(`passersby.walks.${person.direction}`)}</td>
                  <td>{person.ageSex == null ? "" : t("passersby.looks", { low: person.ageSex.low, high: person.ageSex.high, sex: t(`sex.${person.ageSex.sex}`), sure: person.ageSex.certainty.toFixed(2) })}</td>
                  {asked ? <td className="num">{person.agreement?.toFixed(2)}</td> : null}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
