/** Setting up one-time codes: scan, type the first code, keep the recovery codes. */

import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { type RecoveryCodes, useBeginCodes, useConfirmCodes } from "../../api/account";
import { Problem } from "../../parts/Problem";
import { CodeField } from "./CodeField";
import { QrCode } from "./QrCode";

/** `onDone` once the person says that they keep the recovery codes. */
export function CodeSetup({ onDone }: { onDone: (made: RecoveryCodes) => void }) {
  const { t } = useTranslation();
  const beginning = useBeginCodes();
  const confirming = useConfirmCodes();
  const begun = useRef(false);
  const [made, setMade] = useState<RecoveryCodes>();
  useEffect(() => {
    if (begun.current) return;
    begun.current = true; // a second secret would make the first one's QR code worthless
    beginning.mutate();
  }, [beginning]);
  if (made !== undefined) return <Recovery codes={made.codes} onDone={() => onDone(made)} />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    confirming.mutate(String(new FormData(event.currentTarget).get("code") ?? ""), { onSuccess: setMade });
  };
  const secret = beginning.data;
  return (
    <form className="stack" onSubmit={submit}>
      <p>{t("account.scan")}</p>
      <Problem error={beginning.error} />
      {secret === undefined ? null : (
        <>
          <QrCode rows={secret.rows} />
          <p className="dim xs">
            {t("account.typeSecret")} <code translate="no">{secret.secret}</code>
          </p>
          <CodeField label={t("account.firstCode")} />
          <Problem error={confirming.error} />
          <button type="submit" className="btn p l fill" disabled={confirming.isPending}>
            {t("account.confirm")}
          </button>
        </>
      )}
    </form>
  );
}

/** Recovery codes, shown this once. */
export function Recovery({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <p>
        <b>{t("account.keepCodes")}</b> {t("account.keepCodesHint")}
      </p>
      <ul className="codes" translate="no">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <button type="button" className="btn p l fill" onClick={onDone}>
        {t("account.kept")}
      </button>
    </div>
  );
}
