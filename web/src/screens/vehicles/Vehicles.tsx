/** Vehicles that passed cameras, by looks, place and time: no permit, no form; each page that is asked for is on the record. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

import type { Permit, VehiclePassage } from "../../api/client";
import { useCamera } from "../../api/queries";
import { neighbour, stepKeys, useKeys } from "../../base/keys";
import { dayClock, length } from "../../base/time";
import { PlateMark } from "../../parts/marks";
import { Empty, Problem } from "../../parts/Problem";
import { PermitBar } from "../../permits/PermitBar";
import { SOUGHT_PURPOSES, usePlatePermit } from "../../permits/permits";
import { shortDirection, vehicleWords } from "../plates/looks";
import { PassagePanel } from "./PassagePanel";
import { type Asked, isAsked, isNarrowed, usePassages } from "./passages";
import { VehicleForm } from "./VehicleForm";

export function Vehicles() {
  const { t } = useTranslation();
  const under = usePlatePermit();
  return (
    <main id="main" className="pls">
      <PermitBar {...under} purposes={SOUGHT_PURPOSES} why={t("permit.whyVehicles")} />
      {under.permit === null ? (
        <section className="panel fill">
          <Empty title={t(under.pending ? "permit.asking" : "permit.nothingWithout")} hint={t("permit.whyVehicles")} />
        </section>
      ) : (
        <Search permit={under.permit} />
      )}
    </main>
  );
}

function Search({ permit }: { permit: Permit }) {
  const search = useSearch({ from: "/frame/vehicles" });
  const navigate = useNavigate({ from: "/vehicles" });
  const found = usePassages(search, permit);
  const passages = isAsked(search) ? (found.data?.pages.flatMap((page) => page.passages) ?? []) : [];
  const selected = passages.find((passage) => passage.id === search.passage) ?? passages[0];
  const select = (id: string) => void navigate({ search: (old) => ({ ...old, passage: id }), replace: true });
  const step = (by: number) => {
    const next = neighbour(passages, (passage) => passage.id === selected?.id, by);
    if (next !== undefined) {
      select(next.id);
      document.querySelector(`[data-passage="${CSS.escape(next.id)}"]`)?.scrollIntoView({ block: "nearest" });
    }
  };
  useKeys(stepKeys(step));
  const { passage: _, ...asked } = search;
  return (
    <>
      <VehicleForm key={JSON.stringify(asked)} search={search} pending={found.isFetching} onAgain={() => void found.refetch()} />
      <Results found={found} passages={passages} search={search} selected={selected?.id} onSelect={select} />
      <PassagePanel passage={selected} permit={permit} onStep={step} />
    </>
  );
}

/** What was asked, in words. */
function askedWords(search: Asked, t: TFunction, language: string): string {
  const looks = vehicleWords({ vehicleClass: search.vehicle ?? null, vehicleColour: search.colour ?? null }, t, language);
  const drives = search.direction === undefined ? "" : t(`plates.drives.${search.direction}`);
  const plate = search.plate === undefined ? "" : t(`vehicles.plate.${search.plate}`);
  return [looks || t("vehicles.every"), drives, plate].filter((word) => word !== "").join(" · ");
}

interface ResultsProps {
  found: ReturnType<typeof usePassages>;
  passages: readonly VehiclePassage[];
  search: Asked;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

function Results({ found, passages, search, selected, onSelect }: ResultsProps) {
  const { t, i18n } = useTranslation();
  const asked = isAsked(search);
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
      {!asked ? <Empty title={t("plates.start")} hint={t("vehicles.startHint")} /> : null}
      {asked && found.isSuccess && passages.length === 0 ? <Empty title={t("vehicles.none")} hint={t(isNarrowed(search) ? "vehicles.noneNarrowed" : "vehicles.noneHint")} /> : null}
      {passages.length === 0 ? null : (
        <div className="scroll grow">
          <PassageTable passages={passages} selected={selected} onSelect={onSelect} />
          {found.hasNextPage ? (
            <div className="pad">
              <button type="button" className="btn fill" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {t("vehicles.older")}
              </button>
            </div>
          ) : null}
        </div>
      )}
      <Count found={found} passages={passages} asked={asked} />
    </section>
  );
}

function Count({ found, passages, asked }: { found: ResultsProps["found"]; passages: readonly VehiclePassage[]; asked: boolean }) {
  const { t, i18n } = useTranslation();
  const last = asked ? found.data?.pages.at(-1) : undefined;
  return (
    <div className="pf dim" aria-live="polite">
      {last === undefined ? null : (
        <>
          <span>{t("vehicles.found", { count: passages.length })}</span>
          {found.hasNextPage ? <span>{t("vehicles.more")}</span> : null}
          <span className="sp" />
          <span>{t("vehicles.searched", { count: last.searched, number: last.searched.toLocaleString(i18n.language), ms: Math.max(1, Math.round(last.tookMs)) })}</span>
        </>
      )}
    </div>
  );
}

function PassageTable({ passages, selected, onSelect }: { passages: readonly VehiclePassage[]; selected: string | undefined; onSelect: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <table className="t pt vt">
      <caption className="vh">{t("plates.results")}</caption>
      <colgroup>
        <col className="c-looks" />
        <col className="c-drives" />
        <col className="c-plate" />
        <col />
        <col className="c-time" />
        <col className="c-stay" />
      </colgroup>
      <thead>
        <tr>
          <th>{t("plates.vehicle")}</th>
          <th>{t("plates.direction")}</th>
          <th>{t("field.plate")}</th>
          <th>{t("field.camera")}</th>
          <th className="num" aria-sort="descending">
            {t("vehicles.lastSeen")} ↓
          </th>
          <th className="num">{t("plates.inView")}</th>
        </tr>
      </thead>
      <tbody>
        {passages.map((passage) => (
          <PassageRow key={passage.id} passage={passage} selected={passage.id === selected} onSelect={() => onSelect(passage.id)} />
        ))}
      </tbody>
    </table>
  );
}

function PassageRow({ passage, selected, onSelect }: { passage: VehiclePassage; selected: boolean; onSelect: () => void }) {
  const { t, i18n } = useTranslation();
  const camera = useCamera(passage.cameraId);
  const [plate] = passage.plates;
  const stay = Date.parse(passage.lastSeen) - Date.parse(passage.firstSeen);
  return (
    // The button in the row answers the keys; a click anywhere in the row is the second way.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr data-passage={passage.id} aria-selected={selected} onClick={onSelect}>
      <td>
        <button type="button" className="bare-btn tr" aria-pressed={selected} onClick={onSelect}>
          {vehicleWords({ vehicleClass: passage.vehicleClass, vehicleColour: passage.colour ?? null }, t, i18n.language)}
        </button>
      </td>
      <td>{shortDirection(passage, t) || <span className="dim">{t("plates.unknown")}</span>}</td>
      <td>{plate === undefined ? <span className="dim">–</span> : <PlateMark text={plate.text} country={plate.country ?? null} />}</td>
      <td>
        <b>{passage.cameraId}</b> <span className="dim">{camera?.name}</span>
      </td>
      <td className="num">{dayClock(passage.lastSeen, i18n.language)}</td>
      <td className="num">{length(Math.max(1000, stay))}</td>
    </tr>
  );
}
