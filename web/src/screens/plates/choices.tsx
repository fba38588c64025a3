/** What the searches of plates and of vehicles ask in the same way: a camera, one of several words, a moment. */

import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

import type { Camera } from "../../api/client";
import { useNode } from "../../api/queries";
import { now, parseMoment } from "../../base/time";
import { byTown } from "../wall/layout";
import { ABROAD, countryName, HOME } from "./looks";

/** The moment in a field of a form as ISO 8601; undefined where it is empty. */
export function momentOf(form: FormData, name: string): string | undefined {
  const wall = parseMoment(String(form.get(name) ?? ""), now());
  return Number.isFinite(wall) ? new Date(wall).toISOString() : undefined;
}

/** One camera, or `all` of them. */
export function CameraChoice({ value, all, among }: { value: string | undefined; all: string; among: readonly Camera[] }) {
  const { t } = useTranslation();
  const id = useId();
  const towns = byTown([...among], useNode().data?.town);
  return (
    <div className="field">
      <label htmlFor={id}>{t("field.camera")}</label>
      <select id={id} name="camera" className="in" defaultValue={value ?? ""}>
        <option value="">{all}</option>
        {towns.map(([town, list]) => (
          <optgroup key={town} label={town}>
            {list.map((camera) => (
              <option key={camera.id} value={camera.id}>
                {camera.id} {camera.name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </div>
  );
}

/** Every country whose plates are told apart, near ones first. */
export function Countries() {
  const { t, i18n } = useTranslation();
  const country = (code: string) => ({ code, name: countryName(code, i18n.language) });
  const abroad = ABROAD.map(country).toSorted((one, other) => one.name.localeCompare(other.name, i18n.language));
  return [HOME.map(country), abroad].map((group, place) => (
    <optgroup key={place === 0 ? "home" : "abroad"} label={t(place === 0 ? "plates.countriesHome" : "plates.countriesAbroad")}>
      {group.map(({ code, name }) => (
        <option key={code} value={code}>
          {name}
        </option>
      ))}
    </optgroup>
  ));
}

/** One of several words, or any of them. */
export function Choice({ name, label, hint, value, children }: { name: string; label: string; hint: string; value: string | undefined; children: ReactNode }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field look" title={hint}>
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="in" defaultValue={value ?? ""}>
        <option value="">{t("plates.anyOf")}</option>
        {children}
      </select>
    </div>
  );
}
