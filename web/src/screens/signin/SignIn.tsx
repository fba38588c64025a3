import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, ApiProblem, take } from "../../api/client";
import { knowsPasskeys } from "../../api/passkeys";
import { enter, findSession, session, sessionEnded, useNode } from "../../api/queries";
import { useStore } from "../../base/store";
import { clock, longDay, useNow, utcClock, zoneName } from "../../base/time";
import { LanguageSwitch } from "../../frame/Head";
import { Brand } from "../../parts/Brand";
import { Problem } from "../../parts/Problem";
import { takeChosen } from "../../words";
import { MissingStep } from "./MissingStep";
import { PasskeyButton } from "./PasskeyButton";

/** The door: name and password, in the language of the person who stands before it. */
export function SignIn() {
  const { t } = useTranslation();
  const who = useStore(session);
  const next = useSearch({ from: "/signin" }).next;
  const node = useNode();
  const ended = useStore(sessionEnded);
  useEffect(() => {
    takeChosen(); // what the last operator chose is not this one's choice
    if (session.get() === undefined) void findSession().catch(() => undefined);
  }, []);
  if (who && who.missing === "") return <Navigate to={safeNext(next)} replace />;
  return (
    <div className="door">
      <title>{`${t("signIn.title")} · Istros`}</title>
      <header>
        <Brand />
        <b>Istros</b>
        <span className="sp" />
        <LanguageSwitch />
      </header>
      <main className="panel">
        <div className="pb stack">
          <div>
            <h1>{t("signIn.title")}</h1>
            {node.data === undefined ? null : (
              <p className="dim">
                <b>{node.data.name}</b> · {node.data.organisation}
              </p>
            )}
          </div>
          {ended && !who ? (
            <p className="note" role="status">
              {t("signIn.ended")}
            </p>
          ) : null}
          {node.data?.training ? <p className="note">{t("signIn.training")}</p> : null}
          <Problem error={node.error} onRetry={() => void node.refetch()} />
          {who ? <MissingStep who={who} /> : <Form />}
          {who ? null : <Directories />}
          {!who && node.data?.passkeys === true && knowsPasskeys() ? <PasskeyButton /> : null}
          <p className="dim xs">{t("signIn.recorded")}</p>
        </div>
      </main>
      <footer>
        <DoorClock />
        <span className="sp" />
        {node.data === undefined ? null : <span>{t("signIn.version", { version: node.data.version })}</span>}
      </footer>
    </div>
  );
}

/** A button for each directory of an organisation; the server sends the browser there, and back with a session. */
function Directories() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["directories"], queryFn: () => take(api.GET("/api/directories")), staleTime: 60_000 });
  const problem = useSearch({ from: "/signin" }).problem;
  return (
    <>
      {problem === undefined ? null : <Problem error={new ApiProblem(403, "directory-refused", "", "", problem)} />}
      {(found.data ?? []).map((one) => (
        <a key={one.id} className="btn l fill" href={`/api/session/directory/${encodeURIComponent(one.id)}`}>
          {t("signIn.directory", { name: one.name })}
        </a>
      ))}
    </>
  );
}

/** Only an address inside this desk: a link may not lead a person elsewhere after signing in. */
function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?!\/|\\)/.test(next) && !next.startsWith("/signin") ? next : "/";
}

function Form() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const next = useSearch({ from: "/signin" }).next;
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { name: name.current?.value.trim() ?? "", password: password.current?.value ?? "" };
      const found = await take(api.POST("/api/session", { body }));
      const language = takeChosen();
      enter(language === null ? found : { ...found, operator: { ...found.operator, language } });
      if (language !== null && found.missing === "") void take(api.PUT("/api/session/language", { body: { language } })).catch(() => undefined);
      if (found.missing === "") await navigate({ href: safeNext(next), replace: true });
    } catch (problem) {
      setError(problem);
      password.current?.select();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor="name">{t("signIn.name")}</label>
        <input ref={name} id="name" name="username" className="in l" autoComplete="username" autoCapitalize="none" spellCheck={false} required />
      </div>
      <div className="field">
        <label htmlFor="password">{t("signIn.password")}</label>
        <input ref={password} id="password" name="password" type="password" className="in l" autoComplete="current-password" required />
      </div>
      <Problem error={error} />
      <button type="submit" className="btn p l fill" disabled={busy}>
        {t(busy ? "signIn.busy" : "signIn.enter")}
      </button>
    </form>
  );
}

function DoorClock() {
  const at = useNow();
  const { i18n } = useTranslation();
  return (
    <span>
      {longDay(at, i18n.language)} · {clock(at)} {zoneName(at)} · {utcClock(at)} UTC
    </span>
  );
}
