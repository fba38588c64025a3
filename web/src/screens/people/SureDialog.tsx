/** Asks before what cannot be taken back: what is done, to whom, and what follows. */

import type { FormEvent, ReactNode } from "react";

import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";

interface Props {
  title: string;
  act: string;
  onSure: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function SureDialog({ title, act, onSure, onClose, children }: Props) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSure();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">{children}</div>
        <FormEnd act={act} disabled={false} onClose={onClose} />
      </form>
    </Dialog>
  );
}
