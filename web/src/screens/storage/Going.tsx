/** What will be erased next: by class and camera, in counts and bytes, with what holds and alarms keep. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type GoingDays, type RetentionPreview, useGoing } from "../../api/storage";
import { dayClock } from "../../base/time";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { useKept } from "../../words/kept";
import { useBytes } from "./bytes";

const DAYS: readonly GoingDays[] = ["1", "3", "7"];
const HOURS_A_DAY = 24;

/** Every look is on the audit record, so it is asked for by hand. */
export function Going() {
  const { t, i18n } = useTranslation();
  const [days, setDays] = useState<GoingDays>();
  const found = useGoing(days);
  return (
    <section className="stack" aria-labelledby="going-heading">
      <div className="pb row">
        <h3 id="going-heading">{t("storage.going.title")}</h3>
        <span className="sp" />
        <div className="seg" role="group" aria-label={t("storage.going.title")}>
          {DAYS.map((each) => (
            <button key={each} type="button" aria-pressed={each === days} onClick={() => setDays(each)}>
              {t("storage.days", { count: Number(each) })}
            </button>
          ))}
        </div>
      </div>
      <p className="pb dim">{days === undefined ? t("storage.going.hint") : found.data === undefined ? "" : t("storage.going.until", { time: dayClock(found.data.until, i18n.language) })}</p>
      {found.error === null ? null : (
        <div className="pb">
          <Problem error={found.error} onRetry={() => void found.refetch()} />
        </div>
      )}
      {found.data === undefined ? null : <Preview preview={found.data} />}
    </section>
  );
}

function Preview({ preview }: { preview: RetentionPreview }) {
  const { t } = useTranslation();
  const bytes = useBytes();
  return (
    <>
      {preview.disks.map((disk) => (
        <p key={disk.disk} className="note">
          <Icon name="warn" size="sm" />
          <span>{t("storage.going.room", { disk: disk.disk, bytes: bytes(disk.sizeBytes) })}</span>
        </p>
      ))}
      <Recordings rows={preview.recordings} />
      <Classes rows={preview.classes} />
    </>
  );
}

function Recordings({ rows }: { rows: RetentionPreview["recordings"] }) {
  const { t, i18n } = useTranslation();
  const bytes = useBytes();
  const kept = useKept();
  return (
    <table className="t keeping">
      <caption className="pb">{t("storage.going.recordings")}</caption>
      <thead>
        <tr>
          <th>{t("field.camera")}</th>
          <th className="num">{t("storage.kept")}</th>
          <th className="num">{t("storage.going.count")}</th>
          <th className="num">{t("storage.going.bytes")}</th>
          <th>{t("storage.oldest")}</th>
          <th className="num">{t("storage.going.held")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.cameraId}>
            <td translate="no">{row.cameraId}</td>
            <td className="num">
              {row.eventDays > row.days ? `${kept(row.days)} / ${kept(row.eventDays)}` : kept(row.days)}
              {row.byProfile ? <span className="dim"> {t("storage.going.byProfile")}</span> : null}
            </td>
            <td className="num">{row.count.toLocaleString(i18n.language)}</td>
            <td className="num">{bytes(row.sizeBytes)}</td>
            <td>{row.oldest == null ? "–" : dayClock(row.oldest, i18n.language)}</td>
            <td className="num">{row.heldCount === 0 ? "–" : `${row.heldCount.toLocaleString(i18n.language)}, ${bytes(row.heldBytes)}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Classes({ rows }: { rows: RetentionPreview["classes"] }) {
  const { t, i18n } = useTranslation();
  const bytes = useBytes();
  const kept = useKept();
  return (
    <table className="t keeping">
      <caption className="pb">{t("storage.going.classes")}</caption>
      <thead>
        <tr>
          <th>{t("storage.going.class")}</th>
          <th className="num">{t("storage.kept")}</th>
          <th className="num">{t("storage.going.count")}</th>
          <th className="num">{t("storage.going.bytes")}</th>
          <th>{t("storage.oldest")}</th>
          <th className="num">{t("storage.going.kept")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.kind}>
            <td>{t(`storage.going.kind.${row.kind}`)}</td>
            <td className="num">{row.limitHours == null ? t("storage.going.never") : kept(row.limitHours / HOURS_A_DAY)}</td>
            <td className="num">{row.count.toLocaleString(i18n.language)}</td>
            <td className="num">{row.sizeBytes == null ? "–" : bytes(row.sizeBytes)}</td>
            <td>{row.oldest == null ? "–" : dayClock(row.oldest, i18n.language)}</td>
            <td className="num">{row.keptCount === 0 ? "–" : row.keptCount.toLocaleString(i18n.language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
