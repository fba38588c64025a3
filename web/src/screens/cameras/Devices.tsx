/** Cameras as devices: who made them, whether their clocks are right; and those that answer in the network. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { may } from "../../api/queries";
import { Dialog } from "../../parts/Dialog";
import { Icon } from "../../parts/Icon";
import { Empty, Problem, Told } from "../../parts/Problem";

/** A clock further off than this, in milliseconds, is told as a fault. */
const CLOCK_OFF_MS = 2000;

/** What one camera says of itself by ONVIF; nothing for a camera without it. */
export function DeviceFacts({ camera }: { camera: string }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["devices"], queryFn: () => take(api.GET("/api/devices")), refetchInterval: 10_000 }).data;
  const device = found?.find((one) => one.cameraId === camera);
  if (device === undefined) return null;
  const off = device.clockOffsetMs;
  const wrong = off != null && Math.abs(off) > CLOCK_OFF_MS;
  return (
    <div>
      <h3 className="cap">{t("devices.title")}</h3>
      {device.problem === "" ? null : (
        <p className="note err">
          <Icon name="warn" size="sm" />
          <Told of={device} />
        </p>
      )}
      <dl className="kv">
        <dt>{t("devices.status")}</dt>
        <dd>{t(`devices.is.${device.status}`)}</dd>
        <dt>{t("devices.maker")}</dt>
        <dd>{`${device.manufacturer} ${device.model}`.trim() || "–"}</dd>
        <dt>{t("devices.firmware")}</dt>
        <dd>{device.firmware || "–"}</dd>
        <dt>{t("devices.clock")}</dt>
        <dd className={wrong ? "warn" : undefined}>{off == null ? "–" : t("devices.clockOff", { seconds: (Math.round(off / 100) / 10 || 0).toFixed(1), doubt: ((device.clockDoubtMs ?? 0) / 1000).toFixed(1) })}</dd>
        <dt>{t("devices.events")}</dt>
        <dd>{t(`devices.hears.${device.events}`)}</dd>
        <dt>{t("devices.steers")}</dt>
        <dd>{t(device.steers ? "yes" : "no")}</dd>
        <dt>{t("devices.card")}</dt>
        <dd>{t(device.keeps ? "yes" : "no")}</dd>
      </dl>
    </div>
  );
}

/** The button that looks for cameras, for administrators alone. */
export function FindDevices() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  if (!may("devices.find")) return null;
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        {t("devices.find")}
      </button>
      {open ? <Found onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Found({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const search = useQuery({ queryKey: ["discovery"], queryFn: () => take(api.GET("/api/discovery")), gcTime: 0, retry: false, refetchOnWindowFocus: false });
  return (
    <Dialog title={t("devices.find")} onClose={onClose}>
      <div className="pb stack">
        {search.isFetching ? <p role="status">{t("devices.searching")}</p> : null}
        <Problem error={search.error} onRetry={() => void search.refetch()} />
        {search.data?.length === 0 && !search.isFetching ? <Empty title={t("devices.none")} hint={t("devices.noneHint")} /> : null}
        {search.isFetching ? null : search.data?.map((device) => (
          <section key={device.url} aria-label={device.url}>
            <h3 className="cap">{[device.name, device.hardware, device.place].filter((word) => word !== "").join(" · ") || device.url}</h3>
            <p className="dim">{device.url}</p>
            {device.cameraId === "" ? <pre className="json">{device.lines}</pre> : <p>{t("devices.known", { camera: device.cameraId })}</p>}
          </section>
        ))}
        {search.data?.some((device) => device.cameraId === "") ? <p className="dim">{t("devices.paste")}</p> : null}
      </div>
      <div className="pf">
        <button type="button" className="btn" disabled={search.isFetching} onClick={() => void search.refetch()}>
          {t("devices.again")}
        </button>
        <span className="sp" />
        <button type="button" className="btn p" onClick={onClose}>
          {t("close")}
        </button>
      </div>
    </Dialog>
  );
}
