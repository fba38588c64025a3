/** Where plates are read in a camera's picture, what is ignored, and what nobody sees: drawn by a person, by two where something is uncovered. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Camera, type CameraZones, take } from "../../api/client";
import { may, queryClient } from "../../api/queries";
import { dayClock } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { Polygons, split, without } from "../../parts/Polygons";
import { Problem, Told } from "../../parts/Problem";
import { type Drawn, drawnOf, fault, KINDS, newZone, numberOf, type ZoneSet, zonesOf } from "./zones";

const KEY = (camera: string) => ["cameras", camera, "zones"];

/** The zones in force in words, what waits for a second person, and the way to draw them; `picture` is null for who sees none. */
export function Zones({ camera, picture }: { camera: Camera; picture: ReactNode }) {
  const { t, i18n } = useTranslation();
  const [drawing, setDrawing] = useState(false);
  const found = useQuery({ queryKey: KEY(camera.id), queryFn: () => take(api.GET("/api/cameras/{camera_id}/zones", { params: { path: { camera_id: camera.id } } })), refetchInterval: 15_000 });
  const zones = found.data;
  if (zones === undefined) return <Problem error={found.error} onRetry={() => void found.refetch()} />;
  const last = zones.history[0];
  return (
    <section className="stack zones" aria-label={t("zones.title")}>
      <h3 className="cap">{t("zones.title")}</h3>
      <p>
        <Count zones={zones.zones} />
      </p>
      <p className="dim xs">
        {zones.fromFile ? t("zones.byFile") : ""} {last === undefined ? "" : t(last.agreedBy === "" ? "zones.drawnBy" : "zones.drawnByTwo", { name: last.setBy, second: last.agreedBy, time: dayClock(last.since, i18n.language) })}
      </p>
      <InCamera zones={zones} />
      {zones.waiting == null ? null : <Waiting camera={camera.id} waiting={zones.waiting} inCamera={zones.inCamera} />}
      {may("cameras.zones") && picture !== null && zones.waiting == null ? (
        <div className="row wrap">
          <button type="button" className="btn" onClick={() => setDrawing(true)}>
            <Icon name="pen" />
            {t("zones.draw")}
          </button>
        </div>
      ) : null}
      {drawing ? <Drawing camera={camera} zones={zones} picture={picture} onClose={() => setDrawing(false)} /> : null}
    </section>
  );
}

function Count({ zones: { plates, ignored, private: masks } }: { zones: ZoneSet }) {
  const { t } = useTranslation();
  return (
    <>
      {plates.length === 0 ? t("zones.everywhere") : t("zones.count.plates", { count: plates.length })} {ignored.length === 0 ? t("zones.allLookedAt") : t("zones.count.ignored", { count: ignored.length })} {masks.length === 0 ? "" : t("zones.count.private", { count: masks.length })}
    </>
  );
}

/** What the camera itself holds of the masks, and what keeps it from holding all; nothing where nobody asked it to. */
function InCamera({ zones: { inCamera, held, history } }: { zones: CameraZones }) {
  const { t, i18n } = useTranslation();
  if (!inCamera) return held.held === 0 ? null : <p>{t("zones.cameraFrees")}</p>;
  const seen = held.checked != null && held.checked > (history[0]?.since ?? "") ? held.checked : null;
  return (
    <>
      <p>{seen === null ? t("zones.cameraAsked") : t("zones.cameraHolds", { held: held.held, wanted: held.wanted, time: dayClock(seen, i18n.language) })}</p>
      {held.problem === "" ? null : (
        <p className="note err">
          <Icon name="warn" size="sm" />
          <Told of={held} />
        </p>
      )}
    </>
  );
}

function kept(camera: string, onDone?: () => void) {
  return (zones: CameraZones) => {
    queryClient.setQueryData(KEY(camera), zones);
    void queryClient.invalidateQueries({ queryKey: ["cameras", camera, "plate-widths"] });
    onDone?.();
  };
}

/** A change that uncovers something: who asked and why; another person agrees or refuses, whoever asked takes it back. */
function Waiting({ camera, waiting, inCamera }: { camera: string; waiting: NonNullable<CameraZones["waiting"]>; inCamera: boolean }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const [note, setNote] = useState("");
  const answer = useMutation({
    mutationFn: (agree: boolean) => take(api.POST("/api/cameras/{camera_id}/zones/answer", { params: { path: { camera_id: camera } }, body: { agree, note } })),
    onSuccess: kept(camera),
  });
  return (
    <div className="note stack">
      <p>{t(waiting.released ? "zones.released" : "zones.waits", { name: waiting.askedBy, time: dayClock(waiting.asked, i18n.language), until: dayClock(waiting.answerBy, i18n.language) })}</p>
      <p>{t("zones.because", { reason: waiting.reason })}</p>
      <p className="dim">
        {t("zones.wouldBe")} <Count zones={waiting.zones} /> {waiting.inCamera === inCamera ? "" : t(waiting.inCamera ? "zones.wouldHold" : "zones.wouldFree")}
      </p>
      {may("cameras.zones") ? (
        <>
          {waiting.own ? null : (
            <div className="field">
              <label htmlFor={id}>{t("zones.note")}</label>
              <input id={id} className="in" maxLength={500} value={note} autoComplete="off" onChange={(event) => setNote(event.currentTarget.value)} />
            </div>
          )}
          <Problem error={answer.error} />
          <div className="row wrap">
            {waiting.own && !waiting.released ? null : (
              <button type="button" className="btn p" disabled={answer.isPending} onClick={() => answer.mutate(true)}>
                {t(waiting.released ? "zones.bringIn" : "zones.agree")}
              </button>
            )}
            <button type="button" className="btn" disabled={answer.isPending} onClick={() => answer.mutate(false)}>
              {t(waiting.own ? "zones.takeBack" : "zones.refuse")}
            </button>
          </div>
        </>
      ) : null}
    </div>
  );
}

/** The picture with the zones over it. Every change can be gone back from; nothing holds before it is kept. */
function Drawing({ camera, zones, picture, onClose }: { camera: Camera; zones: CameraZones; picture: ReactNode; onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [drawn, setDrawn] = useState<readonly Drawn[]>(() => drawnOf(zones.zones));
  const [inCamera, setInCamera] = useState(zones.inCamera);
  const [past, setPast] = useState<readonly (readonly Drawn[])[]>([]);
  const remember = () => setPast([...past.slice(-99), drawn]);
  const change = (next: readonly Drawn[]) => {
    remember();
    setDrawn(next);
  };
  const undo = () => {
    const before = past.at(-1);
    if (before === undefined) return;
    setPast(past.slice(0, -1));
    setDrawn(before);
  };
  const reshape = (key: string | number, corners: (zone: Drawn) => Drawn["corners"]) => setDrawn((now) => now.map((zone) => (zone.id === key ? { ...zone, corners: corners(zone) } : zone)));
  const save = useMutation({
    mutationFn: ({ set, fromFile, reason }: { set: ZoneSet; fromFile: boolean; reason: string }) => take(api.PUT("/api/cameras/{camera_id}/zones", { params: { path: { camera_id: camera.id } }, body: { zones: set, fromFile, inCamera, reason } })),
    onSuccess: kept(camera.id, onClose),
  });
  const wrong = fault(drawn, t);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const asFile = JSON.stringify(zonesOf(drawn)) === JSON.stringify(zonesOf(drawnOf(zones.file)));
    save.mutate({ set: zonesOf(drawn), fromFile: asFile, reason: String(new FormData(event.currentTarget).get("reason") ?? "") });
  };
  const keys = (event: React.KeyboardEvent) => {
    if (event.code !== "KeyZ" || !(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    undo();
  };
  return (
    <Dialog title={t("zones.of", { camera: `${camera.id} ${camera.name}` })} onClose={onClose} unsaved={past.length > 0 || inCamera !== zones.inCamera} wide>
      {/* Keys that nothing inside has used: Ctrl+Z goes back one step. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <form onSubmit={submit} onKeyDown={keys}>
        <div className="pb stack zones">
          <figure className="tile wide16" aria-label={`${camera.id} ${camera.name}`}>
            {picture}
            <Polygons
              className="zone-over"
              label={t("zones.title")}
              shapes={drawn.map((zone) => ({ key: zone.id, className: zone.kind, corners: zone.corners, cornerName: (corner) => t("zones.corner", { name: t(`zones.name.${zone.kind}`, { number: numberOf(drawn, zone) }), corner }) }))}
              onBegin={remember}
              onMove={(key, corners) => reshape(key, () => corners)}
              onSplit={(key, corner) => reshape(key, (zone) => split(zone.corners, corner))}
              onRemove={(key, corner) => reshape(key, (zone) => without(zone.corners, corner))}
            />
          </figure>
          <div className="row wrap">
            {KINDS.map((kind) => (
              <button key={kind} type="button" className="btn" onClick={() => change([...drawn, newZone(drawn, kind)])}>
                <Icon name="plus" />
                {t(`zones.add.${kind}`)}
              </button>
            ))}
            <button type="button" className="btn" disabled={past.length === 0} onClick={undo}>
              {t("zones.undo")}
              <kbd>Ctrl Z</kbd>
            </button>
            <button type="button" className="btn" onClick={() => change(drawnOf(zones.file))}>
              {t("zones.toFile")}
            </button>
          </div>
          <p className="dim xs">{t("zones.hint")}</p>
          <List drawn={drawn} onChange={change} />
          <HeldToo held={zones.held} chosen={inCamera} onChoose={setInCamera} />
          <div className="field">
            <label htmlFor={id}>{t("zones.reason")}</label>
            <input id={id} name="reason" className="in" maxLength={500} autoComplete="off" />
          </div>
          {wrong === "" ? null : (
            <p className="note err" role="alert">
              <Icon name="warn" size="sm" />
              <span>{wrong}</span>
            </p>
          )}
          <Problem error={save.error} />
        </div>
        <FormEnd act={t("zones.keep")} disabled={wrong !== "" || save.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** Whether the camera itself is to hold the masks too; nothing for a camera that was never asked what it can hold. */
function HeldToo({ held, chosen, onChoose }: { held: CameraZones["held"]; chosen: boolean; onChoose: (chosen: boolean) => void }) {
  const { t } = useTranslation();
  if (held.mostMasks == null && !chosen) return null;
  if (held.mostMasks === 0 && !chosen) return <p className="dim xs">{t("zones.inCameraNot")}</p>;
  return (
    <label className="ck">
      <input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
      <span>
        {t("zones.inCamera")}
        <span className="hint">
          {t("zones.inCameraHint")} {held.onlyRectangles ? t("zones.inCameraRectangles") : ""}
        </span>
      </span>
    </label>
  );
}

function List({ drawn, onChange }: { drawn: readonly Drawn[]; onChange: (drawn: readonly Drawn[]) => void }) {
  const { t } = useTranslation();
  if (drawn.length === 0) return <p className="dim">{t("zones.nothing")}</p>;
  return (
    <ul className="zone-list" aria-label={t("zones.title")}>
      {drawn.map((zone) => {
        const name = t(`zones.name.${zone.kind}`, { number: numberOf(drawn, zone) });
        return (
          <li key={zone.id} className="row">
            <span className={`swatch ${zone.kind}`} aria-hidden="true" />
            <b className="nw">{name}</b>
            <span className="dim">{t("zones.corners", { count: zone.corners.length })}</span>
            <span className="sp" />
            <button type="button" className="btn sq" aria-label={t("zones.remove", { name })} title={t("zones.remove", { name })} onClick={() => onChange(drawn.filter((one) => one !== zone))}>
              <Icon name="x" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
