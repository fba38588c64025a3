/** The form of the vehicle search: what is asked stands in the address, so that a search can be gone back to. */

import { useNavigate } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { useCameras } from "../../api/queries";
import { now, zoneName } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { CameraChoice, Choice, momentOf } from "../plates/choices";
import { among, COLOURS, DIRECTIONS, VEHICLES } from "../plates/looks";
import { type Asked, DEFAULT_BACK_MS, PLATES_WANTED } from "./passages";

export function VehicleForm({ search, pending, onAgain }: { search: Asked; pending: boolean; onAgain: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/vehicles" });
  const cameras = useCameras().data ?? [];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const next = { from: momentOf(form, "from"), to: momentOf(form, "to"), camera: String(form.get("camera") ?? "") || undefined, vehicle: among(VEHICLES, form.get("vehicle")), colour: among(COLOURS, form.get("colour")), direction: among(DIRECTIONS, form.get("direction")), plate: among(PLATES_WANTED, form.get("plate")), passage: undefined };
    const same = (["from", "to", "camera", "vehicle", "colour", "direction", "plate"] as const).every((name) => next[name] === search[name]);
    if (same) onAgain();
    else void navigate({ search: next });
  };
  const from = search.from === undefined ? now() - DEFAULT_BACK_MS : Date.parse(search.from);
  return (
    <form className="panel search" role="search" aria-label={t("screen.vehicles")} onSubmit={submit}>
      <MomentField name="from" label={t("plates.from", { zone: zoneName(from) })} value={from} required />
      <MomentField name="to" label={t("plates.to")} value={search.to === undefined ? undefined : Date.parse(search.to)} />
      <CameraChoice value={search.camera} all={t("vehicles.allCameras")} among={cameras} />
      <span className="break" />
      <Words name="vehicle" label={t("plates.vehicle")} value={search.vehicle} words={VEHICLES} word={(kind) => t(`vehicle.${kind}`)} />
      <Words name="colour" label={t("plates.colour")} value={search.colour} words={COLOURS} word={(colour) => t(`colour.${colour}`)} />
      <Words name="direction" label={t("plates.direction")} value={search.direction} words={DIRECTIONS} word={(direction) => t(`plates.drives.${direction}`)} />
      <Words name="plate" label={t("field.plate")} value={search.plate} words={PLATES_WANTED} word={(wanted) => t(`vehicles.plate.${wanted}`)} />
      <button type="submit" className="btn p l" disabled={pending}>
        <Icon name="search" />
        {t("plates.search")}
        <kbd>Enter</kbd>
      </button>
    </form>
  );
}

interface WordsProps<T extends string> {
  name: string;
  label: string;
  value: T | undefined;
  words: readonly T[];
  word: (one: T) => string;
}

function Words<T extends string>({ name, label, value, words, word }: WordsProps<T>) {
  const { t } = useTranslation();
  return (
    <Choice name={name} label={label} hint={t("vehicles.looksHint")} value={value}>
      {words.map((one) => (
        <option key={one} value={one}>
          {word(one)}
        </option>
      ))}
    </Choice>
  );
}
