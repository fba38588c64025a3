/** Where a person is signed in: since when, from which address, with which browser. */

import { useTranslation } from "react-i18next";

import { type OpenSession, useEndOthers, useEndSession, useOwnSessions } from "../../api/account";
import { dayClock } from "../../base/time";
import { Problem } from "../../parts/Problem";
import { useBrowserWords } from "../../words/browsers";

export function Sessions() {
  const { t } = useTranslation();
  const found = useOwnSessions();
  const ending = useEndSession();
  const endingOthers = useEndOthers();
  const sessions = found.data ?? [];
  return (
    <section className="panel" aria-labelledby="sessions-heading">
      <div className="ph">
        <h2 id="sessions-heading">{t("account.sessions")}</h2>
        <span className="dim">{sessions.length}</span>
        <span className="sp" />
        {sessions.length > 1 ? (
          <button type="button" className="btn" disabled={endingOthers.isPending} onClick={() => endingOthers.mutate()}>
            {t("account.endOthers")}
          </button>
        ) : null}
      </div>
      <div className="scroll grow">
        <Problem error={found.error ?? ending.error ?? endingOthers.error} />
        <SessionList sessions={sessions} onEnd={(id) => ending.mutate(id)} />
      </div>
    </section>
  );
}

/** Sessions as a list; with the person's name where `named`. */
export function SessionList({ sessions, onEnd, named }: { sessions: readonly OpenSession[]; onEnd: (id: string) => void; named?: boolean }) {
  const { t, i18n } = useTranslation();
  const browserOf = useBrowserWords();
  return (
    <ul className="disks">
      {sessions.map((one) => (
        <li key={one.id} className="disk">
          <div className="row wrap">
            {named ? <b>{one.displayName}</b> : null}
            <b translate="no">{browserOf(one.browser)}</b>
            <span className="dim" translate="no">
              {one.origin}
            </span>
            <span className="sp" />
            {one.mine ? (
              <span className="tag solid">{t("account.thisOne")}</span>
            ) : (
              <button type="button" className="btn" onClick={() => onEnd(one.id)}>
                {t("account.end")}
              </button>
            )}
          </div>
          <dl className="kv facts wide">
            <div>
              <dt>{t("account.opened")}</dt>
              <dd>{dayClock(one.created, i18n.language)}</dd>
            </div>
            <div>
              <dt>{t("account.lastUsed")}</dt>
              <dd>{dayClock(one.seen, i18n.language)}</dd>
            </div>
            <div>
              <dt>{t("account.provenBy")}</dt>
              <dd>{one.method.split("+").map((part) => t(`account.method.${part}`)).join(", ")}</dd>
            </div>
          </dl>
        </li>
      ))}
    </ul>
  );
}
