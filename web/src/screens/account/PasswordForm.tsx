import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { useChangePassword } from "../../api/account";
import { Problem } from "../../parts/Problem";

/** The password so far, and the new one twice. */
export function PasswordForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const changing = useChangePassword();
  const [differ, setDiffer] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const [current, password, twice] = ["current", "password", "twice"].map((name) => String(given.get(name) ?? ""));
    setDiffer(password !== twice);
    if (password === twice) changing.mutate({ current: current ?? "", password: password ?? "" }, { onSuccess: onDone });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="field">
        <label htmlFor={`${id}-current`}>{t("account.current")}</label>
        <input id={`${id}-current`} name="current" type="password" className="in l" autoComplete="current-password" required />
      </div>
      <div className="field">
        <label htmlFor={`${id}-new`}>{t("account.newPassword")}</label>
        <input id={`${id}-new`} name="password" type="password" className="in l" autoComplete="new-password" minLength={12} maxLength={256} aria-describedby={`${id}-hint`} required />
        <span className="hint" id={`${id}-hint`}>
          {t("account.passwordHint")}
        </span>
      </div>
      <div className="field">
        <label htmlFor={`${id}-twice`}>{t("account.twice")}</label>
        <input id={`${id}-twice`} name="twice" type="password" className="in l" autoComplete="new-password" required />
      </div>
      {differ ? (
        <div className="note err" role="alert">
          {t("account.differ")}
        </div>
      ) : null}
      <Problem error={changing.error} />
      <button type="submit" className="btn p l fill" disabled={changing.isPending}>
        {t("account.changePassword")}
      </button>
    </form>
  );
}
