/** A dialog that asks for nothing but the reason, which goes on the record. */

import { type FormEvent, type ReactNode, useId } from "react";

import { Dialog } from "./Dialog";
import { FormEnd } from "./FormEnd";
import { Problem } from "./Problem";

interface Props {
  title: string;
  label: string;
  act: string;
  maxLength: number;
  acting: { isPending: boolean; error: unknown };
  onReason: (reason: string) => void;
  onClose: () => void;
  children?: ReactNode;
}

export function ReasonDialog({ title, label, act, maxLength, acting, onReason, onClose, children }: Props) {
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onReason(String(new FormData(event.currentTarget).get("reason") ?? "").trim());
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
          <Problem error={acting.error} />
        </div>
        <FormEnd act={act} disabled={acting.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
