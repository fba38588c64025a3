/** Plate search: no permit, no form. Reads by text, time, camera, country and looks; each search is on the audit record. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

import { api, cropUrl, type Permit, type PlateRead, take } from "../../api/client";
import { useCameras } from "../../api/queries";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { dayClock, now } from "../../base/time";
import { PlateMark, spaced, Sureness } from "../../parts/marks";
import { Empty, Problem } from "../../parts/Problem";
import { PermitBar } from "../../permits/PermitBar";
import { SOUGHT_PURPOSES, usePlatePermit } from "../../permits/permits";
import { countryName, shortDirection, sureWord, vehicleWords } from "./looks";
import { ReadPanel } from "./ReadPanel";
import { type Asked, DEFAULT_BACK_MS, SearchForm } from "./SearchForm";

const LIMIT = 200;

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
    ...(search.country === undefined ? {} : { country: [search.country] }),
    ...(search.vehicle === undefined ? {} : { vehicle: [search.vehicle] }),
    ...(search.colour === undefined ? {} : { colour: [search.colour] }),
  };
  return useQuery({
    queryKey: ["plates", search.text, search.from, search.to, search.camera, search.country, search.vehicle, search.colour, search.alike, search.parts, permit.id],
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
    const next = neighbour(reads, (read) => read.id === selected?.id, by);
    if (next !== undefined) {
      select(next.id);
      document.querySelector(`[data-read="${CSS.escape(next.id)}"]`)?.scrollIntoView({ block: "nearest" });
    }
  };
  useKeys(stepKeys(step));
  return (
    <>
      <SearchForm key={`${search.text}${search.from}${search.to}${search.camera}${search.country}${search.vehicle}${search.colour}`} search={search} pending={found.isFetching} onAgain={() => void found.refetch()} />
      <Results found={found} asked={isAsked(search)} search={search} permit={permit} selected={selected?.id} onSelect={select} />
      <ReadPanel read={selected} permit={permit} onStep={step} />
    </>
  );
}

interface ResultsProps {
  found: ReturnType<typeof useReads>;
  asked: boolean;
  search: Asked;
  permit: Permit;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

/** What was asked, in words: the text, then country, class and colour. */
function askedWords(search: Asked, t: TFunction, language: string): string {
  const country = search.country === undefined ? "" : countryName(search.country, language);
  const vehicle = search.vehicle === undefined ? "" : t(`vehicle.${search.vehicle}`);
  const colour = search.colour === undefined ? "" : t(`colour.${search.colour}`);
  return [search.text || t("plates.every"), country, vehicle, colour].filter((word) => word !== "").join(" · ");
}

function Results({ found, asked, search, permit, selected, onSelect }: ResultsProps) {
  const { t, i18n } = useTranslation();
  const reads = found.data?.reads ?? [];
  const narrowed = search.country !== undefined || search.vehicle !== undefined || search.colour !== undefined;
  return (
    <section className="panel" aria-labelledby="results-heading" aria-busy={found.isFetching}>
      <div className="ph">
        <h2 id="results-heading">{t("plates.results")}</h2>
        <span className="sub">{asked ? askedWords(search, t, i18n.language) : ""}</span>
      </div>
      {found.error === null ? null : (
        <div className="pb">
          <Problem error={found.error} onRetry={() => void found.refetch()} />
        </div>
      )}
      {!asked ? <Empty title={t("plates.start")} hint={t("plates.startHint")} /> : null}
      {asked && found.isSuccess && reads.length === 0 ? <Empty title={t("plates.none")} hint={t(narrowed ? "plates.noneNarrowed" : "plates.noneHint")} /> : null}
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
        <col className="c-crop hide-p" />
        <col className="c-plate" />
        <col className="c-conf" />
        <col className="c-next hide-s" />
        <col className="c-looks" />
        <col />
        <col className="c-time" />
        <col className="c-list" />
      </colgroup>
      <thead>
        <tr>
          <th className="hide-p">{t("plates.crop")}</th>
          <th>{t("field.plate")}</th>
          <th className="num">{t("plates.confidence")}</th>
          <th className="hide-s">{t("plates.nextBest")}</th>
          <th>{t("plates.vehicle")}</th>
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
  const looks = vehicleWords(read, t, i18n.language);
  const drives = shortDirection(read, t);
  const country = read.country == null ? t("plates.countryUnknown") : countryName(read.country, i18n.language);
  const origin = read.text.includes("?") ? t("plates.partialRead") : country;
  const second = read.alternatives.find((other) => other.text !== read.text);
  return (
    // The button in the row answers the keys; a click anywhere in the row is the second way.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr data-read={read.id} aria-selected={selected} onClick={onSelect}>
      {/* The picture says nothing that the text beside it does not. */}
      {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label */}
      <td className="hide-p">
        <img className="mini-crop" src={cropUrl(read.id, permit.id)} alt="" loading="lazy" />
      </td>
      <td>
        <button type="button" className="bare-btn" aria-pressed={selected} onClick={onSelect}>
          <PlateMark text={read.text} country={read.country} />
        </button>
        <div className="l2" title={origin}>
          {origin}
        </div>
      </td>
      <td className="num">
        <Sureness value={read.confidence} />
        {read.confidence == null ? null : <div className="l2">{sureWord(read.confidence, t)}</div>}
      </td>
      <td className="dim hide-s">{second === undefined ? "" : `${spaced(second.text)} ${second.confidence.toFixed(2)}`}</td>
      <td title={[looks, drives].filter((word) => word !== "").join(", ")}>
        <div className="tr">{looks || <span className="dim">{t("plates.unknown")}</span>}</div>
        <div className="l2">{drives}</div>
      </td>
      <td>
        <b>{read.cameraId}</b> <span className="dim">{camera?.name}</span>
      </td>
      <td className="num">{dayClock(read.time, i18n.language)}</td>
      <td>{read.listed ? <span className="tag listed">{t("plates.listed")}</span> : null}</td>
    </tr>
  );
}

