import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { momentText, now, parseMoment } from "../base/time";

export interface MomentFieldProps {
  name: string;
  label: string;
  /** Milliseconds UTC to begin with; undefined leaves the field empty. */
  value: number | undefined;
  required?: boolean;
}

/** A date and time as `2026-11-24 14:31`, local time: the same on every computer, whatever the browser's country. */
export function MomentField({ name, label, value, required }: MomentFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const [wrong, setWrong] = useState(false);
  const check = (input: HTMLInputElement) => {
    const bad = input.value.trim() !== "" && !Number.isFinite(parseMoment(input.value, now()));
    input.setCustomValidity(bad ? t("field.momentWrong") : "");
    setWrong(bad);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} className="in moment" required={required} aria-invalid={wrong} autoComplete="off" inputMode="numeric" placeholder="2026-11-24 14:31" title={t("field.momentHint")} defaultValue={value === undefined ? "" : momentText(value)} onChange={(event) => check(event.currentTarget)} />
    </div>
  );
}
