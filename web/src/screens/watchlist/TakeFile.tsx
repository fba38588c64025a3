/** The list of plates as a file for somebody: to whom and on what ground is asked first, and stands on the record. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { madeFor } from "../../api/client";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Problem } from "../../parts/Problem";
import { chosenRecipient, NOBODY, type Recipient, RecipientFields, useTransferRules } from "../../parts/RecipientFields";
import { saveFile } from "../../parts/saving";

export function TakeFile({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const rules = useTransferRules();
  const [chosen, choose] = useState(NOBODY);
  const [format, setFormat] = useState<"csv" | "json">("csv");
  const recipient = chosenRecipient(rules.data, chosen);
  const taking = useMutation({
    mutationFn: (to: Recipient) => madeFor("/api/watchlist/file/taken", { format, recipient: to }),
    onSuccess: (made) => {
      saveFile(made.blob, made.name);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (recipient !== null) taking.mutate(recipient);
  };
  return (
    <Dialog title={t("watchlist.export")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <p>{t("watchlist.exportHint")}</p>
          <RecipientFields value={chosen} onChange={choose} />
          <fieldset className="field">
            <legend className="lb">{t("watchlist.format")}</legend>
            {(["csv", "json"] as const).map((name) => (
              <label key={name} className="ck">
                <input type="radio" name="format" checked={format === name} onChange={() => setFormat(name)} />
                <span>{name.toUpperCase()}</span>
              </label>
            ))}
          </fieldset>
          <Problem error={taking.error ?? rules.error} />
        </div>
        <FormEnd act={t("watchlist.take")} disabled={recipient === null || taking.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
