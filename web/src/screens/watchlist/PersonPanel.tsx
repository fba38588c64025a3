/** One sought person: the reasons, the picture and its quality, and the second person's release. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type EnrolmentResult, type PersonEntry, useAskRelease, useDecideRelease, useEnrol } from "../../api/persons";
import { may, session } from "../../api/queries";
import { useSaid } from "../../base/said";
import { dayClock } from "../../base/time";
import { hoursText } from "../../base/weekHours";
import { Facts } from "../../parts/Facts";
import { FileField } from "../../parts/FileField";
import { Icon } from "../../parts/Icon";
import { PriorityMark } from "../../parts/marks";
import { Empty, Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { useOwnPermits } from "../../permits/permits";
import { ClosePerson } from "./CloseEntry";

const SOURCES = ["document", "case-file", "relative", "authority"] as const;
const CHECKS = ["ground", "places", "picture", "necessary"] as const;

export function PersonPanel({ entry, onRenew }: { entry: PersonEntry | undefined; onRenew: () => void }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<"none" | "close" | "ask" | "refuse">("none");
  const asking = useAskRelease();
  const deciding = useDecideRelease();
  if (entry === undefined)
    return (
      <section className="panel" aria-label={t("persons.one")}>
        <Empty title={t("watchlist.noneChosen")} />
      </section>
    );
  const done = () => setDialog("none");
  const open = entry.state !== "closed" && entry.state !== "expired";
  const mine = may("persons.write") && session.get()?.operator.organisation === entry.owner;
  return (
    <section className="panel" aria-labelledby="entry-heading">
      <div className="ph">
        <h2 id="entry-heading">{entry.name}</h2>
        <PriorityMark priority={entry.priority} />
        {entry.minor ? <span className="tag">{t("persons.minor")}</span> : null}
        <span className="sp" />
        <span className="tag solid">{t(entry.matched ? "persons.matched" : `persons.state.${entry.state}`)}</span>
      </div>
      <div className="scroll grow">
        {/* What is to be done stands before the long list of reasons, so that nobody has to look for it. */}
        <Reference entry={entry} />
        {open && mine && (entry.state === "described" || entry.state === "enrolled") ? <PictureForm entry={entry} /> : null}
        {entry.state === "asked" || (entry.release?.emergency && entry.state === "released") ? <SecondPerson entry={entry} onRefuse={() => setDialog("refuse")} /> : null}
        <Reasons entry={entry} />
      </div>
      <div className="pf">
        <span className="dim tr">{t("watchlist.suggestion")}</span>
        <span className="sp" />
        {entry.state === "enrolled" && mine ? (
          <button type="button" className="btn p" onClick={() => setDialog("ask")}>
            {t("persons.askRelease")}
          </button>
        ) : null}
        {open && mine && session.get()?.operator.name !== entry.createdBy ? (
          <button type="button" className="btn" onClick={onRenew}>
            {t("watchlist.renew")}
          </button>
        ) : null}
        {open && mine ? (
          <button type="button" className="btn" onClick={() => setDialog("close")}>
            <Icon name="x" />
            {t("watchlist.close")}
          </button>
        ) : null}
      </div>
      {dialog === "close" ? <ClosePerson entry={entry} onClose={done} /> : null}
      {dialog === "refuse" ? <ReasonDialog title={t("persons.refuseTitle")} label={t("watchlist.reason")} act={t("persons.refuse")} maxLength={500} acting={deciding} onReason={(note) => deciding.mutate({ id: entry.id, grant: false, note }, { onSuccess: done })} onClose={done} /> : null}
      {dialog === "ask" ? <AskRelease entry={entry} asking={asking} onClose={done} /> : null}
    </section>
  );
}

function AskRelease({ entry, asking, onClose }: { entry: PersonEntry; asking: ReturnType<typeof useAskRelease>; onClose: () => void }) {
  const { t } = useTranslation();
  const { permits } = useOwnPermits();
  const permit = permits.find((each) => each.purpose === "threat-to-life");
  const [urgent, setUrgent] = useState(false);
  return (
    <ReasonDialog title={t("persons.askRelease")} label={t("persons.releaseReason")} act={t(urgent ? "persons.releaseNow" : "persons.ask")} maxLength={500} acting={asking} onReason={(reason) => asking.mutate({ id: entry.id, wish: { reason, permit: urgent ? (permit?.id ?? "") : "", emergency: urgent } }, { onSuccess: onClose })} onClose={onClose}>
      <label className="ck">
        <input type="checkbox" checked={urgent} disabled={permit === undefined} onChange={(event) => setUrgent(event.currentTarget.checked)} />
        <span>
          {t("persons.urgent")}
          <span className="hint">{t(permit === undefined ? "persons.urgentNeedsPermit" : "persons.urgentHint")}</span>
        </span>
      </label>
    </ReasonDialog>
  );
}

function Reference({ entry }: { entry: PersonEntry }) {
  const { t, i18n } = useTranslation();
  const face = entry.face;
  if (face == null) return <p className="pb dim">{t(entry.erased == null ? "persons.noPicture" : "persons.erased", { time: entry.erased == null ? "" : dayClock(entry.erased, i18n.language) })}</p>;
  return (
    <div className="pb reference">
      {may("persons.picture") ? <img src={`/api/persons/${encodeURIComponent(entry.id)}/picture`} alt={t("persons.pictureOf", { name: entry.name })} /> : null}
      <QualityFacts quality={face.quality} more={[[t("persons.source"), t(`persons.sources.${face.source}`)], [t("persons.added"), `${face.addedBy}, ${dayClock(face.added, i18n.language)}`]]} />
    </div>
  );
}

export function QualityFacts({ quality, more = [] }: { quality: EnrolmentResult["quality"] & object; more?: [string, React.ReactNode][] }) {
  const { t } = useTranslation();
  const facts: [string, React.ReactNode][] = [
    [t("face.quality"), quality.score.toFixed(2)],
    [t("face.height"), t("face.heightValue", { px: quality.heightPx })],
    [t("face.eyes"), t("face.eyesValue", { px: quality.eyesPx, perMetre: quality.pxPerM })],
    [t("face.pose"), t("face.poseValue", { yaw: Math.abs(quality.yaw), pitch: Math.abs(quality.pitch) })],
    ...more,
  ];
  return <Facts facts={facts} className="wide-kv" />;
}

function Reasons({ entry }: { entry: PersonEntry }) {
  const { t, i18n } = useTranslation();
  const say = useSaid();
  const facts: [string, React.ReactNode][] = [
    [t("persons.description"), entry.description],
    [t("persons.objective"), t(`objective.${entry.objective}`)],
    [t("persons.authorisation"), entry.authorisation],
    [t("field.purpose"), i18n.exists(`purpose.${entry.purpose}`) ? t(`purpose.${entry.purpose}`) : entry.purpose],
    [t("field.ground"), entry.ground],
    [t("field.case"), entry.caseRef],
    [t("field.owner"), entry.owner],
    [t("sought.category"), t(`category.${entry.category}`)],
    [t("sought.requester"), entry.requester],
    [t("sought.handling"), [t(`handling.${entry.handling}`), entry.handlingNote].filter(Boolean).join(" ")],
    [t("sought.provenance"), entry.provenance],
    [t("sought.cameras"), entry.cameras.length === 0 ? t("sought.allCameras") : entry.cameras.join(", ")],
    [t("sought.hours"), entry.hours === "" ? t("sought.always") : hoursText(entry.hours, i18n.language)],
    [t("watchlist.entered"), `${entry.createdBy}, ${dayClock(entry.created, i18n.language)}`],
    [t("field.until"), dayClock(entry.expires, i18n.language)],
    [t("sought.review"), dayClock(entry.review, i18n.language)],
  ];
  if (entry.release != null) facts.push([t("persons.asked"), `${entry.release.askedBy}, ${dayClock(entry.release.asked, i18n.language)}`]);
  if (entry.renews != null) facts.push([t("watchlist.renewReason"), entry.renewalReason]);
  if (entry.closed != null) facts.unshift([t("watchlist.closed"), `${entry.closedBy ?? ""}, ${dayClock(entry.closed, i18n.language)}`], [t("watchlist.reason"), say(entry.closeCode, entry.closeFacts) ?? entry.closeReason]);
  return <Facts facts={facts} className="pb wide-kv" />;
}

function PictureForm({ entry }: { entry: PersonEntry }) {
  const { t } = useTranslation();
  const enrolling = useEnrol();
  return <FacePictureForm act={t(entry.face == null ? "persons.enrol" : "persons.enrolAgain")} next={entry.face == null} result={enrolling.data} enrolling={enrolling} onPicture={(source, picture) => enrolling.mutate({ id: entry.id, source, picture })} />;
}

interface FacePictureProps {
  act: string;
  /** It is what comes next, and nothing else is. */
  next: boolean;
  result: EnrolmentResult | undefined;
  enrolling: { isPending: boolean; error: unknown };
  onPicture: (source: string, picture: Blob) => void;
}

/** A picture of a face, where it is from, and every reason why it will not do. */
export function FacePictureForm({ act, next, result, enrolling, onPicture }: FacePictureProps) {
  const { t } = useTranslation();
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const picture = form.get("picture");
    if (picture instanceof Blob) onPicture(String(form.get("source")), picture);
  };
  return (
    <form className="pb stack" onSubmit={submit} aria-label={t("persons.picture")}>
      <div className="two">
        <FileField label={t("persons.picture")} name="picture" required accept="image/jpeg,image/png,image/webp" />
        <div className="field">
          <label htmlFor={`${id}s`}>{t("persons.source")}</label>
          <select id={`${id}s`} name="source" className="in l">
            {SOURCES.map((source) => (
              <option key={source} value={source}>
                {t(`persons.sources.${source}`)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <p className="dim">{t("persons.pictureHint")}</p>
      {result !== undefined && !result.accepted ? (
        <div className="note err" role="alert">
          <Icon name="warn" size="sm" />
          <ul>
            {result.faults.map((fault) => (
              <li key={fault.what}>{t(`face.fault.${fault.what}`, { value: fault.value, needed: fault.needed })}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <Problem error={enrolling.error} />
      <div className="row">
        <span className="sp" />
        <button type="submit" className={next ? "btn p" : "btn"} disabled={enrolling.isPending}>
          {act}
        </button>
      </div>
    </form>
  );
}

/** What the second person looks at before the word: each check is a box of its own. */
function SecondPerson({ entry, onRefuse }: { entry: PersonEntry; onRefuse: () => void }) {
  const { t } = useTranslation();
  const deciding = useDecideRelease();
  const [checked, setChecked] = useState<readonly string[]>([]);
  if (!may("releases.grant") || entry.release == null) return null;
  if (entry.release.askedBy === session.get()?.operator.name) 
    return (
      <div className="pb">
        <p className="note">
          <Icon name="lock" size="sm" />
          <span>{t("persons.notYou")}</span>
        </p>
      </div>
    );
  const left = CHECKS.length - checked.length;
  return (
    <fieldset className="pb stack bare">
      <legend className="cap">{t("persons.checks")}</legend>
      {CHECKS.map((check) => (
        <label key={check} className="ck">
          <input type="checkbox" checked={checked.includes(check)} onChange={() => setChecked((old) => (old.includes(check) ? old.filter((each) => each !== check) : [...old, check]))} />
          <span>{t(`persons.check.${check}`)}</span>
        </label>
      ))}
      <Problem error={deciding.error} />
      <div className="row wrap">
        <span className="dim">{t("persons.second", { who: entry.release.askedBy })}</span>
        <span className="sp" />
        <button type="button" className="btn" onClick={onRefuse}>
          <Icon name="x" />
          {t("persons.refuse")}
        </button>
        <button type="button" className={left === 0 ? "btn p" : "btn"} disabled={left > 0 || deciding.isPending} onClick={() => deciding.mutate({ id: entry.id, grant: true, note: checked.join(", ") })}>
          <Icon name={left === 0 ? "check" : "lock"} />
          {left === 0 ? t("persons.release") : t("persons.checksLeft", { count: left })}
        </button>
      </div>
    </fieldset>
  );
}
