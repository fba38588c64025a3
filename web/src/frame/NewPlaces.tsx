import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useConfirmPlaces } from "../api/account";
import { session } from "../api/queries";
import { useStore } from "../base/store";
import { dayClock } from "../base/time";
import { Icon } from "../parts/Icon";
import { useBrowserWords } from "../words/browsers";

/** Says that the account was used from a new place, until the person knows it or does something about it. */
export function NewPlaces() {
  const { t, i18n } = useTranslation();
  const browserOf = useBrowserWords();
  const confirming = useConfirmPlaces();
  const place = useStore(session)?.newPlaces.at(-1);
  if (place === undefined) return null;
  return (
    <div className="banner">
      <Icon name="warn" />
      <span role="alert">{t("account.newPlace", { time: dayClock(place.time, i18n.language), origin: place.origin, browser: browserOf(place.browser) })}</span>
      <button type="button" className="btn" disabled={confirming.isPending} onClick={() => confirming.mutate()}>
        {t("account.itWasMe")}
      </button>
      <Link className="btn" to="/account">
        {t("account.itWasNotMe")}
      </Link>
      <Link className="btn" to="/breaches" search={{ tell: true, about: `${place.time} ${place.origin}` }}>
        {t("breaches.tell")}
      </Link>
    </div>
  );
}
