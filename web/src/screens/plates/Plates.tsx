/** Plate search: no permit, no form. Reads by text, time and camera; each search is on the audit record. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

import { api, cropUrl, type Permit, type PlateRead, take } from "../../api/client";
import { useCameras, useNode } from "../../api/queries";
import { useKeys } from "../../base/keys";
import { dayClock, now, parseMoment, zoneName } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Confidence, PlateMark, spaced } from "../../parts/marks";
import { MomentField } from "../../parts/MomentField";
import { Empty, Problem } from "../../parts/Problem";
import { PermitBar } from "../../permits/PermitBar";
import { SOUGHT_PURPOSES, usePlatePermit } from "../../permits/permits";
import { byTown } from "../wall/layout";
import { ReadPanel } from "./ReadPanel";

const LIMIT = 200;
const DEFAULT_BACK_MS = 24 * 3_600_000;

export function Plates() {
  const { t } = useTranslation();
  const under = usePlatePermit();
  return (
    <main id="main" className="pls">
      <PermitBar {...under} purposes={SOUGHT_PURPOSES} why={t("permit.whyPlates")} />
      {under.permit === null ? (
        <section className="panel fill">
          <Empty title={t(under.pending ? "permit.asking" : "permit.nothingWithout")} hint={t("permit.whyPlates")} />
        </section>
      ) : (
        <Search permit={under.permit} />
      )}
    </main>
  );
}

interface Asked {
  text?: string;
  camera?: string;
  from?: string;
  to?: string;
  alike?: boolean;
  parts?: boolean;
  read?: string;
}

/** Whether the address holds a search: an empty text is every plate, so the times decide. */
function isAsked(search: { text?: string; from?: string }): boolean {
  return search.from !== undefined || search.text !== undefined;
}

function useReads(search: Asked, permit: Permit) {
  const query = {
    from: search.from ?? new Date(Math.floor((now() - DEFAULT_BACK_MS) / 60_000) * 60_000).toISOString(),
    to: search.to ?? new Date(Math.ceil(now() / 60_000) * 60_000).toISOString(),
    text: search.text ?? "",
    alike: search.alike !== false,
    parts: search.parts !== false,
    permit: permit.id,
    limit: LIMIT,
    ...(search.camera === undefined ? {} : { camera: [search.camera] }),
  };
  return useQuery({
    queryKey: ["plates", search.text, search.from, search.to, search.camera, search.alike, search.parts, permit.id],
    queryFn: ({ signal }) => take(api.GET("/api/plates", { params: { query }, signal })),
    enabled: isAsked(search),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

function Search({ permit }: { permit: Permit }) {
  const search = useSearch({ from: "/frame/plates" });
  const navigate = useNavigate({ from: "/plates" });
  const found = useReads(search, permit);
  const reads = found.data?.reads ?? [];
  const selected = reads.find((read) => read.id === search.read) ?? reads[0];
  const select = (id: string) => void navigate({ search: (old) => ({ ...old, read: id }), replace: true });
  const step = (by: number) => {
    const at = reads.findIndex((read) => read.id === selected?.id);
    const next = reads[Math.max(0, Math.min(reads.length - 1, at + by))];
    if (next !== undefined) {
      select(next.id);
      document.querySelector(`[data-read="${CSS.escape(next.id)}"]`)?.scrollIntoView({ block: "nearest" });
    }
  };
  useKeys({ KeyJ: () => step(1), "Shift+KeyJ": () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1) });
  return (
    <>
      <SearchForm key={`${search.text}${search.from}${search.to}${search.camera}`} search={search} pending={found.isFetching} onAgain={() => void found.refetch()} />
      <Results found={found} asked={isAsked(search)} text={search.text ?? ""} permit={permit} selected={selected?.id} onSelect={select} />
      <ReadPanel read={selected} permit={permit} onStep={step} />
    </>
  );
}

function SearchForm({ search, pending, onAgain }: { search: Asked; pending: boolean; onAgain: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const navigate = useNavigate({ from: "/plates" });
  const cameras = useCameras().data ?? [];
  const towns = byTown(cameras, useNode().data?.town);
  const text = useRef<HTMLInputElement>(null);
  useKeys({ Slash: () => text.current?.focus() });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const moment = (name: string) => {
      const wall = parseMoment(String(form.get(name) ?? ""), now());
      return Number.isFinite(wall) ? new Date(wall).toISOString() : undefined;
    };
    const next = { text: String(form.get("text") ?? "").trim().toLocaleUpperCase() || undefined, from: moment("from"), to: moment("to"), camera: String(form.get("camera") ?? "") || undefined, alike: form.get("alike") === null ? false : undefined, parts: form.get("parts") === null ? false : undefined, read: undefined };
    const same = next.text === search.text && next.from === search.from && next.to === search.to && next.camera === search.camera && next.alike === search.alike && next.parts === search.parts;
    if (same) onAgain();
    else void navigate({ search: next });
  };
  const from = search.from === undefined ? now() - DEFAULT_BACK_MS : Date.parse(search.from);
  return (
    <form className="panel search" role="search" aria-label={t("screen.plates")} onSubmit={submit}>
      <div className="field grow">
        <label htmlFor={`${id}t`}>{t("plates.text")}</label>
        <input ref={text} id={`${id}t`} name="text" className="in plate-in" maxLength={20} autoComplete="off" autoCapitalize="characters" spellCheck={false} defaultValue={search.text ?? ""} placeholder="BH 482? *" />
      </div>
      <MomentField name="from" label={t("plates.from", { zone: zoneName(from) })} value={from} required />
      <MomentField name="to" label={t("plates.to")} value={search.to === undefined ? undefined : Date.parse(search.to)} />
      <div className="field">
        <label htmlFor={`${id}c`}>{t("field.camera")}</label>
        <select id={`${id}c`} name="camera" className="in" defaultValue={search.camera ?? ""}>
          <option value="">{t("plates.allCameras")}</option>
          {towns.map(([town, list]) => (
            <optgroup key={town} label={town}>
              {list
                .filter((camera) => camera.readsPlates)
                .map((camera) => (
                  <option key={camera.id} value={camera.id}>
                    {camera.id} {camera.name}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </div>
      <label className="ck alike" title={t("plates.alikeHint")}>
        <input type="checkbox" name="alike" defaultChecked={search.alike !== false} />
        <span className="nw">{t("plates.alike")}</span>
      </label>
      <label className="ck alike" title={t("plates.partsHint")}>
        <input type="checkbox" name="parts" defaultChecked={search.parts !== false} />
        <span className="nw">{t("plates.parts")}</span>
      </label>
      <button type="submit" className="btn p l" disabled={pending}>
        <Icon name="search" />
        {t("plates.search")}
        <kbd>Enter</kbd>
      </button>
    </form>
  );
}

interface ResultsProps {
  found: ReturnType<typeof useReads>;
  asked: boolean;
  text: string;
  permit: Permit;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

function Results({ found, asked, text, permit, selected, onSelect }: ResultsProps) {
  const { t, i18n } = useTranslation();
  const reads = found.data?.reads ?? [];
  return (
    <section className="panel" aria-labelledby="results-heading" aria-busy={found.isFetching}>
      <div className="ph">
        <h2 id="results-heading">{t("plates.results")}</h2>
        <span className="sub">{asked ? text || t("plates.every") : ""}</span>
      </div>
      {found.error === null ? null : (
        <div className="pb">
          <Problem error={found.error} onRetry={() => void found.refetch()} />
        </div>
      )}
      {!asked ? <Empty title={t("plates.start")} hint={t("plates.startHint")} /> : null}
      {asked && found.isSuccess && reads.length === 0 ? <Empty title={t("plates.none")} hint={t("plates.noneHint")} /> : null}
      {reads.length === 0 ? null : (
        <div className="scroll grow">
          <ReadTable reads={reads} permit={permit} selected={selected} onSelect={onSelect} />
        </div>
      )}
      <div className="pf dim" aria-live="polite">
        {found.data === undefined || !asked ? null : (
          <>
            <span>{t("plates.found", { count: reads.length })}</span>
            {reads.length >= LIMIT ? <span>{t("plates.limit", { count: LIMIT })}</span> : null}
            <span className="sp" />
            <span>{t("plates.searched", { count: found.data.searched, number: found.data.searched.toLocaleString(i18n.language), ms: Math.max(1, Math.round(found.data.tookMs)) })}</span>
          </>
        )}
      </div>
    </section>
  );
}

function ReadTable({ reads, permit, selected, onSelect }: { reads: readonly PlateRead[]; permit: Permit; selected: string | undefined; onSelect: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <table className="t pt">
      <caption className="vh">{t("plates.results")}</caption>
      <colgroup>
        <col className="c-crop" />
        <col className="c-plate" />
        <col className="c-conf" />
        <col className="c-next hide-s" />
        <col />
        <col className="c-time" />
        <col className="c-list" />
      </colgroup>
      <thead>
        <tr>
          <th>{t("plates.crop")}</th>
          <th>{t("field.plate")}</th>
          <th className="num">{t("plates.confidence")}</th>
          <th className="hide-s">{t("plates.nextBest")}</th>
          <th>{t("field.camera")}</th>
          <th className="num" aria-sort="descending">
            {t("alarm.time")} ↓
          </th>
          <th>{t("plates.list")}</th>
        </tr>
      </thead>
      <tbody>
        {reads.map((read) => (
          <ReadRow key={read.id} read={read} permit={permit} selected={read.id === selected} onSelect={() => onSelect(read.id)} />
        ))}
      </tbody>
    </table>
  );
}

function ReadRow({ read, permit, selected, onSelect }: { read: PlateRead; permit: Permit; selected: boolean; onSelect: () => void }) {
  const { t, i18n } = useTranslation();
  const camera = useCameras().data?.find((one) => one.id === read.cameraId);
  const second = read.alternatives.find((other) => other.text !== read.text);
  return (
    // The button in the row answers the keys; a click anywhere in the row is the second way.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr data-read={read.id} aria-selected={selected} onClick={onSelect}>
      {/* The picture says nothing that the text beside it does not. */}
      {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label */}
      <td>
        <img className="mini-crop" src={cropUrl(read.id, permit.id)} alt="" loading="lazy" />
      </td>
      <td>
        <button type="button" className="bare-btn" aria-pressed={selected} onClick={onSelect}>
          <PlateMark text={read.text} country={read.country} />
        </button>
      </td>
      <td className="num">
        <Confidence value={read.confidence} />
      </td>
      <td className="dim hide-s">{second === undefined ? "" : `${spaced(second.text)} ${second.confidence.toFixed(2)}`}</td>
      <td>
        <b>{read.cameraId}</b> <span className="dim">{camera?.name}</span>
      </td>
      <td className="num">{dayClock(read.time, i18n.language)}</td>
      <td>{read.listed ? <span className="tag listed">{t("plates.listed")}</span> : null}</td>
    </tr>
  );
}

