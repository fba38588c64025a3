/** Footage that nothing may evict: placed for a reason, released by two people. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { may, session } from "../../api/queries";
import { type Hold, useAnswerRelease, useAskRelease, useHolds } from "../../api/storage";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Empty, Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { HoldForm } from "./HoldForm";
import { ReviewHold, WhichHold } from "./ReviewHold";

export function Holds() {
  const { t } = useTranslation();
  const found = useHolds();
  const [placing, setPlacing] = useState(false);
  const [asking, setAsking] = useState<Hold>();
  const [reviewing, setReviewing] = useState<Hold>();
  const holds = found.data ?? [];
  const overdue = holds.filter((hold) => hold.overdue).length;
  return (
    <section className="panel" aria-labelledby="holds-heading">
      <div className="ph">
        <h2 id="holds-heading">{t("storage.holds")}</h2>
        <span className="dim">{holds.filter((hold) => hold.released == null).length}</span>
        {overdue === 0 ? null : <b className="bad">{t("storage.overdueCount", { count: overdue })}</b>}
        <span className="sp" />
        {may("holds.place") ? (
          <button type="button" className="btn" onClick={() => setPlacing(true)}>
            <Icon name="lock" />
            {t("storage.hold")}
          </button>
        ) : null}
      </div>
      <div className="scroll grow">
        {found.error === null ? null : (
          <div className="pb">
            <Problem error={found.error} onRetry={() => void found.refetch()} />
          </div>
        )}
        {found.isSuccess && holds.length === 0 ? <Empty title={t("storage.noHolds")} hint={t("storage.noHoldsHint")} /> : null}
        <ul className="disks">
          {holds.map((hold) => (
            <Item key={hold.id} hold={hold} onAsk={() => setAsking(hold)} onReview={() => setReviewing(hold)} />
          ))}
        </ul>
      </div>
      {placing ? <HoldForm onClose={() => setPlacing(false)} /> : null}
      {reviewing === undefined ? null : <ReviewHold hold={reviewing} onClose={() => setReviewing(undefined)} />}
      {asking === undefined ? null : <AskRelease hold={asking} onClose={() => setAsking(undefined)} />}
    </section>
  );
}

function Item({ hold, onAsk, onReview }: { hold: Hold; onAsk: () => void; onReview: () => void }) {
  const { t, i18n } = useTranslation();
  const answering = useAnswerRelease();
  const own = hold.releaseAskedBy === session.get()?.operator.name;
  const state = hold.released == null ? (hold.releaseAsked == null ? "standing" : "asked") : "released";
  const facts: [string, string][] = [
    [t("storage.span"), `${dayClock(hold.start, i18n.language)} – ${dayClock(hold.end, i18n.language)}`],
    [t("storage.reason"), hold.reason],
    [t("field.ground"), hold.ground],
    [t("field.case"), hold.caseRef],
    [t("storage.placed"), `${hold.placedBy}, ${dayClock(hold.placed, i18n.language)}`],
  ];
  if (state !== "released") facts.push([t("storage.review"), dayClock(hold.review, i18n.language)]);
  if (hold.reviewed != null) facts.push([t("storage.reviewed"), `${hold.reviewedBy ?? ""}, ${dayClock(hold.reviewed, i18n.language)}: ${hold.reviewReason}`]);
  if (hold.releaseAsked != null) facts.push([t("storage.asked"), `${hold.releaseAskedBy ?? ""}, ${dayClock(hold.releaseAsked, i18n.language)}: ${hold.releaseReason}`]);
  if (hold.released != null) facts.push([t("storage.released"), `${hold.releasedBy ?? ""}, ${dayClock(hold.released, i18n.language)}`]);
  return (
    <li className="disk" data-over={state === "released" || undefined} data-bad={hold.overdue || undefined}>
      <div className="row">
        <Icon name="lock" />
        <b className="tr" translate="no">
          {hold.cameras.join(", ")}
        </b>
        <span className="sp" />
        <span className="dim nw">{t(`storage.kind.${hold.kind}`)}</span>
        {hold.overdue ? <b className="bad nw">{t("storage.overdueTag")}</b> : null}
        <span className={state === "asked" ? "tag solid" : "tag"}>{t(`storage.holdState.${state}`)}</span>
      </div>
      {hold.overdue ? <p className="bad">{t("storage.overdue")}</p> : null}
      <dl className="kv facts wide">
        {facts
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <Problem error={answering.error} />
      {may("holds.release") && state !== "released" ? (
        <div className="row">
          {state === "asked" && own ? <span className="dim">{t("storage.secondPerson")}</span> : null}
          <span className="sp" />
          {may("holds.review") ? (
            <button type="button" className="btn" onClick={onReview}>
              {t("storage.doReview")}
            </button>
          ) : null}
          {state === "standing" ? (
            <button type="button" className="btn" onClick={onAsk}>
              {t("storage.ask")}
            </button>
          ) : (
            <button type="button" className="btn" disabled={answering.isPending} onClick={() => answering.mutate({ id: hold.id, agree: false })}>
              {t(own ? "storage.takeBack" : "storage.refuse")}
            </button>
          )}
          {state === "asked" && !own ? (
            <button type="button" className="btn p" disabled={answering.isPending} onClick={() => answering.mutate({ id: hold.id, agree: true })}>
              {t("storage.agree")}
            </button>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}

function AskRelease({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const { t } = useTranslation();
  const asking = useAskRelease();
  return (
    <ReasonDialog
      title={t("storage.ask")}
      label={t("storage.releaseReason")}
      act={t("storage.ask")}
      maxLength={500}
      acting={asking}
      onReason={(reason) => asking.mutate({ id: hold.id, reason }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <WhichHold hold={hold} />
      <p>{t("storage.askHint")}</p>
    </ReasonDialog>
  );
}
