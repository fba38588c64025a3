import { useTranslation } from "react-i18next";

import { Dialog } from "../../parts/Dialog";

/** A password or a key, shown this once. */
export function Secret({ title, hint, secret, onClose }: { title: string; hint: string; secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={title} once onClose={onClose}>
      <div className="pb stack">
        <p>{hint}</p>
        <code className="secret" translate="no">
          {secret}
        </code>
        <button type="button" className="btn p l fill" onClick={onClose}>
          {t("people.noted")}
        </button>
      </div>
    </Dialog>
  );
}
