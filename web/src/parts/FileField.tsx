/** Choosing a file with words of the screen's language: the browser's own control speaks the browser's. */

import { type ChangeEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "./Icon";

export interface FileFieldProps {
  label: string;
  accept: string;
  name?: string;
  required?: boolean;
  onFile?: (file: File | undefined) => void;
  /** Several files at once. */
  onFiles?: (files: readonly File[]) => void;
}

export function FileField({ label, accept, name, required, onFile, onFiles }: FileFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const [chosen, setChosen] = useState("");
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.currentTarget.files ?? [])];
    setChosen(files.map((file) => file.name).join(", "));
    onFile?.(files[0]);
    onFiles?.(files);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="in l file">
        <input id={id} name={name} type="file" accept={accept} required={required} multiple={onFiles !== undefined} onChange={choose} />
        <span className="btn" aria-hidden="true">
          <Icon name="doc" size="sm" />
          {t("file.choose")}
        </span>
        <span className={chosen === "" ? "dim tr" : "tr"}>{chosen || t("file.none")}</span>
      </div>
    </div>
  );
}
