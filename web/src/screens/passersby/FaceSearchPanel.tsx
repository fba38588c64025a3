/** One search: what it waits for, how far it is, how sure its result is, and the candidates to be compared. */

import { useId, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { type FaceSearch, type FaceSearchDetail, isGoing, useAuthorise, useEndSearch, useFaceSearch, useGiveFace, useStopSearch } from "../../api/faceSearches";
import { may } from "../../api/queries";
import { useAnswerMatter } from "../../api/releases";
import { dayClock, length, useNow } from "../../base/time";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { Problem, Told } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { CandidateCard, type Reference } from "../alarms/FaceCandidate";
import { FacePictureForm } from "../watchlist/PersonPanel";

export function FaceSearchPanel({ search }: { search: FaceSearch }) {
  const { t, i18n } = useTranslation();
  const found = useFaceSearch(search.id, isGoing(search));
  const shown = found.data ?? search;
  const when = (moment: string) => dayClock(moment, i18n.language);
  const name = shown.name === "" ? t("faceSearch.suspect") : shown.name;
  const facts: [string, React.ReactNode][] = [
    [t("faceSearch.basis"), t(`faceSearch.bases.${shown.basis}`)],
    [t("field.case"), shown.caseRef],
    [t("field.ground"), shown.ground],
    [t("faceSearch.reason"), shown.reason],
    [t("sought.cameras"), shown.cameras.join(", ")],
    [t("passersby.span"), `${when(shown.since)} – ${when(shown.until)}`],
    [t("persons.asked"), `${shown.askedBy}, ${when(shown.asked)}`],
  ];
  if (shown.facts !== "") facts.push([t("faceSearch.facts"), shown.facts]);
  if (shown.authorisation !== "") facts.push([t("faceSearch.authorisation"), [shown.authorisation, shown.authorisedBy].join(", ")]);
  if (shown.release?.answeredBy != null) facts.push([t("faceSearch.releasedBy"), shown.release.answeredBy]);
  if (shown.release?.expires != null) facts.push([t("faceSearch.erasedAt"), when(shown.release.expires)]);
  return (
    <section className="stack" aria-labelledby="face-search-heading">
      <div className="row wrap">
        <h3 id="face-search-heading">{name}</h3>
        <span className="sp" />
        <span className="tag solid">{t(shown.stopping ? "faceSearch.stopping" : `faceSearch.state.${shown.state}`)}</span>
      </div>
      <Clock search={shown} />
      {isGoing(shown) ? <progress className="export-bar" value={shown.progress} max={1} aria-label={t("faceSearch.progress")} /> : null}
      {shown.problem === "" ? null : <p className="note err"><Told of={shown} /></p>}
      {shown.state === "draft" && shown.own ? <Suspect search={shown} /> : null}
      <Steps search={shown} />
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      {shown.looked.length === 0 ? null : <Worth search={shown} expected={found.data?.expectedFalse ?? 0} />}
      {found.data === undefined ? null : <Candidates search={found.data} name={name} />}
      <Facts facts={facts} className="wide-kv" />
    </section>
  );
}

/** An urgent search says at every look until when its authorisation must be there. */
function Clock({ search }: { search: FaceSearch }) {
  const { t } = useTranslation();
  const at = useNow();
  if (search.authoriseBy == null) return null;
  return (
    <p className="note err" role="timer">
      <Icon name="warn" size="sm" />
      <span>{t("faceSearch.authoriseIn", { time: length(Math.max(0, Date.parse(search.authoriseBy) - at)) })}</span>
    </p>
  );
}

function Suspect({ search }: { search: FaceSearch }) {
  const { t } = useTranslation();
  const giving = useGiveFace();
  return <FacePictureForm act={t("faceSearch.checkAndAsk")} next result={giving.data} enrolling={giving} onPicture={(source, picture) => giving.mutate({ id: search.id, source, picture })} />;
}

/** What the person at the desk can do about it now. */
function Steps({ search }: { search: FaceSearch }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<"none" | "refuse" | "end">("none");
  const answering = useAnswerMatter();
  const ending = useEndSearch();
  const stopping = useStopSearch();
  const release = search.release;
  const done = () => setDialog("none");
  if (release == null && !search.mayEnd) return null;
  const mayAnswer = release?.mayAnswer === true;
  return (
    <div className="stack">
      {search.authoriseBy != null && search.own ? <Authorise id={search.id} /> : null}
      {search.state === "asked" && !mayAnswer ? <p className="dim">{t("faceSearch.waits")}</p> : null}
      {mayAnswer ? (
        <p className="note">
          <Icon name="key" size="sm" />
          <span>{t("faceSearch.second")}</span>
        </p>
      ) : null}
      <Problem error={answering.error ?? stopping.error} />
      <div className="row wrap">
        <span className="sp" />
        {isGoing(search) && search.own && !search.stopping ? (
          <button type="button" className="btn" disabled={stopping.isPending} onClick={() => stopping.mutate(search.id)}>
            {t("faceSearch.stop")}
          </button>
        ) : null}
        {search.mayEnd && !mayAnswer ? (
          <button type="button" className="btn" onClick={() => setDialog("end")}>
            <Icon name="x" />
            {t("faceSearch.end")}
          </button>
        ) : null}
        {release != null && mayAnswer ? (
          <>
            <button type="button" className="btn" onClick={() => setDialog("refuse")}>
              {t("persons.refuse")}
            </button>
            <button type="button" className="btn p" disabled={answering.isPending} onClick={() => answering.mutate({ id: release.id, grant: true, note: "" })}>
              <Icon name="check" />
              {t("persons.release")}
            </button>
          </>
        ) : null}
      </div>
      {dialog === "refuse" && release != null ? <ReasonDialog title={t("faceSearch.refuseTitle")} label={t("watchlist.reason")} act={t("persons.refuse")} maxLength={500} acting={answering} onReason={(note) => answering.mutate({ id: release.id, grant: false, note }, { onSuccess: done })} onClose={done} /> : null}
      {dialog === "end" ? <ReasonDialog title={t("faceSearch.endTitle")} label={t("watchlist.reason")} act={t("faceSearch.end")} maxLength={500} acting={ending} onReason={(reason) => ending.mutate({ id: search.id, reason }, { onSuccess: done })} onClose={done} /> : null}
    </div>
  );
}

function Authorise({ id }: { id: string }) {
  const { t } = useTranslation();
  const field = useId();
  const authorising = useAuthorise();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    authorising.mutate({ id, reference: String(new FormData(event.currentTarget).get("reference") ?? "").trim() });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="field">
        <label htmlFor={field}>{t("faceSearch.authorisation")}</label>
        <div className="row">
          <input id={field} name="reference" className="in sp" required maxLength={300} autoComplete="off" />
          <button type="submit" className="btn p" disabled={authorising.isPending}>
            {t("faceSearch.authorise")}
          </button>
        </div>
      </div>
      <Problem error={authorising.error} />
    </form>
  );
}

/** How much was looked through, what chance alone would bring, and every stretch that is missing. */
function Worth({ search, expected }: { search: FaceSearch; expected: number }) {
  const { t, i18n } = useTranslation();
  const sum = (name: "lookedS" | "faces" | "tracks" | "compared" | "refused" | "still") => search.looked.reduce((all, each) => all + each[name], 0);
  const missing = search.looked.flatMap((each) => each.missing.map((one) => ({ ...one, camera: each.cameraId })));
  const more = search.looked.reduce((all, each) => all + each.moreMissing, 0);
  const facts: [string, React.ReactNode][] = [
    [t("faceSearch.lookedThrough"), length(sum("lookedS") * 1000)],
    [t("faceSearch.seen"), t("faceSearch.seenValue", { faces: sum("faces"), tracks: sum("tracks") })],
    [t("faceSearch.compared"), t("faceSearch.comparedValue", { compared: sum("compared"), refused: sum("refused"), still: sum("still") })],
    [t("faceSearch.byChance"), t("faceSearch.byChanceValue", { number: expected.toFixed(expected < 0.1 ? 3 : 1) })],
  ];
  if (search.dropped > 0) facts.push([t("faceSearch.dropped"), search.dropped]);
  return (
    <>
      <Facts facts={facts} className="wide-kv" />
      <details open={missing.length > 0 && missing.length <= 5}>
        <summary>{missing.length === 0 ? t("faceSearch.nothingMissing") : t("faceSearch.missing", { count: missing.length + more })}</summary>
        <ul className="stack">
          {missing.map((one) => (
            <li key={`${one.camera}${one.since}`}>
              {one.camera}, {dayClock(one.since, i18n.language)} – {dayClock(one.until, i18n.language)}: {i18n.exists(`cause.${one.cause}`) ? t(`cause.${one.cause}`) : t(`faceSearch.cause.${one.cause}`)}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

function Candidates({ search, name }: { search: FaceSearchDetail; name: string }) {
  const { t } = useTranslation();
  const picture = search.hasPicture && may("persons.picture") ? `/api/face-searches/${encodeURIComponent(search.id)}/picture` : null;
  const reference: Reference = { picture, name, quality: search.quality ?? null, added: null };
  if (search.candidates.length === 0) {
    // Whoever releases looks at whom it is about.
    if (search.state === "draft" || search.state === "asked") return picture === null ? null : <img className="searched" src={picture} alt={t("persons.pictureOf", { name })} />;
    return <p className="dim">{t(isGoing(search) ? "faceSearch.nothingYet" : "faceSearch.nothing")}</p>;
  }
  return (
    <div className="stack">
      <p className="note">
        <Icon name="shield" size="sm" />
        <span>{t("face.suggestion")}</span>
      </p>
      {search.candidates.map((candidate) => (
        <CandidateCard key={candidate.id} candidate={candidate} reference={reference}>
          {may("playback.view") && candidate.outcome !== "rejected" ? (
            <a className="btn" href={`/playback?cameras=${encodeURIComponent(candidate.cameraId)}&at=${encodeURIComponent(candidate.time)}`}>
              <Icon name="play2" />
              {t("faceSearch.play")}
            </a>
          ) : null}
        </CandidateCard>
      ))}
    </div>
  );
}
