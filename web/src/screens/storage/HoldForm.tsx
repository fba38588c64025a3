import { Link } from "@tanstack/react-router";
import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import { session, useCameras } from "../../api/queries";
import { type HoldRequest, usePlaceHold } from "../../api/storage";
import { now, parseMoment } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { MomentField } from "../../parts/MomentField";
import { Problem } from "../../parts/Problem";
import { REVIEW, useOwnPermits } from "../../permits/permits";
import { REVIEW_MS } from "./ReviewHold";

const HOUR_MS = 3_600_000;
const KINDS = ["evidence", "legal"] as const;

/** Keep footage that would go otherwise: under a permit, or by the office of the data-protection officer. */
export function HoldForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const placing = usePlaceHold();
  const cameras = useCameras().data ?? [];
  const { permits: own, pending } = useOwnPermits();
  const permits = own.filter((permit) => permit.purpose !== REVIEW);
  const byOffice = session.get()?.operator.role === "protection_officer";
  const withoutPermit = !byOffice && !pending && permits.length === 0;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const moment = (name: string) => new Date(parseMoment(word(name), now())).toISOString();
    const body: HoldRequest = {
      cameras: form.getAll("camera").map(String),
      from: moment("from"),
      to: moment("to"),
      kind: word("kind") as HoldRequest["kind"],
      reason: word("reason"),
      permit: word("permit") || null,
      ground: word("ground"),
      caseRef: word("case"),
      review: moment("review"),
    };
    placing.mutate(body, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("storage.hold")} onClose={onClose} wide>
      <form onSubmit={submit}>
        <div className="pb stack">
          {/* Before anything is typed that could not be sent. */}
          {withoutPermit ? (
            <p className="note err">
              <Icon name="key" size="sm" />
              <span>
                {t("storage.noPermit")} <Link to="/playback">{t("screen.playback")}</Link>
              </span>
            </p>
          ) : null}
          <div className="field">
            <label htmlFor={`${id}k`}>{t("storage.camerasLabel")}</label>
            <select id={`${id}k`} name="camera" className="in l many" multiple required size={Math.min(6, Math.max(2, cameras.length))}>
              {cameras.map((camera) => (
                <option key={camera.id} value={camera.id}>
                  {camera.id} {camera.name}
                </option>
              ))}
            </select>
          </div>
          <div className="two">
            <MomentField name="from" label={t("storage.from")} value={now() - HOUR_MS} required />
            <MomentField name="to" label={t("storage.to")} value={now()} required />
          </div>
          <div className="two">
            <div className="field">
              <label htmlFor={`${id}i`}>{t("storage.kindLabel")}</label>
              <select id={`${id}i`} name="kind" className="in l" defaultValue={byOffice ? "legal" : "evidence"}>
                {KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {t(`storage.kind.${kind}`)}
                  </option>
                ))}
              </select>
            </div>
            {byOffice ? (
              <div className="field">
                <label htmlFor={`${id}c`}>{t("field.case")}</label>
                <input id={`${id}c`} name="case" className="in l" maxLength={100} autoComplete="off" />
              </div>
            ) : (
              <div className="field">
                <label htmlFor={`${id}p`}>{t("storage.permit")}</label>
                <select id={`${id}p`} name="permit" className="in l" required>
                  {permits.map((permit) => (
                    <option key={permit.id} value={permit.id}>
                      {permit.number} {permit.caseRef}
                    </option>
                  ))}
                </select>
              </div>
            )}
          </div>
          {byOffice ? (
            <div className="field">
              <label htmlFor={`${id}g`}>{t("field.ground")}</label>
              <input id={`${id}g`} name="ground" className="in l" required maxLength={300} autoComplete="off" placeholder={t("permit.groundHint")} />
            </div>
          ) : null}
          <div className="field">
            <label htmlFor={`${id}r`}>{t("storage.reason")}</label>
            <input id={`${id}r`} name="reason" className="in l" required maxLength={500} autoComplete="off" />
          </div>
          <MomentField name="review" label={t("storage.reviewUntil")} value={now() + REVIEW_MS} required />
          <p className="note">
            <Icon name="shield" size="sm" />
            <span>{t("storage.recorded")}</span>
          </p>
          <Problem error={placing.error} />
        </div>
        <FormEnd act={t("storage.hold")} disabled={placing.isPending || withoutPermit} onClose={onClose} />
      </form>
    </Dialog>
  );
}
