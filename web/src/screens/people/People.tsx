/** Who has an account, what they sign in with, who is signed in, and the keys of programs. */

import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Person, type PersonAct, useAddPerson, useEndAnySession, useEverySession, usePeople, usePersonAct } from "../../api/people";
import { may, session } from "../../api/queries";
import { Dialog } from "../../parts/Dialog";
import { FormEnd } from "../../parts/FormEnd";
import { Problem } from "../../parts/Problem";
import { SessionList } from "../account/Sessions";
import { Keys } from "./Keys";
import { Secret } from "./Secret";
import { SureDialog } from "./SureDialog";

export const ROLES = ["operator", "shift_leader", "investigator", "patrol", "traffic_engineer", "protection_officer", "administrator"] as const;

export function People() {
  const { t } = useTranslation();
  const found = usePeople();
  const acting = usePersonAct();
  const [adding, setAdding] = useState(false);
  const [asked, ask] = useState<{ one: Person; wish: Heavy } | null>(null);
  const people = found.data ?? [];
  return (
    <main id="main" className="account">
      <title>{`${t("screen.people")} · Istros`}</title>
      <section className="panel" aria-labelledby="people-heading">
        <div className="ph">
          <h2 id="people-heading">{t("people.title")}</h2>
          <span className="dim">{people.length}</span>
          <span className="sp" />
          {may("people.write") ? (
            <button type="button" className="btn" onClick={() => setAdding(true)}>
              {t("people.add")}
            </button>
          ) : null}
        </div>
        <div className="scroll grow">
          <Problem error={found.error ?? acting.error} />
          <ul className="disks">
            {people.map((one) => (
              <Item key={one.id} one={one} busy={acting.isPending} onAct={(wish) => acting.mutate({ id: one.id, wish })} onAsk={(wish) => ask({ one, wish })} />
            ))}
          </ul>
        </div>
      </section>
      <div className="col">
        <Keys />
        {may("sessions.end") ? <Everybody /> : null}
      </div>
      {adding ? <AddPerson onClose={() => setAdding(false)} /> : null}
      {asked === null ? null : (
        <Sure
          {...asked}
          onClose={() => ask(null)}
          onSure={() => {
            acting.mutate({ id: asked.one.id, wish: asked.wish });
            ask(null);
          }}
        />
      )}
      {acting.data == null ? null : <Secret title={t("people.newPassword")} hint={t("people.passwordHint")} secret={acting.data} onClose={() => acting.reset()} />}
    </main>
  );
}

/** What ends every session of a person, and is not done by a slip of the hand. */
type Heavy = { kind: "disable" | "password" | "factors" } | { kind: "role"; role: string };

function Sure({ one, wish, onSure, onClose }: { one: Person; wish: Heavy; onSure: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const titles = { role: "people.role", factors: "people.resetFactors", password: "people.resetPassword", disable: "people.disable" } as const;
  return (
    <SureDialog title={t(titles[wish.kind])} act={t("people.sure.do")} onSure={onSure} onClose={onClose}>
      <p>
        <b>{one.displayName}</b> <span translate="no">({one.name})</span>
      </p>
      <p>{wish.kind === "role" ? t("people.sure.role", { role: t(`role.${wish.role}`) }) : t(`people.sure.${wish.kind}`)}</p>
      {wish.kind === "disable" ? null : <p className="hint">{t("people.roleHint")}</p>}
    </SureDialog>
  );
}

function Item({ one, busy, onAct, onAsk }: { one: Person; busy: boolean; onAct: (wish: PersonAct) => void; onAsk: (wish: Heavy) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const me = session.get()?.operator;
  const state = one.disabled ? "disabled" : one.mustChange ? "fresh" : one.needsFactor && one.factors.length === 0 ? "unproven" : "";
  return (
    <li className="disk" data-over={one.disabled || undefined}>
      <div className="row wrap">
        <b>{one.displayName}</b>
        <span className="dim" translate="no">
          {one.name}
        </span>
        <span className="sp" />
        {state === "" ? null : <span className="tag">{t(`people.state.${state}`)}</span>}
        {one.directory ? <span className="tag">{t("people.directory")}</span> : null}
      </div>
      <p className="dim">
        {t(`role.${one.role}`)} · {one.organisation} · {t("people.sessions", { count: one.sessions })}
        {one.factors.length === 0 ? null : ` · ${one.factors.map((factor) => t(`account.method.${factor}`)).join(", ")}`}
      </p>
      {one.wish === null ? null : (
        <div className="row wrap note">
          <span className="sp">{t("people.wish", { role: t(`role.${one.wish.role}`), by: one.wish.askedBy })}</span>
          {may("people.agree") && one.name !== me?.name ? (
            <>
              <button type="button" className="btn" disabled={busy} onClick={() => onAct({ kind: "decide", agree: false })}>
                {t("people.refuse")}
              </button>
              {one.wish.askedBy === me?.name ? null : (
                <button type="button" className="btn p" disabled={busy} onClick={() => onAct({ kind: "decide", agree: true })}>
                  {t("people.agree")}
                </button>
              )}
            </>
          ) : null}
        </div>
      )}
      {may("people.write") && one.name !== me?.name ? (
        <div className="row wrap">
          <label htmlFor={id} className="dim">
            {t("people.role")}
          </label>
          <select id={id} className="in" value={one.role} disabled={busy || one.wish !== null} onChange={(event) => onAsk({ kind: "role", role: event.target.value })}>
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {t(`role.${role}`)}
              </option>
            ))}
          </select>
          <span className="sp" />
          {one.factors.length === 0 ? null : (
            <button type="button" className="btn" disabled={busy} onClick={() => onAsk({ kind: "factors" })}>
              {t("people.resetFactors")}
            </button>
          )}
          {one.directory ? null : (
            <button type="button" className="btn" disabled={busy} onClick={() => onAsk({ kind: "password" })}>
              {t("people.resetPassword")}
            </button>
          )}
          <button type="button" className="btn" disabled={busy} onClick={() => (one.disabled ? onAct({ kind: "enable" }) : onAsk({ kind: "disable" }))}>
            {t(one.disabled ? "people.enable" : "people.disable")}
          </button>
        </div>
      ) : null}
    </li>
  );
}

function AddPerson({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const adding = useAddPerson();
  if (adding.data !== undefined) return <Secret title={t("people.newPassword")} hint={t("people.passwordHint")} secret={adding.data.password} onClose={onClose} />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    adding.mutate({ name: text("name"), displayName: text("displayName"), organisation: text("organisation"), role: text("role"), language: text("language") as "uk" | "ro" | "en" });
  };
  return (
    <Dialog title={t("people.add")} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="pb stack">
          {(["displayName", "name", "organisation"] as const).map((field) => (
            <div className="field" key={field}>
              <label htmlFor={`${id}-${field}`}>{t(`people.${field}`)}</label>
              <input id={`${id}-${field}`} name={field} className="in l" required maxLength={100} autoComplete="off" defaultValue={field === "organisation" ? session.get()?.operator.organisation : ""} />
            </div>
          ))}
          <div className="field">
            <label htmlFor={`${id}-role`}>{t("people.role")}</label>
            <select id={`${id}-role`} name="role" className="in l">
              {ROLES.map((role) => (
                <option key={role} value={role}>
                  {t(`role.${role}`)}
                </option>
              ))}
            </select>
            <span className="hint">{t("people.roleHint")}</span>
          </div>
          <div className="field">
            <label htmlFor={`${id}-language`}>{t("language")}</label>
            <select id={`${id}-language`} name="language" className="in l" defaultValue={i18n.language}>
              <option value="uk">Українська</option>
              <option value="ro">Română</option>
              <option value="en">English</option>
            </select>
          </div>
          <Problem error={adding.error} />
        </div>
        <FormEnd act={t("people.add")} disabled={adding.isPending} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Everybody() {
  const { t } = useTranslation();
  const found = useEverySession();
  const ending = useEndAnySession();
  return (
    <section className="panel" aria-labelledby="everybody-heading">
      <div className="ph">
        <h2 id="everybody-heading">{t("people.signedIn")}</h2>
        <span className="dim">{found.data?.length ?? 0}</span>
      </div>
      <div className="scroll grow">
        <Problem error={found.error ?? ending.error} />
        <SessionList named sessions={found.data ?? []} onEnd={(id) => ending.mutate(id)} />
      </div>
    </section>
  );
}
