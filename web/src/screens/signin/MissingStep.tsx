/** The steps after the password: a second factor, the choice of one, a password of one's own. */

import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useTakeCode } from "../../api/account";
import { useMakePasskey } from "../../api/passkeys";
import { api, type Session, take } from "../../api/client";
import { enter, useNode } from "../../api/queries";
import { Problem } from "../../parts/Problem";
import { CodeField } from "../account/CodeField";
import { CodeSetup, Recovery } from "../account/CodeSetup";
import { PasskeyButton } from "./PasskeyButton";
import { PasswordForm } from "../account/PasswordForm";

export function MissingStep({ who }: { who: Session }) {
  const { t } = useTranslation();
  const leave = () => void take(api.DELETE("/api/session")).finally(() => enter(null));
  return (
    <div className="stack">
      <p>
        <b>{who.operator.displayName}</b>: {t(`signIn.step.${who.missing || "factor"}`)}
      </p>
      {who.missing === "enrol" ? <Enrolment /> : null}
      {who.missing === "password" ? <PasswordForm onDone={() => undefined} /> : null}
      {who.missing === "factor" ? <CodeStep who={who} /> : null}
      <button type="button" className="btn q" onClick={leave}>
        {t("signIn.other")}
      </button>
    </div>
  );
}

/** One of two second factors: one-time codes, or a passkey where this address can have one. */
function Enrolment() {
  const { t } = useTranslation();
  const making = useMakePasskey();
  const possible = useNode().data?.passkeys === true;
  const made = making.data;
  if (made !== undefined) return <Recovery codes={made.codes} onDone={() => enter(made.session)} />;
  return (
    <>
      <CodeSetup onDone={(done) => enter(done.session)} />
      {possible ? (
        <>
          <Problem error={making.error} />
          <button type="button" className="btn l fill" disabled={making.isPending} onClick={() => making.mutate("")}>
            {t("account.passkeyInstead")}
          </button>
        </>
      ) : null}
    </>
  );
}

function CodeStep({ who }: { who: Session }) {
  const { t } = useTranslation();
  const taking = useTakeCode();
  const [recovery, setRecovery] = useState(!who.factors.includes("code"));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    taking.mutate(String(new FormData(event.currentTarget).get("code") ?? ""));
  };
  return (
    <form className="stack" onSubmit={submit}>
      <CodeField key={String(recovery)} label={t(recovery ? "account.recoveryCode" : "account.code")} recovery={recovery} />
      <Problem error={taking.error} />
      <button type="submit" className="btn p l fill" disabled={taking.isPending}>
        {t("signIn.enter")}
      </button>
      {who.factors.includes("passkey") ? <PasskeyButton /> : null}
      {who.factors.includes("recovery") && who.factors.includes("code") ? (
        <button type="button" className="btn q" onClick={() => setRecovery(!recovery)}>
          {t(recovery ? "signIn.useCode" : "signIn.useRecovery")}
        </button>
      ) : null}
    </form>
  );
}
