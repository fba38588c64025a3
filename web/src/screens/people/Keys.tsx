/** Keys of programs: what each may do, until when, when it was last used; making, releasing, revoking. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type ProgramKey, useAddKey, useDecideKey, useKeyChoices, useKeys } from "../../api/people";
import { may, session } from "../../api/queries";
import { dayClock } from "../../base/time";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Empty, Problem } from "../../parts/Problem";
import { useActWords } from "../../words/acts";
import { Secret } from "./Secret";
import { SureDialog } from "./SureDialog";

export function Keys() {
  const { t } = useTranslation();
  const found = useKeys();
  const deciding = useDecideKey();
  const [adding, setAdding] = useState(false);
  const [revoking, revoke] = useState<ProgramKey | null>(null);
  const keys = found.data ?? [];
  return (
    <section className="panel" aria-labelledby="keys-heading">
      <div className="ph">
        <h2 id="keys-heading">{t("people.keys")}</h2>
        <span className="dim">{keys.length}</span>
        <span className="sp" />
        {may("keys.write") ? (
          <button type="button" className="btn" onClick={() => setAdding(true)}>
            {t("people.addKey")}
          </button>
        ) : null}
      </div>
      <div className="scroll grow">
        <Problem error={found.error ?? deciding.error} />
        {found.isSuccess && keys.length === 0 ? <Empty title={t("people.noKeys")} /> : null}
        <ul className="disks">
          {keys.map((one) => (
            <Item key={one.id} one={one} busy={deciding.isPending} onRelease={() => deciding.mutate({ id: one.id, release: true })} onRevoke={() => revoke(one)} />
          ))}
        </ul>
      </div>
      {adding ? <AddKey onClose={() => setAdding(false)} /> : null}
      {revoking === null ? null : (
        <Revoke
          one={revoking}
          onClose={() => revoke(null)}
          onSure={() => {
            deciding.mutate({ id: revoking.id, release: false });
            revoke(null);
          }}
        />
      )}
    </section>
  );
}

/** A revoked key does not come back: it is asked first. */
function Revoke({ one, onSure, onClose }: { one: ProgramKey; onSure: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <SureDialog title={t("people.revoke")} act={t("people.revoke")} onSure={onSure} onClose={onClose}>
      <p>
        <b translate="no">{one.name}</b>
      </p>
      <p>{t("people.sure.key")}</p>
    </SureDialog>
  );
}

function Item({ one, busy, onRelease, onRevoke }: { one: ProgramKey; busy: boolean; onRelease: () => void; onRevoke: () => void }) {
  const { t, i18n } = useTranslation();
  const step = useActWords();
  const over = one.state === "revoked" || one.state === "expired";
  const facts: [string, string][] = [
    [t("people.mayDo"), one.actions.map(step).join(", ")],
    [t("people.reaches"), one.cameras.length === 0 ? t("people.allCameras") : one.cameras.join(", ")],
    [t("people.purpose"), one.purpose === "" ? t("people.noPurpose") : `${t(`purpose.${one.purpose}`)}, ${one.ground}, ${one.caseRef}`],
    [t("people.until"), dayClock(one.expires, i18n.language)],
    [t("people.madeBy"), `${one.createdBy}, ${dayClock(one.created, i18n.language)}`],
    [t("people.lastUsed"), one.used === null ? t("people.never") : `${dayClock(one.used, i18n.language)}, ${one.usedFrom}`],
  ];
  return (
    <li className="disk" data-over={over || undefined}>
      <div className="row wrap">
        <b translate="no">{one.name}</b>
        <span className="sp" />
        <span className={one.state === "waiting" ? "tag solid" : "tag"}>{t(`people.keyState.${one.state}`)}</span>
        {one.state === "waiting" && may("keys.release") && one.createdBy !== session.get()?.operator.name ? (
          <button type="button" className="btn p" disabled={busy} onClick={onRelease}>
            {t("people.release")}
          </button>
        ) : null}
        {!over && may("keys.revoke") ? (
          <button type="button" className="btn" disabled={busy} onClick={onRevoke}>
            {t("people.revoke")}
          </button>
        ) : null}
      </div>
      <dl className="kv facts wide">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

function AddKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const step = useActWords();
  const choices = useKeyChoices();
  const adding = useAddKey();
  const [purpose, setPurpose] = useState("");
  if (adding.data !== undefined) {
    const hint = t(adding.data.facts.state === "waiting" ? "people.keyWaits" : "people.keyHint");
    return <Secret title={t("people.addKey")} hint={hint} secret={adding.data.key} onClose={onClose} />;
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    const cameras = text("cameras").split(/[\s,]+/).filter((camera) => camera !== "");
    const scope = purpose === "" ? { purpose, ground: "", caseRef: "" } : { purpose, ground: text("ground"), caseRef: text("caseRef") };
    adding.mutate({ name: text("name"), organisation: session.get()?.operator.organisation ?? "", actions: given.getAll("action").map(String), cameras, ...scope, days: Number(text("days")) });
  };
  return (
    <Dialog title={t("people.addKey")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          <div className="field">
            <label htmlFor={`${id}-name`}>{t("people.keyName")}</label>
            <input id={`${id}-name`} name="name" className="in l" required maxLength={60} autoComplete="off" />
          </div>
          <fieldset className="bare field">
            <legend className="lb">{t("people.mayDo")}</legend>
            {(choices.data?.actions ?? []).map((action) => (
              <label key={action} className="ck">
                <input type="checkbox" name="action" value={action} />
                <span>
                  {step(action)} <span className="dim" translate="no">{action}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <div className="field">
            <label htmlFor={`${id}-purpose`}>{t("people.purpose")}</label>
            <select id={`${id}-purpose`} className="in l" value={purpose} onChange={(event) => setPurpose(event.target.value)}>
              <option value="">{t("people.noPurpose")}</option>
              {(choices.data?.purposes ?? []).map((code) => (
                <option key={code} value={code}>
                  {t(`purpose.${code}`)}
                </option>
              ))}
            </select>
          </div>
          {purpose === ""
            ? null
            : (["ground", "caseRef"] as const).map((field) => (
                <div className="field" key={field}>
                  <label htmlFor={`${id}-${field}`}>{t(field === "ground" ? "field.ground" : "field.case")}</label>
                  <input id={`${id}-${field}`} name={field} className="in l" required maxLength={300} autoComplete="off" />
                </div>
              ))}
          <div className="field">
            <label htmlFor={`${id}-cameras`}>{t("people.reaches")}</label>
            <input id={`${id}-cameras`} name="cameras" className="in l" autoComplete="off" aria-describedby={`${id}-hint`} />
            <span className="hint" id={`${id}-hint`}>
              {t("people.camerasHint")}
            </span>
          </div>
          <div className="field">
            <label htmlFor={`${id}-days`}>{t("people.days")}</label>
            <input id={`${id}-days`} name="days" type="number" min={1} max={365} defaultValue={90} className="in l" required />
          </div>
          <Problem error={adding.error ?? choices.error} />
        </div>
        <FormEnd act={t("people.addKey")} disabled={adding.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}
