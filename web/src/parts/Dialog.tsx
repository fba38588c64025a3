/** A native modal dialog: focus stays inside, Escape closes, focus returns where it was. */

import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "./Icon";

export function Dialog({ title, onClose, children, wide }: { title: string; onClose: () => void; children: ReactNode; wide?: boolean }) {
  const box = useRef<HTMLDialogElement>(null);
  const typed = useRef(false);
  const heading = useId();
  const { t } = useTranslation();
  useEffect(() => {
    const dialog = box.current;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      dialog.querySelector<HTMLElement>("input,select,textarea")?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    // A click beside the dialog closes it, as Escape does; not where something was typed, for that would be lost by a slip.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={box}
      className={wide ? "panel dialog wide" : "panel dialog"}
      aria-labelledby={heading}
      onClose={onClose}
      onInput={() => {
        typed.current = true;
      }}
      onMouseDown={(event) => {
        if (event.target === box.current && !typed.current) onClose();
      }}
    >
      <div className="ph">
        <h2 id={heading}>{title}</h2>
        <span className="sp" />
        <button type="button" className="btn sq q" aria-label={t("close")} title={t("close")} onClick={onClose}>
          <Icon name="x" />
        </button>
      </div>
      {children}
    </dialog>
  );
}
