/** One passage: the vehicle in a recorded picture, what the machine says of it, and what can follow from it. */

import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type Permit, stillUrl, type VehiclePassage } from "../../api/client";
import { may, useCamera } from "../../api/queries";
import { useKeys } from "../../base/keys";
import { clock, length } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { PlateMark, Sureness } from "../../parts/marks";
import { Empty } from "../../parts/Problem";
import { directionWords, vehicleWords } from "../plates/looks";
import { bestMoment } from "./passages";

const BEFORE_MS = 3000;

export function PassagePanel({ passage, permit, onStep }: { passage: VehiclePassage | undefined; permit: Permit; onStep: (by: number) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const play = () => passage && may("playback.view") && void navigate({ to: "/playback", search: { cameras: passage.cameraId, at: new Date(Date.parse(passage.firstSeen) - BEFORE_MS).toISOString() } });
  useKeys({ KeyK: () => void play() });
  return (
    <section className="panel" aria-labelledby="passage-heading">
      <div className="ph">
        <h2 id="passage-heading">{passage === undefined ? t("vehicles.one") : t("vehicles.passedOn", { camera: passage.cameraId, time: clock(passage.lastSeen) })}</h2>
        <span className="sp" />
        <button type="button" className="btn sq q" aria-label={t("keys.do.previous")} title={`${t("keys.do.previous")} (Shift J)`} onClick={() => onStep(-1)}>
          <Icon name="left" />
        </button>
        <button type="button" className="btn sq q" aria-label={t("keys.do.next")} title={`${t("keys.do.next")} (J)`} onClick={() => onStep(1)}>
          <Icon name="right" />
        </button>
      </div>
      {passage === undefined ? (
        <Empty title={t("vehicles.noneChosen")} />
      ) : (
        <>
          <div className="scroll grow">
            <div className="pb stack">
              {may("playback.view") ? <Picture key={passage.id} passage={passage} permit={permit} /> : null}
              <Plates passage={passage} />
              <Facts passage={passage} />
            </div>
          </div>
          <div className="pf">
            {may("playback.view") ? (
              <button type="button" className="btn p" onClick={play}>
                <Icon name="play2" />
                {t("playback.short")}
                <kbd>K</kbd>
              </button>
            ) : null}
          </div>
        </>
      )}
    </section>
  );
}

/** The recorded picture in which the vehicle was largest, with a frame round it; a sentence where nothing was recorded. */
function Picture({ passage, permit }: { passage: VehiclePassage; permit: Permit }) {
  const { t, i18n } = useTranslation();
  const [broken, setBroken] = useState(false);
  const at = bestMoment(passage);
  const [left = 0, top = 0, right = 1, bottom = 1] = passage.box;
  if (broken) return <p className="note">{t("vehicles.noPicture")}</p>;
  const looks = vehicleWords({ vehicleClass: passage.vehicleClass, vehicleColour: passage.colour ?? null }, t, i18n.language);
  return (
    <div className="passage-still">
      <img src={stillUrl(passage.cameraId, at, permit.id)} alt={t("vehicles.pictureOf", { vehicle: looks, camera: passage.cameraId, time: clock(at) })} onError={() => setBroken(true)} />
      {passage.boxTime == null ? null : <span className="box" style={{ left: `${left * 100}%`, top: `${top * 100}%`, width: `${(right - left) * 100}%`, height: `${(bottom - top) * 100}%` }} />}
    </div>
  );
}

/** The plates read of the vehicle, each a way to the read in the plate search. */
function Plates({ passage }: { passage: VehiclePassage }) {
  const { t } = useTranslation();
  if (passage.plates.length === 0) return <p className="dim">{t("vehicles.noPlate")}</p>;
  const around = (by: number) => (time: string) => new Date(Date.parse(time) + by).toISOString();
  const [before, after] = [around(-60_000), around(60_000)];
  return (
    <ul className="passage-plates" aria-label={t("vehicles.plates")}>
      {passage.plates.map((plate) => (
        <li key={plate.readId} className="row">
          <Link to="/plates" search={{ text: plate.text, camera: passage.cameraId, from: before(plate.time), to: after(plate.time), read: plate.readId }} className="link">
            <PlateMark text={plate.text} country={plate.country ?? null} />
            <span className="nw">{t("vehicles.toRead")}</span>
          </Link>
          <span className="sp" />
          {plate.confidence == null ? (
            <span className="nw">
              {t("plates.corrected")} {t("plates.byPerson")}
            </span>
          ) : (
            <Sureness value={plate.confidence} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Facts({ passage }: { passage: VehiclePassage }) {
  const { t, i18n } = useTranslation();
  const camera = useCamera(passage.cameraId);
  const seen = Date.parse(passage.lastSeen) - Date.parse(passage.firstSeen);
  const looks = vehicleWords({ vehicleClass: passage.vehicleClass, vehicleColour: passage.colour ?? null }, t, i18n.language);
  return (
    <dl className="kv">
      <dt>{t("plates.vehicle")}</dt>
      <dd>
        {looks}
        {passage.colour == null ? <span className="dim"> {t("vehicles.colourUnknown")}</span> : null}
      </dd>
      <dt>{t("vehicles.agreement")}</dt>
      <dd>{t("vehicles.agreementOf", { share: Math.round(passage.classConfidence * 100) })}</dd>
      <dt>{t("plates.direction")}</dt>
      <dd>{directionWords(passage, t) || t("plates.unknown")}</dd>
      <dt>{t("field.camera")}</dt>
      <dd>
        <b>{passage.cameraId}</b> {camera?.name}
      </dd>
      <dt>{t("plates.inView")}</dt>
      <dd>{t("plates.inViewFor", { from: clock(passage.firstSeen), length: length(Math.max(1000, seen)) })}</dd>
      <dt>{t("vehicles.stood")}</dt>
      <dd>{passage.stoodS < 1 ? t("vehicles.didNotStand") : length(passage.stoodS * 1000)}</dd>
    </dl>
  );
}
