/** The form of the plate search: what is asked stands in the address, so that a search can be gone back to. */

import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

import { useCameras } from "../../api/queries";
import { useKeys } from "../../base/keys";
import { now, zoneName } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { CameraChoice, Choice, Countries, momentOf } from "./choices";
import { ABROAD, among, COLOURS, HOME, VEHICLES } from "./looks";

export const DEFAULT_BACK_MS = 24 * 3_600_000;

export type Country = (typeof HOME)[number] | (typeof ABROAD)[number];
export type Vehicle = (typeof VEHICLES)[number];
export type Colour = (typeof COLOURS)[number];

/** What a search can ask; the address has it. */
export interface Asked {
  text?: string;
  camera?: string;
  country?: Country;
  vehicle?: Vehicle;
  colour?: Colour;
  from?: string;
  to?: string;
  alike?: boolean;
  parts?: boolean;
  read?: string;
}

export function SearchForm({ search, pending, onAgain }: { search: Asked; pending: boolean; onAgain: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const navigate = useNavigate({ from: "/plates" });
  const cameras = useCameras().data ?? [];
  const text = useRef<HTMLInputElement>(null);
  useKeys({ Slash: () => text.current?.focus() });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const next = { text: String(form.get("text") ?? "").trim().toLocaleUpperCase() || undefined, from: momentOf(form, "from"), to: momentOf(form, "to"), camera: String(form.get("camera") ?? "") || undefined, country: among([...HOME, ...ABROAD], form.get("country")), vehicle: among(VEHICLES, form.get("vehicle")), colour: among(COLOURS, form.get("colour")), alike: form.get("alike") === null ? false : undefined, parts: form.get("parts") === null ? false : undefined, read: undefined };
    const same = next.text === search.text && next.from === search.from && next.to === search.to && next.camera === search.camera && next.country === search.country && next.vehicle === search.vehicle && next.colour === search.colour && next.alike === search.alike && next.parts === search.parts;
    if (same) onAgain();
    else void navigate({ search: next });
  };
  const from = search.from === undefined ? now() - DEFAULT_BACK_MS : Date.parse(search.from);
  return (
    <form className="panel search" role="search" aria-label={t("screen.plates")} onSubmit={submit}>
      <div className="field grow">
        <label htmlFor={`${id}t`}>{t("plates.text")}</label>
        <input ref={text} id={`${id}t`} name="text" className="in plate-in" maxLength={20} autoComplete="off" autoCapitalize="characters" spellCheck={false} defaultValue={search.text ?? ""} placeholder="BH 482? *" />
      </div>
      <MomentField name="from" label={t("plates.from", { zone: zoneName(from) })} value={from} required />
      <MomentField name="to" label={t("plates.to")} value={search.to === undefined ? undefined : Date.parse(search.to)} />
      <CameraChoice value={search.camera} all={t("plates.allCameras")} among={cameras.filter((camera) => camera.readsPlates)} />
      <span className="break" />
      <Looks search={search} />
      <label className="ck alike" title={t("plates.alikeHint")}>
        <input type="checkbox" name="alike" defaultChecked={search.alike !== false} />
        <span className="nw">{t("plates.alike")}</span>
      </label>
      <label className="ck alike" title={t("plates.partsHint")}>
        <input type="checkbox" name="parts" defaultChecked={search.parts !== false} />
        <span className="nw">{t("plates.parts")}</span>
      </label>
      <button type="submit" className="btn p l" disabled={pending}>
        <Icon name="search" />
        {t("plates.search")}
        <kbd>Enter</kbd>
      </button>
    </form>
  );
}

/** Country, class and colour; a read of which one is not known does not fit once it is asked for. */
function Looks({ search }: { search: Asked }) {
  const { t } = useTranslation();
  return (
    <>
      <Choice name="country" hint={t("plates.looksHint")} label={t("plates.country")} value={search.country}>
        <Countries />
      </Choice>
      <Choice name="vehicle" hint={t("plates.looksHint")} label={t("plates.vehicle")} value={search.vehicle}>
        {VEHICLES.map((kind) => (
          <option key={kind} value={kind}>
            {t(`vehicle.${kind}`)}
          </option>
        ))}
      </Choice>
      <Choice name="colour" hint={t("plates.looksHint")} label={t("plates.colour")} value={search.colour}>
        {COLOURS.map((colour) => (
          <option key={colour} value={colour}>
            {t(`colour.${colour}`)}
          </option>
        ))}
      </Choice>
    </>
  );
}
