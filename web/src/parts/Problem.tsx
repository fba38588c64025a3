/** Errors as sentences: as exactly as the server said them where the language has the words, else by their code, else in English. */

import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem } from "../api/client";
import { useSaid } from "../base/said";
import { Icon } from "./Icon";

/** The sentence for an error, in the language of the screen. */
export function useSentence(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  const say = useSaid();
  return (error) => {
    if (!(error instanceof ApiProblem)) return t("problem.unknown");
    const said = say(error.said, error.facts);
    if (said !== null) return said;
    if (i18n.exists(`problem.${error.code}`)) return t(`problem.${error.code}`);
    return [error.message, error.remedy].filter((part) => part !== "").join(" ");
  };
}

/** What is wrong with a thing that goes on telling it; where the language has no words for it, in English. */
export function Told({ of }: { of: { problem: string; problemCode: string; problemFacts: Readonly<Record<string, unknown>> } }) {
  const said = useSaid()(of.problemCode, of.problemFacts);
  return (
    <span lang={said === null ? "en" : undefined} title={said === null ? undefined : of.problem}>
      {said ?? of.problem}
    </span>
  );
}

export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const sentence = useSentence();
  const { t } = useTranslation();
  const note = useRef<HTMLDivElement>(null);
  // At the end of a long form it lies out of sight, and the button would seem to do nothing.
  useEffect(() => {
    if (error !== null && error !== undefined) note.current?.scrollIntoView({ block: "nearest" });
  }, [error]);
  if (error === null || error === undefined) return null;
  return (
    <div className="note err" role="alert" ref={note}>
      <Icon name="warn" size="sm" />
      <span className="sp">{sentence(error)}</span>
      {onRetry === undefined ? null : (
        <button type="button" className="btn" onClick={onRetry}>
          {t("tryAgain")}
        </button>
      )}
    </div>
  );
}

/** A sentence in the middle of an empty panel: what is not there, and what to do. */
export function Empty({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <b>{title}</b>
      {hint === undefined ? null : <span>{hint}</span>}
      {children}
    </div>
  );
}
