import { useTranslation } from "react-i18next";

import { usePasskey } from "../../api/passkeys";
import { Problem } from "../../parts/Problem";

/** Sign in with a passkey: it needs neither name nor password. */
export function PasskeyButton() {
  const { t } = useTranslation();
  const signing = usePasskey();
  return (
    <>
      <Problem error={signing.error} />
      <button type="button" className="btn l fill" disabled={signing.isPending} onClick={() => signing.mutate()}>
        {t("signIn.passkey")}
      </button>
    </>
  );
}
