/** A native modal dialog: focus stays inside, Escape closes, focus returns where it was. What was typed in a form is asked for first. */

import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "./Icon";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  /** Something was made in it that is not typed, such as a drawing. */
  unsaved?: boolean;
  /** It holds what is shown this once: only its own button closes it. */
  once?: boolean;
}

export function Dialog({ title, onClose, children, wide, unsaved = false, once = false }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const typed = useRef(false);
  const before = useRef<Element>(null);
  const [asking, setAsking] = useState(false);
  const heading = useId();
  const { t } = useTranslation();
  useEffect(() => {
    const dialog = box.current;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      // What the dialog begins with stays in sight: a picture may stand before the first field.
      dialog.querySelector<HTMLElement>("input,select,textarea")?.focus({ preventScroll: true });
    }
    return () => dialog?.close();
  }, []);
  const holds = () => typed.current || unsaved;
  const leave = () => {
    if (once) return;
    if (!holds()) return onClose();
    before.current ??= document.activeElement;
    setAsking(true);
  };
  const stay = () => {
    setAsking(false);
    if (before.current instanceof HTMLElement) before.current.focus();
    before.current = null;
  };
  return (
    // A click beside the dialog closes it, as Escape does; not where something was typed, for that would be lost by a slip.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={box}
      className={wide ? "panel dialog wide" : "panel dialog"}
      aria-labelledby={heading}
      onClose={onClose}
      onInput={(event) => {
        // Outside of a form nothing waits to be sent: a word to search for, a setting that holds at once.
        if (event.target instanceof Element && event.target.closest("form") !== null) typed.current = true;
      }}
      onKeyDown={(event) => {
        // Taken before the browser does: a second Escape would close the dialog without asking.
        if (event.key !== "Escape" || event.nativeEvent.isComposing || event.defaultPrevented) return;
        event.preventDefault();
        if (asking) stay();
        else leave();
      }}
      onCancel={(event) => {
        if (event.target !== box.current) return;
        event.preventDefault();
        leave();
      }}
      onMouseDown={(event) => {
        if (event.target === box.current && !holds() && !once) onClose();
      }}
    >
      <div className="ph">
        <h2 id={heading}>{title}</h2>
        <span className="sp" />
        {once ? null : (
          <button type="button" className="btn sq q" aria-label={t("close")} title={t("close")} onClick={leave}>
            <Icon name="x" />
          </button>
        )}
      </div>
      {asking ? <Unsaved onStay={stay} onLeave={onClose} /> : null}
      {children}
    </dialog>
  );
}

/** Asked before something that was typed is thrown away. */
function Unsaved({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <div className="unsaved row wrap" role="alertdialog" aria-labelledby={id}>
      <Icon name="warn" />
      <b id={id}>{t("unsaved.title")}</b>
      <span className="sp" />
      <button type="button" className="btn" onClick={onLeave}>
        {t("unsaved.leave")}
      </button>
      <button type="button" ref={first} className="btn p" onClick={onStay}>
        {t("unsaved.stay")}
      </button>
    </div>
  );
}
