/** Which models run, what changed when, and the officer's approval of a change. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { may, queryClient } from "../../api/queries";
import type { components } from "../../api/schema";
import { dayClock } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { Area, Line } from "../../parts/Fields";
import { FileField } from "../../parts/FileField";
import { FormEnd } from "../../parts/FormEnd";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { Sheet } from "./OpenReasons";
import "./oversight.css";

type NodeModels = components["schemas"]["NodeModels"];

export function Models() {
  const { t, i18n } = useTranslation();
  const found = useQuery({ queryKey: ["models"], queryFn: () => take(api.GET("/api/models")), staleTime: 60_000 });
  const [approving, setApproving] = useState(false);
  const models = found.data;
  const when = (time: string) => dayClock(time, i18n.language);
  return (
    <div className="scroll grow models">
      <Problem error={found.error} onRetry={() => void found.refetch()} />
      {models === undefined ? null : (
        <>
          <div className="askbar">
            <span className={models.approved ? "sp" : "sp warn"}>{models.since === null ? t("models.none") : t(models.approved ? "models.approved" : "models.waits", { time: when(models.since) })}</span>
            {!models.approved && may("models.approve") ? (
              <button type="button" className="btn p" onClick={() => setApproving(true)}>
                <Icon name="check" />
                {t("models.approve")}
              </button>
            ) : null}
          </div>
          <Sheet name={t("oversight.tab.models")} heads={[t("models.model"), t("models.hash")]} rows={models.models.map((each) => [each.name, each.sha256])} />
          <h3>{t("models.history")}</h3>
          <Sheet
            name={t("models.history")}
            heads={[t("alarm.time"), t("audit.action"), t("audit.actor"), t("models.changed"), t("models.why")]}
            rows={models.steps.map((step) => [when(step.time), t(`step.${step.step}`), step.by, step.changed.join(", "), [step.reason, step.measuredBy === "" ? "" : `${t("models.measuredBy")}: ${step.measuredBy}`, step.unmeasured.length === 0 ? "" : t("models.unmeasured", { models: step.unmeasured.join(", ") }), ...Object.entries(step.reports).map(([name, text]) => `${t(`models.${name}`)}: ${text}`)].filter((part) => part !== "").join("; ")])}
          />
        </>
      )}
      {approving && models !== undefined ? <Approve models={models} onClose={() => setApproving(false)} /> : null}
    </div>
  );
}

function Approve({ models, onClose }: { models: NodeModels; onClose: () => void }) {
  const { t } = useTranslation();
  const [files, setFiles] = useState<Record<string, readonly File[]>>({});
  const acting = useMutation({
    mutationFn: async (form: FormData) => {
      const texts = (name: string) => Promise.all((files[name] ?? []).map((file) => file.text()));
      const body = { set: models.set, measuredBy: String(form.get("measuredBy")), reason: String(form.get("reason")), before: await texts("before"), after: await texts("after") };
      return take(api.POST("/api/models/approve", { body }));
    },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["models"] });
      void queryClient.invalidateQueries({ queryKey: ["notices"] });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    acting.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog title={t("models.approve")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <p className="dim">{t("models.approveHint")}</p>
          {models.changed.length === 0 ? null : <p>{t("models.changedNow", { models: models.changed.join(", ") })}</p>}
          <Line name="measuredBy" label={t("models.measuredBy")} max={100} required />
          {(["before", "after"] as const).map((name) => (
            <FileField key={name} accept=".json,application/json" label={t(`models.${name}`)} onFiles={(chosen) => setFiles((old) => ({ ...old, [name]: chosen }))} />
          ))}
          <Area name="reason" label={t("models.reason")} max={2000} required />
          <Problem error={acting.error} />
        </div>
        <FormEnd act={t("models.approve")} disabled={acting.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
