/** The lawful reason on the screen: under which permit this is done, how long it lasts, and the way to another. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Permit } from "../api/client";
import { may, useCameras, useClosePermit, useOpenPermit } from "../api/queries";
import { dayClock, now, parseMoment, useNow } from "../base/time";
import { Dialog } from "../parts/Dialog";
import { FormEnd } from "../parts/FormEnd";
import { Icon } from "../parts/Icon";
import { MomentField } from "../parts/MomentField";
import { Problem } from "../parts/Problem";
import { chosenPermit, leftOf, openable, type PURPOSES, REVIEW } from "./permits";

function useLeft(permit: Permit): string {
  const { t } = useTranslation();
  useNow();
  const minutes = Math.max(0, Math.ceil(leftOf(permit) / 60_000));
  return minutes >= 60 ? t("permit.hoursLeft", { hours: Math.floor(minutes / 60), minutes: minutes % 60 }) : t("permit.minutesLeft", { minutes });
}

function usePurpose(): (purpose: string) => string {
  const { t, i18n } = useTranslation();
  return (purpose) => (i18n.exists(`purpose.${purpose}`) ? t(`purpose.${purpose}`) : purpose);
}

export interface PermitBarProps {
  permit: Permit | null;
  permits: readonly Permit[];
  pending: boolean;
  error: unknown;
  /** What cannot be done without a permit, as a sentence. */
  why: string;
  /** The purposes that cover what the screen does. */
  purposes: readonly StatedPurpose[];
}

export function PermitBar({ permit, permits, pending, error, why, purposes }: PermitBarProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <section className="panel permit" aria-label={t("permit.title")}>
      <Icon name="key" />
      {permit === null ? (
        <>
          <b className="m">{t(pending ? "permit.asking" : "permit.none")}</b>
          <span className="dim grow-tr">{error ? "" : why}</span>
          <Problem error={error} />
          {may("permits.open") ? (
            <button type="button" className="btn p" onClick={() => setOpen(true)}>
              {t("permit.open")}
            </button>
          ) : (
            <span className="dim">{t("permit.notYou")}</span>
          )}
        </>
      ) : (
        <>
          <Terms permit={permit} />
          <button type="button" className="btn" onClick={() => setOpen(true)}>
            {t("permit.change")}
          </button>
        </>
      )}
      {open ? <PermitDialog permit={permit} permits={permits} purposes={purposes} onClose={() => setOpen(false)} /> : null}
    </section>
  );
}

function Terms({ permit }: { permit: Permit }) {
  const { t } = useTranslation();
  const purpose = usePurpose();
  const left = useLeft(permit);
  const reach = useReach();
  const facts = [purpose(permit.purpose), permit.purpose === REVIEW ? "" : t("permit.case", { number: permit.caseRef }), permit.ground, ...reach(permit)].filter(Boolean).join(" · ");
  return (
    <>
      <b className="m nw">{t("permit.number", { number: permit.number })}</b>
      <span className="tr grow-tr">{facts}</span>
      <span className="vr hide-p" />
      <span className="nw dim">{left}</span>
    </>
  );
}

/** Take up an open permit, close one, or open a new one by purpose, ground, case and time. */
export function PermitDialog({ permit, permits, purposes, onClose }: { permit: Permit | null; permits: readonly Permit[]; purposes: readonly StatedPurpose[]; onClose: () => void }) {
  const { t } = useTranslation();
  const purposeText = usePurpose();
  const closing = useClosePermit();
  return (
    <Dialog title={t("permit.title")} onClose={onClose}>
      {permits.length === 0 ? null : (
        <ul className="permits" aria-label={t("permit.yours")}>
          {permits.map((one) => (
            <li key={one.id} className="row">
              <button
                type="button"
                className="btn q grow-btn"
                aria-pressed={one.id === permit?.id}
                onClick={() => {
                  chosenPermit.set(one.id);
                  onClose();
                }}
              >
                <b>{one.number}</b>
                <span className="tr">
                  {purposeText(one.purpose)}
                  {one.purpose === REVIEW ? "" : ` · ${one.caseRef}`}
                </span>
              </button>
              <button type="button" className="btn q" disabled={closing.isPending} onClick={() => closing.mutate(one.id)}>
                {t("permit.close")}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Problem error={closing.error} />
      <PermitForm purposes={purposes} onDone={onClose} />
    </Dialog>
  );
}

/** Narrower than all cameras and all time, where the case is. */
function Reach() {
  const { t } = useTranslation();
  const id = useId();
  const cameras = useCameras().data ?? [];
  return (
    <details>
      <summary>{t("permit.reach")}</summary>
      <div className="stack reach">
        <div className="field">
          <label htmlFor={id}>{t("permit.reachCameras")}</label>
          <select id={id} name="camera" className="in l many" multiple size={Math.min(5, Math.max(2, cameras.length))}>
            {cameras.map((camera) => (
              <option key={camera.id} value={camera.id}>
                {camera.id} {camera.name}
              </option>
            ))}
          </select>
        </div>
        <div className="two">
          <MomentField name="from" label={t("permit.reachFrom")} value={undefined} />
          <MomentField name="to" label={t("permit.reachTo")} value={undefined} />
        </div>
      </div>
    </details>
  );
}

/** Where and when a permit counts, as short words; none for one that counts everywhere. */
function useReach(): (permit: Permit) => string[] {
  const { i18n } = useTranslation();
  return (permit) => {
    const [from, to] = [permit.reachFrom, permit.reachTo].map((moment) => (moment == null ? "" : dayClock(moment, i18n.language)));
    return [permit.cameras?.join(", ") ?? "", from === "" && to === "" ? "" : `${from} – ${to}`];
  };
}

type StatedPurpose = (typeof PURPOSES)[number];

const HOURS = [1, 4, 8, 12] as const;

function PermitForm({ purposes, onDone }: { purposes: readonly StatedPurpose[]; onDone: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const opening = useOpenPermit();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const moment = (name: string) => (word(name) === "" ? null : new Date(parseMoment(word(name), now())).toISOString());
    const body = { purpose: word("purpose") as StatedPurpose, ground: word("ground"), caseRef: word("case"), hours: Number(word("hours")), cameras: form.getAll("camera").map(String), reachFrom: moment("from"), reachTo: moment("to") };
    opening.mutate(body, {
      onSuccess: (made) => {
        chosenPermit.set(made.id);
        onDone();
      },
    });
  };
  return (
    <form onSubmit={submit}>
      <div className="pb stack">
        <h3 className="cap">{t("permit.new")}</h3>
        <div className="field">
          <label htmlFor={`${id}p`}>{t("field.purpose")}</label>
          <select id={`${id}p`} name="purpose" className="in l" required defaultValue="">
            <option value="" disabled>
              {t("field.choose")}
            </option>
            {openable(purposes).map((purpose) => (
              <option key={purpose} value={purpose}>
                {t(`purpose.${purpose}`)}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor={`${id}g`}>{t("field.ground")}</label>
          <input id={`${id}g`} name="ground" className="in l" required maxLength={300} autoComplete="off" placeholder={t("permit.groundHint")} />
        </div>
        <div className="two">
          <div className="field">
            <label htmlFor={`${id}c`}>{t("field.case")}</label>
            <input id={`${id}c`} name="case" className="in l" required maxLength={100} autoComplete="off" spellCheck={false} />
          </div>
          <div className="field">
            <label htmlFor={`${id}h`}>{t("permit.hours")}</label>
            <select id={`${id}h`} name="hours" className="in l" defaultValue="8">
              {HOURS.map((hours) => (
                <option key={hours} value={hours}>
                  {t("hours", { count: hours })}
                </option>
              ))}
            </select>
          </div>
        </div>
        <Reach />
        <p className="note">
          <Icon name="shield" size="sm" />
          <span>{t("permit.recorded")}</span>
        </p>
        <Problem error={opening.error} />
      </div>
      <FormEnd act={t("permit.open")} disabled={opening.isPending} onClose={onDone} />
    </form>
  );
}
