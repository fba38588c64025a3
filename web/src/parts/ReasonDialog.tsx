/** A dialog that asks for nothing but the reason, which goes on the record; and for whose request it is done, where it may be. */

import { type FormEvent, type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

import { Dialog } from "./Dialog";
import { FormEnd } from "./FormEnd";
import { Problem } from "./Problem";

interface Props {
  title: string;
  label: string;
  act: string;
  maxLength: number;
  acting: { isPending: boolean; error: unknown };
  /** `request` is the number of a person's request for correction; empty where none is named or asked for. */
  onReason: (reason: string, request: string) => void;
  onClose: () => void;
  forRequest?: boolean;
  children?: ReactNode;
}

export function ReasonDialog({ title, label, act, maxLength, acting, onReason, onClose, forRequest = false, children }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    onReason(word("reason"), word("request"));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          {children}
          <div className="field">
            <label htmlFor={id}>{label}</label>
            <input id={id} name="reason" className="in l" required maxLength={maxLength} autoComplete="off" />
          </div>
          {forRequest ? (
            <div className="field">
              <label htmlFor={`${id}-request`}>{t("field.forRequest")}</label>
              <input id={`${id}-request`} name="request" className="in l" maxLength={20} autoComplete="off" spellCheck={false} aria-describedby={`${id}-hint`} />
              <span id={`${id}-hint`} className="hint">
                {t("field.forRequestHint")}
              </span>
            </div>
          ) : null}
          <Problem error={acting.error} />
        </div>
        <FormEnd act={act} disabled={acting.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
