/** A list as a file for somebody: to whom and on what ground is asked first, and stands on the record. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { madeFor } from "../../api/client";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Problem } from "../../parts/Problem";
import { type Choice, chosenRecipient, NOBODY, type Recipient, RecipientFields, useTransferRules } from "../../parts/RecipientFields";
import { saveFile } from "../../parts/saving";

/** One form in which a list is taken; `body` is posted to `path` with the recipient. */
export interface FileForm {
  name: string;
  path: string;
  body: Record<string, string>;
  disabled?: boolean;
}

interface Props {
  forms: readonly FileForm[];
  hint: string;
  /** What must be done before a form can be chosen, for the recipient that is chosen. */
  more?: ((recipient: Recipient | null) => ReactNode) | null;
  /** The recipient that stands there first. */
  first?: Choice;
  onClose: () => void;
}

/** A list as CSV and as JSON. */
export function textForms(path: string): FileForm[] {
  return (["csv", "json"] as const).map((format) => ({ name: format.toUpperCase(), path, body: { format } }));
}

export function TakeFile({ forms, hint, more, first = NOBODY, onClose }: Props) {
  const { t } = useTranslation();
  const rules = useTransferRules();
  const [chosen, choose] = useState(first);
  const [form, setForm] = useState(0);
  const recipient = chosenRecipient(rules.data, chosen);
  const taking = useMutation({
    mutationFn: ({ to, as }: { to: Recipient; as: FileForm }) => madeFor(as.path, { ...as.body, recipient: to }),
    onSuccess: (made) => {
      saveFile(made.blob, made.name);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const as = forms[form];
    if (recipient !== null && as !== undefined) taking.mutate({ to: recipient, as });
  };
  return (
    <Dialog title={t("watchlist.export")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <p>{hint}</p>
          <RecipientFields value={chosen} onChange={choose} />
          <fieldset className="field">
            <legend className="lb">{t("watchlist.format")}</legend>
            {forms.map(({ name, disabled }, index) => (
              <label key={name} className="ck">
                <input type="radio" name="format" checked={form === index} disabled={disabled} onChange={() => setForm(index)} />
                <span className={disabled ? "dim" : undefined}>{name}</span>
              </label>
            ))}
          </fieldset>
          {more?.(recipient)}
          <Problem error={taking.error ?? rules.error} />
        </div>
        <FormEnd act={t("watchlist.take")} disabled={recipient === null || taking.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
