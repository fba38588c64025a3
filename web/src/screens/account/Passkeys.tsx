/** One's passkeys: what they are called, since when, when last used; adding one and taking one away. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { knowsPasskeys, useMakePasskey, usePasskeys, useRemovePasskey } from "../../api/passkeys";
import { useNode } from "../../api/queries";
import { dayClock } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Problem } from "../../parts/Problem";
import { Recovery } from "./CodeSetup";

export function Passkeys({ fresh }: { fresh: boolean }) {
  const { t, i18n } = useTranslation();
  const found = usePasskeys();
  const removing = useRemovePasskey();
  const possible = useNode().data?.passkeys === true && knowsPasskeys();
  const [adding, setAdding] = useState(false);
  return (
    <>
      <div className="row wrap proof">
        <b>{t("account.passkeys")}</b>
        <span className="dim sp">{t(possible ? "account.passkeysHint" : "account.passkeysOff")}</span>
        {possible ? (
          <button type="button" className="btn" disabled={!fresh} onClick={() => setAdding(true)}>
            {t("account.addPasskey")}
          </button>
        ) : null}
      </div>
      <Problem error={found.error ?? removing.error} />
      <ul className="stack">
        {(found.data ?? []).map((one) => (
          <li key={one.id} className="row wrap">
            <b>{one.name}</b>
            <span className="dim sp">
              {t("account.since", { time: dayClock(one.created, i18n.language) })}
              {one.used === null ? null : `, ${t("account.usedAt", { time: dayClock(one.used, i18n.language) })}`}
              {one.synced ? `, ${t("account.synced")}` : null}
            </span>
            <button type="button" className="btn" disabled={!fresh || removing.isPending} aria-label={t("account.removeNamed", { name: one.name })} onClick={() => removing.mutate(one.id)}>
              {t("account.remove")}
            </button>
          </li>
        ))}
      </ul>
      {adding ? <AddPasskey onClose={() => setAdding(false)} /> : null}
    </>
  );
}

function AddPasskey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const making = useMakePasskey();
  const made = making.data;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    making.mutate(String(new FormData(event.currentTarget).get("name") ?? ""), {
      onSuccess: (done) => {
        if (done.codes.length === 0) onClose();
      },
    });
  };
  return (
    <Dialog title={t("account.addPasskey")} onClose={onClose}>
      {made !== undefined && made.codes.length > 0 ? (
        <div className="pb">
          <Recovery codes={made.codes} onDone={onClose} />
        </div>
      ) : (
        <form onSubmit={submit}>
          <div className="pb stack">
            <div className="field">
              <label htmlFor={id}>{t("account.passkeyName")}</label>
              <input id={id} name="name" className="in l" required maxLength={60} autoComplete="off" />
            </div>
            <Problem error={making.error} />
          </div>
          <FormEnd act={t("account.addPasskey")} disabled={making.isPending} onClose={onClose} />
        </form>
      )}
    </Dialog>
  );
}
