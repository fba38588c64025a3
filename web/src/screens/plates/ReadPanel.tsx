import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { cropUrl, type Permit, type PlateRead } from "../../api/client";
import { may, useCamera } from "../../api/queries";
import { useKeys } from "../../base/keys";
import { clock, dayClock, length } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Confidence, differences, PlateMark, spaced, Sureness } from "../../parts/marks";
import { Empty } from "../../parts/Problem";
import { CorrectRead } from "./CorrectRead";
import { countryName, directionWords, sureWord, unreadPlaces, vehicleWords } from "./looks";

/** One read: its picture, what else it might say, and what can follow from it. */
export function ReadPanel({ read, permit, onStep }: { read: PlateRead | undefined; permit: Permit; onStep: (by: number) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [correcting, setCorrecting] = useState(false);
  const play = () => read && may("playback.view") && void navigate({ to: "/playback", search: { cameras: read.cameraId, at: new Date(Date.parse(read.time) - 5000).toISOString() } });
  const add = () => read && may("watchlist.write") && void navigate({ to: "/watchlist", search: { plate: read.text } });
  useKeys({ KeyK: () => void play(), KeyW: () => void add() });
  return (
    <section className="panel" aria-labelledby="read-heading">
      <div className="ph">
        <h2 id="read-heading">{read === undefined ? t("plates.one") : t("plates.readOn", { camera: read.cameraId, time: clock(read.time) })}</h2>
        <span className="sp" />
        <button type="button" className="btn sq q" aria-label={t("keys.do.previous")} title={`${t("keys.do.previous")} (Shift J)`} onClick={() => onStep(-1)}>
          <Icon name="left" />
        </button>
        <button type="button" className="btn sq q" aria-label={t("keys.do.next")} title={`${t("keys.do.next")} (J)`} onClick={() => onStep(1)}>
          <Icon name="right" />
        </button>
      </div>
      {read === undefined ? (
        <Empty title={t("plates.noneChosen")} />
      ) : (
        <>
          <div className="scroll grow">
            <Shown read={read} permit={permit} />
          </div>
          <div className="pf">
            {may("playback.view") ? (
              <button type="button" className="btn p" onClick={play}>
                <Icon name="play2" />
                {t("playback.short")}
                <kbd>K</kbd>
              </button>
            ) : null}
            {may("watchlist.write") ? (
              <button type="button" className="btn" onClick={add}>
                <Icon name="watch" />
                {t("plates.addToList")}
                <kbd>W</kbd>
              </button>
            ) : null}
            {may("plates.correct") ? (
              <button type="button" className="btn" onClick={() => setCorrecting(true)}>
                <Icon name="pen" />
                {t("plates.misread")}
              </button>
            ) : null}
            {correcting ? <CorrectRead read={read} permit={permit} onClose={() => setCorrecting(false)} /> : null}
          </div>
        </>
      )}
    </section>
  );
}

function Shown({ read, permit }: { read: PlateRead; permit: Permit }) {
  const { t, i18n } = useTranslation();
  const camera = useCamera(read.cameraId);
  const others = read.alternatives.filter((other) => other.text !== read.text);
  const unread = unreadPlaces(read.text);
  const places = new Intl.ListFormat(i18n.language).format(unread.map(String));
  const seen = Date.parse(read.lastSeen) - Date.parse(read.firstSeen);
  return (
    <div className="pb stack">
      <img className="big-crop" src={cropUrl(read.id, permit.id)} alt={t("alarm.cropOf", { plate: spaced(read.text) })} />
      {unread.length === 0 ? null : <p className="note">{t("plates.partial", { count: unread.length, places, length: read.text.length })}</p>}
      <table className="t alternatives">
        <caption className="vh">{t("plates.alternatives")}</caption>
        <thead>
          <tr>
            <th>{t("plates.reading")}</th>
            <th>{t("plates.differs")}</th>
            <th className="num">{t("plates.confidence")}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>
              <PlateMark text={read.text} country={read.country} />
            </td>
            <td className="dim">–</td>
            <td className="num">
              <Sureness value={read.confidence} />
            </td>
          </tr>
          {others.map((other) => (
            <tr key={other.text}>
              <td>
                <PlateMark text={other.text} against={read.text} />
              </td>
              <td className="dim">{differences(other.text, read.text) || "–"}</td>
              <td className="num">
                <Confidence value={other.confidence} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {others.length === 0 ? <p className="dim">{t("plates.noOther")}</p> : null}
      <dl className="kv">
        <dt>{t("plates.howSure")}</dt>
        <dd>
          {read.confidence == null ? (
            t("plates.correctedBy", { name: read.correctedBy, time: dayClock(read.corrected ?? "", i18n.language) })
          ) : (
            <>
              {sureWord(read.confidence, t)}, {read.confidence.toFixed(2)}
              {unread.length === 0 ? null : <span className="dim"> {t("plates.ofTheKnown")}</span>}
            </>
          )}
        </dd>
        <dt>{t("plates.country")}</dt>
        <dd>{read.country == null ? t("plates.unknown") : countryName(read.country, i18n.language)}</dd>
        <dt>{t("plates.vehicle")}</dt>
        <dd>{vehicleWords(read, t, i18n.language) || t("plates.unknown")}</dd>
        <dt>{t("plates.direction")}</dt>
        <dd>{directionWords(read, t) || t("plates.unknown")}</dd>
        <dt>{t("field.camera")}</dt>
        <dd>
          <b>{read.cameraId}</b> {camera?.name}
        </dd>
        <dt>{t("plates.inView")}</dt>
        <dd>{t("plates.inViewFor", { from: clock(read.firstSeen), length: length(Math.max(1000, seen)) })}</dd>
        <dt>{t("plates.framesRead")}</dt>
        <dd>{read.framesRead}</dd>
        <dt>{t("plates.width")}</dt>
        <dd>{t("px", { value: read.plateWidthPx })}</dd>
      </dl>
    </div>
  );
}
