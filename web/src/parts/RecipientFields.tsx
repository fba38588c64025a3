/** To whom something leaves the node, and on what ground: only the grounds that the law allows for that recipient are offered. */

import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import type { components } from "../api/schema";
import { Icon } from "./Icon";

type Schemas = components["schemas"];
export type Recipient = Schemas["RecipientShape"];
export type TransferRules = Schemas["TransferRules"];
type Kind = Recipient["kind"];

/** Kinds that somebody can choose; the person concerned gets what they asked for under a permit of its own. */
export const KINDS = ["own", "police", "court", "rescue", "town", "private"] as const satisfies readonly Kind[];

/** What is chosen so far; nothing is taken for granted, for the record shall tell what somebody decided. */
export type Choice = Omit<Recipient, "kind"> & { kind: Kind | "" };

export const NOBODY: Choice = { name: "", kind: "", country: "", basis: "", reference: "" };

export function useTransferRules() {
  return useQuery({ queryKey: ["transfer-rules"], queryFn: () => take(api.GET("/api/departures/rules")), staleTime: Infinity });
}

/** What the table says of a recipient, seen from this node. */
function cellOf(rules: TransferRules, kind: Kind, country: string) {
  const group = country === rules.country ? "home" : rules.eu.includes(country) ? "eu" : rules.convention.includes(country) ? "convention" : "third";
  return rules.cells.find((cell) => cell.kind === kind && cell.group === group);
}

/** The ground that counts: the chosen one, or the only one there is. */
function basisOf(bases: readonly string[], chosen: string): string {
  return bases.includes(chosen) ? chosen : bases.length === 1 ? (bases[0] ?? "") : "";
}

/** The recipient as it is sent. Null while something is missing. */
export function chosenRecipient(rules: TransferRules | undefined, chosen: Choice): Recipient | null {
  if (rules === undefined || chosen.kind === "") return null;
  const country = chosen.kind === "own" || chosen.country === "" ? rules.country : chosen.country;
  const name = chosen.name.trim() === "" && chosen.kind === "own" ? rules.organisation : chosen.name.trim();
  const basis = basisOf(cellOf(rules, chosen.kind, country)?.bases ?? [], chosen.basis);
  const needsPaper = rules.bases.some((each) => each.code === basis && each.needsPaper);
  const reference = (chosen.reference ?? "").trim();
  return name === "" || basis === "" || (needsPaper && reference === "") ? null : { name, kind: chosen.kind, country, basis, reference };
}

function useCountries(rules: TransferRules | undefined): [string, string][] {
  const { i18n } = useTranslation();
  const names = new Intl.DisplayNames([i18n.language], { type: "region" });
  const near = [...new Set([rules?.country ?? "", "UA", "RO", "MD"])].filter(Boolean);
  const others = [...(rules?.eu ?? []), ...(rules?.convention ?? [])].filter((code) => !near.includes(code));
  const named = (code: string): [string, string] => [code, names.of(code) ?? code];
  return [...near.map(named), ...others.map(named).toSorted(([, one], [, other]) => one.localeCompare(other, i18n.language))];
}

export function RecipientFields({ value, onChange }: { value: Choice; onChange: (value: Choice) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const rules = useTransferRules().data;
  const countries = useCountries(rules);
  const isOwn = value.kind === "own";
  const country = isOwn || value.country === "" ? (rules?.country ?? "") : value.country;
  return (
    <fieldset className="field stack">
      <legend className="lb">{t("leaving.toWhom")}</legend>
      <div className="two">
        <div className="field">
          <label htmlFor={`${id}k`}>{t("leaving.kind")}</label>
          <select id={`${id}k`} className="in l" required value={value.kind} onChange={(event) => onChange({ ...value, kind: event.currentTarget.value as Kind, basis: "" })}>
            {value.kind === "" ? <option value="">{t("leaving.choose")}</option> : null}
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {t(`leaving.kinds.${kind}`)}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor={`${id}c`}>{t("leaving.country")}</label>
          <select id={`${id}c`} className="in l" value={country} disabled={isOwn} onChange={(event) => onChange({ ...value, country: event.currentTarget.value, basis: "" })}>
            {countries.map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </div>
      </div>
      {isOwn || value.kind === "" ? null : (
        <div className="field">
          <label htmlFor={`${id}n`}>{t("leaving.name")}</label>
          <input id={`${id}n`} className="in l" required maxLength={200} autoComplete="off" value={value.name} onChange={(event) => onChange({ ...value, name: event.currentTarget.value })} />
        </div>
      )}
      {rules === undefined || value.kind === "" ? null : <Ground id={id} rules={rules} kind={value.kind} value={value} country={country} onChange={onChange} />}
    </fieldset>
  );
}

interface GroundProps {
  id: string;
  rules: TransferRules;
  kind: Kind;
  value: Choice;
  country: string;
  onChange: (value: Choice) => void;
}

function Ground({ id, rules, kind, value, country, onChange }: GroundProps) {
  const { t } = useTranslation();
  const cell = cellOf(rules, kind, country);
  const bases = cell?.bases ?? [];
  const basis = basisOf(bases, value.basis);
  const facts = rules.bases.find((each) => each.code === basis);
  if (cell === undefined || cell.refused !== "")
    return (
      <p className="note err" role="alert">
        <Icon name="warn" size="sm" />
        <span>{t(`leaving.refused.${cell?.refused ?? "not-competent"}`)}</span>
      </p>
    );
  return (
    <>
      <div className="field">
        <label htmlFor={`${id}b`}>{t("leaving.ground")}</label>
        <select id={`${id}b`} className="in l" required value={basis} aria-describedby={`${id}l`} onChange={(event) => onChange({ ...value, basis: event.currentTarget.value })}>
          {basis === "" ? <option value="">{t("leaving.chooseGround")}</option> : null}
          {bases.map((code) => (
            <option key={code} value={code}>
              {t(`leaving.bases.${code}`)}
            </option>
          ))}
        </select>
        <span id={`${id}l`} className="hint">
          {facts === undefined ? t("leaving.groundHint") : t(`leaving.laws.${facts.code}`)}
        </span>
      </div>
      {facts?.needsPaper === true ? (
        <div className="field">
          <label htmlFor={`${id}p`}>{t("leaving.paper")}</label>
          <input id={`${id}p`} className="in l" required maxLength={200} autoComplete="off" value={value.reference ?? ""} onChange={(event) => onChange({ ...value, reference: event.currentTarget.value })} />
          <span className="hint">{t("leaving.paperHint")}</span>
        </div>
      ) : null}
    </>
  );
}
