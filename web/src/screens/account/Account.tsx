/** One's own account: how one signs in, and where one is signed in. */

import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { useAccount, useNewRecoveryCodes, useRemoveCodes } from "../../api/account";
import { dayClock } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { Problem } from "../../parts/Problem";
import { CodeSetup, Recovery } from "./CodeSetup";
import { Passkeys } from "./Passkeys";
import { PasswordForm } from "./PasswordForm";
import { Sessions } from "./Sessions";

type Open = "none" | "password" | "codes" | "recovery";

export function Account() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Open>("none");
  const close = () => setOpen("none");
  return (
    <main id="main" className="account">
      <title>{`${t("account.title")} · Istros`}</title>
      <Proofs onOpen={setOpen} />
      <Sessions />
      {open === "password" ? (
        <Dialog title={t("account.changePassword")} onClose={close}>
          <div className="pb">
            <PasswordForm onDone={close} />
          </div>
        </Dialog>
      ) : null}
      {open === "codes" ? (
        <Dialog title={t("account.setUpCodes")} onClose={close}>
          <div className="pb">
            <CodeSetup onDone={close} />
          </div>
        </Dialog>
      ) : null}
      {open === "recovery" ? <NewRecovery onClose={close} /> : null}
    </main>
  );
}

function Proofs({ onOpen }: { onOpen: (open: Open) => void }) {
  const { t, i18n } = useTranslation();
  const found = useAccount();
  const removing = useRemoveCodes();
  const facts = found.data;
  return (
    <section className="panel" aria-labelledby="proofs-heading">
      <div className="ph">
        <h2 id="proofs-heading">{t("account.proofs")}</h2>
      </div>
      <div className="pb stack">
        <Problem error={found.error} onRetry={() => void found.refetch()} />
        {facts === undefined ? null : (
          <>
            {facts.needsFactor ? <p className="dim">{t("account.needed")}</p> : null}
            {facts.fresh ? null : <p className="note">{t("problem.sign-in-stale")}</p>}
            <Proof name={t("account.password")} value={t(facts.hasPassword ? "account.passwordHere" : "account.passwordElsewhere")}>
              {facts.hasPassword ? (
                <button type="button" className="btn" onClick={() => onOpen("password")}>
                  {t("account.changePassword")}
                </button>
              ) : null}
            </Proof>
            <Proof
              name={t("account.codes")}
              value={facts.codesSince === null ? t("account.notSetUp") : t("account.since", { time: dayClock(facts.codesSince, i18n.language) })}
            >
              {facts.codesSince === null ? (
                <button type="button" className="btn" disabled={!facts.fresh} onClick={() => onOpen("codes")}>
                  {t("account.setUpCodes")}
                </button>
              ) : (
                <button type="button" className="btn" disabled={!facts.fresh || removing.isPending} onClick={() => removing.mutate()}>
                  {t("account.remove")}
                </button>
              )}
            </Proof>
            <Proof name={t("account.recovery")} value={t("account.recoveryLeft", { count: facts.recoveryLeft })}>
              {facts.codesSince === null && facts.recoveryLeft === 0 ? null : (
                <button type="button" className="btn" disabled={!facts.fresh} onClick={() => onOpen("recovery")}>
                  {t("account.newRecovery")}
                </button>
              )}
            </Proof>
            <Problem error={removing.error} />
            <Passkeys fresh={facts.fresh} />
          </>
        )}
      </div>
    </section>
  );
}

/** One way of proving who one is, and what can be done about it. */
export function Proof({ name, value, children }: { name: string; value: string; children: ReactNode }) {
  return (
    <div className="row wrap proof">
      <b>{name}</b>
      <span className="dim sp">{value}</span>
      {children}
    </div>
  );
}

function NewRecovery({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const making = useNewRecoveryCodes();
  return (
    <Dialog title={t("account.newRecovery")} once={making.data !== undefined} onClose={onClose}>
      <div className="pb stack">
        {making.data === undefined ? (
          <>
            <p>{t("account.newRecoveryHint")}</p>
            <Problem error={making.error} />
            <button type="button" className="btn p l fill" disabled={making.isPending} onClick={() => making.mutate()}>
              {t("account.newRecovery")}
            </button>
          </>
        ) : (
          <Recovery codes={making.data.codes} onDone={onClose} />
        )}
      </div>
    </Dialog>
  );
}
