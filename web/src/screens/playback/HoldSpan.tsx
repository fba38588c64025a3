/** Keep the chosen span from being deleted, for a reason that goes on the record. */

import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, Permit } from "../../api/client";
import { usePlaceHold } from "../../api/storage";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import type { Span } from "./lines";

const KINDS = ["evidence", "legal"] as const;

export function HoldSpan({ cameras, span, permit, onClose }: { cameras: readonly Camera[]; span: Span; permit: Permit; onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const placing = usePlaceHold();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    placing.mutate({
      cameras: cameras.map((camera) => camera.id),
      from: new Date(span.start).toISOString(),
      to: new Date(span.end).toISOString(),
      kind: form.get("kind") === "legal" ? "legal" : "evidence",
      reason: String(form.get("reason")).trim(),
      permit: permit.id,
      ground: "",
      caseRef: "",
    });
  };
  if (placing.isSuccess)
    return (
      <p className="note" role="status">
        <Icon name="lock" size="sm" />
        <span>{t("playback.holdPlaced")}</span>
      </p>
    );
  return (
    <form className="pb stack" onSubmit={submit} aria-label={t("playback.hold")}>
      <div className="field">
        <label htmlFor={`${id}k`}>{t("playback.holdKind")}</label>
        <select id={`${id}k`} name="kind" className="in l" defaultValue="evidence">
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t(`playback.holdKinds.${kind}`)}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}r`}>{t("playback.holdReason")}</label>
        <input id={`${id}r`} name="reason" className="in l" required maxLength={500} autoComplete="off" />
      </div>
      <Problem error={placing.error} />
      <FormEnd act={t("playback.hold")} disabled={placing.isPending} onClose={onClose} className="row" />
    </form>
  );
}
