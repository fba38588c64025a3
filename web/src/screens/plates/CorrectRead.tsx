/** A plate that a person reads otherwise than the machine did; whoever got the wrong one in a package is told. */

import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, cropUrl, type Permit, type PlateRead, take } from "../../api/client";
import { queryClient } from "../../api/queries";
import { PlateMark, spaced } from "../../parts/marks";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { Countries } from "./choices";

export function CorrectRead({ read, permit, onClose }: { read: PlateRead; permit: Permit; onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [plate, setPlate] = useState(read.text);
  const [country, setCountry] = useState(read.country ?? "");
  const correcting = useMutation({
    mutationFn: ({ reason, request }: { reason: string; request: string }) => take(api.POST("/api/plates/{read_id}/correct", { params: { path: { read_id: read.id } }, body: { plate, country: country === "" ? null : country, reason, permit: permit.id, request } })),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["plates"] });
      onClose();
    },
  });
  return (
    <ReasonDialog title={t("plates.correct")} label={t("plates.correctWhy")} act={t("plates.correct")} maxLength={300} acting={correcting} onReason={(reason, request) => correcting.mutate({ reason, request })} onClose={onClose} forRequest>
      <img className="big-crop" src={cropUrl(read.id, permit.id)} alt={t("alarm.cropOf", { plate: spaced(read.text) })} />
      <p>
        <PlateMark text={read.text} country={read.country} />
      </p>
      <div className="field">
        <label htmlFor={id}>{t("plates.correctTo")}</label>
        <input id={id} className="in l" required maxLength={20} autoComplete="off" spellCheck={false} value={plate} onChange={(event) => setPlate(event.currentTarget.value)} />
        <span className="hint">{t("plates.correctHint")}</span>
      </div>
      <div className="field">
        <label htmlFor={`${id}-country`}>{t("plates.country")}</label>
        <select id={`${id}-country`} className="in l" value={country} onChange={(event) => setCountry(event.currentTarget.value)}>
          <option value="">{t("plates.unknown")}</option>
          <Countries />
        </select>
      </div>
    </ReasonDialog>
  );
}
