/** Where recordings lie, how long they are kept, when the room ends, and what is held. */

import { useTranslation } from "react-i18next";

import { may } from "../../api/queries";
import { type CameraKeeping, type DiskState, useStorage } from "../../api/storage";
import { day, dayClock } from "../../base/time";
import { Facts } from "../../parts/Facts";
import { Icon } from "../../parts/Icon";
import { Empty, Problem, Told } from "../../parts/Problem";
import { useKept } from "../../words/kept";
import { useBytes } from "./bytes";
import { Going } from "./Going";
import { Holds } from "./Holds";

const GIGABYTE = 1e9;
/** More days than this are said as "long": nobody plans for them. */
const LONG_DAYS = 3650;
/** A disk that is filled to this share is full: what is old goes as new comes. */
const ROLLING = 0.98;

export function Storage() {
  const { t } = useTranslation();
  const found = useStorage();
  return (
    <main id="main" className={may("holds.read") ? "sto" : "sto one"}>
      <section className="panel" aria-labelledby="disks-heading">
        <div className="ph">
          <h2 id="disks-heading">{t("storage.disks")}</h2>
          <span className="sp" />
          {found.data !== undefined && found.data.leavingFiles > 0 ? <span className="dim">{t("storage.leaving", { count: found.data.leavingFiles })}</span> : null}
        </div>
        <div className="scroll grow">
          {found.error === null ? null : (
            <div className="pb">
              <Problem error={found.error} onRetry={() => void found.refetch()} />
            </div>
          )}
          {found.isSuccess && found.data.disks.length === 0 ? <Empty title={t("storage.noDisks")} hint={t("storage.noDisksHint")} /> : null}
          <ul className="disks">
            {found.data?.disks.map((disk) => (
              <Disk key={disk.disk} disk={disk} />
            ))}
          </ul>
          {found.data === undefined ? null : <Keeping cameras={found.data.cameras} />}
          {may("retention.read") ? <Going /> : null}
        </div>
      </section>
      {may("holds.read") ? <Holds /> : null}
    </main>
  );
}

const BAD: ReadonlySet<string> = new Set(["only-held", "full", "failing"]);

function Disk({ disk }: { disk: DiskState }) {
  const { t, i18n } = useTranslation();
  const bytes = useBytes();
  const room = disk.bytesMax > 0 ? disk.bytesMax : undefined;
  const problem = t(`storage.says.${disk.status}`, { days: daysOf(disk.routineDays).toLocaleString(i18n.language), defaultValue: "" });
  const facts: [string, string][] = [
    [t("storage.used"), room === undefined ? bytes(disk.usedBytes) : t("storage.of", { part: bytes(disk.usedBytes), whole: bytes(room) })],
    [t("storage.held"), bytes(disk.heldBytes)],
    [t("storage.events"), bytes(disk.eventBytes)],
    [t("storage.aDay"), bytes(disk.bytesPerDay)],
    [t("storage.fits"), disk.routineDays > LONG_DAYS ? t("storage.long") : t("storage.days", { count: daysOf(disk.routineDays) })],
    [t("storage.fullAt"), disk.fullAt == null ? t(fullness(disk)) : day(disk.fullAt, i18n.language)],
    [t("storage.onlyHeldAt"), disk.onlyHeldAt == null ? t("storage.never") : dayClock(disk.onlyHeldAt, i18n.language)],
  ];
  if (disk.freeBytes >= 0) facts.push([t("storage.free"), bytes(disk.freeBytes)]);
  if (disk.waitingBytes > 0) facts.push([t("storage.waiting"), bytes(disk.waitingBytes)]);
  return (
    <li className="disk" data-bad={BAD.has(disk.status) || undefined}>
      <div className="row">
        <Icon name="disk" />
        <b className="nw" translate="no">
          {disk.disk}
        </b>
        <span className="dim tr" translate="no">
          {disk.place}
        </span>
        <span className="sp" />
        <span className="dim nw">{t(`storage.tier.${disk.tier === 1 ? "first" : "second"}`)}</span>
        <span className={BAD.has(disk.status) ? "tag solid" : "tag"}>{t(`storage.status.${disk.status}`)}</span>
      </div>
      {room === undefined ? null : (
        <div className="room" aria-hidden="true">
          <i className="held" style={{ width: `${share(disk.heldBytes, room)}%` }} />
          <i style={{ width: `${share(disk.usedBytes - disk.heldBytes, room)}%` }} />
        </div>
      )}
      {problem === "" ? null : (
        <p className={BAD.has(disk.status) ? "note err" : "note"}>
          <Icon name="warn" size="sm" />
          <span>
            {problem}
            {disk.status === "failing" && disk.problem !== "" ? <> <Told of={disk} /></> : null}
          </span>
        </p>
      )}
      <Facts facts={facts} className="facts" />
    </li>
  );
}

/** Whole days; below ten, where it is near, tenths as well. */
function daysOf(days: number): number {
  return days < 10 ? Math.floor(days * 10) / 10 : Math.floor(days);
}

/** What to say where there is no day on which the disk is full: it is so already, or never. */
function fullness(disk: DiskState): string {
  if (BAD.has(disk.status) && disk.status !== "failing") return "storage.now";
  return disk.bytesMax > 0 && disk.usedBytes > ROLLING * disk.bytesMax ? "storage.rolling" : "storage.never";
}

function share(part: number, whole: number): number {
  return Math.max(0, Math.min(100, (100 * part) / whole));
}

function Keeping({ cameras }: { cameras: readonly CameraKeeping[] }) {
  const { t, i18n } = useTranslation();
  const kept = useKept();
  const bytes = useBytes();
  return (
    <table className="t keeping">
      <caption className="pb">{t("storage.keeping")}</caption>
      <thead>
        <tr>
          <th>{t("field.camera")}</th>
          <th className="num">{t("storage.kept")}</th>
          <th className="num">{t("storage.keptEvents")}</th>
          <th className="num">{t("storage.used")}</th>
          <th className="num">{t("storage.quota")}</th>
          <th>{t("storage.oldest")}</th>
        </tr>
      </thead>
      <tbody>
        {cameras.map((camera) => (
          <tr key={camera.cameraId}>
            <td translate="no">{camera.cameraId}</td>
            <td className="num">{kept(camera.days)}</td>
            <td className="num">{kept(camera.eventDays)}</td>
            <td className="num">{bytes(camera.usedBytes)}</td>
            <td className="num">{camera.gigabytesMax == null ? "–" : bytes(camera.gigabytesMax * GIGABYTE)}</td>
            <td>{camera.oldest == null ? "–" : dayClock(camera.oldest, i18n.language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
