/** What the law asks of every entry, of a plate or of a person: the same fields in both forms. */

import { useId } from "react";
import { useTranslation } from "react-i18next";

import type { Priority, WatchlistEntry, WatchlistRequest } from "../../api/client";
import { useCameras } from "../../api/queries";
import { now, parseMoment } from "../../base/time";
import { PRIORITIES } from "../../parts/marks";
import { MomentField } from "../../parts/MomentField";
import { SOUGHT_PURPOSES } from "../../permits/permits";
import { HoursFields, hoursIn } from "./HoursFields";

export const CATEGORIES = ["serious-grounds", "convicted", "victim", "witness", "missing", "other", "none"] as const;
const HANDLINGS = ["H0", "H1", "H2", "H3"] as const;

type Reasons = Omit<WatchlistRequest, "plate" | "manner">;
/** What an entry that is gone on with lends to the new one. */
type Former = Partial<Pick<WatchlistEntry, "purpose" | "ground" | "caseRef" | "priority" | "category" | "requester" | "handling" | "handlingNote" | "provenance" | "cameras" | "hours">>;

/** The fields of a form as a request; empty texts stay empty, the server says what is missing. */
export function reasonsOf(form: FormData): Reasons {
  const word = (name: string) => String(form.get(name) ?? "").trim();
  const moment = (name: string) => new Date(parseMoment(word(name), now())).toISOString();
  return {
    purpose: word("purpose") as Reasons["purpose"],
    ground: word("ground"),
    caseRef: word("case"),
    priority: word("priority") as Priority,
    category: word("category") as Reasons["category"],
    requester: word("requester"),
    handling: word("handling") as Reasons["handling"],
    handlingNote: word("handlingNote"),
    provenance: word("provenance"),
    cameras: form.getAll("cameras").map(String),
    hours: hoursIn(form),
    expires: moment("expires"),
    review: moment("review"),
    renewalReason: "",
  };
}

interface Props {
  former?: Former | undefined;
  /** Milliseconds that are offered as the end, and the words that tell the longest. */
  lasts: number;
  untilLabel: string;
  categories?: readonly (typeof CATEGORIES)[number][];
}

export function ReasonFields({ former, lasts, untilLabel, categories = CATEGORIES }: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <>
      <div className="two">
        <div className="field">
          <label htmlFor={`${id}u`}>{t("field.purpose")}</label>
          <select id={`${id}u`} name="purpose" className="in l" required defaultValue={former?.purpose ?? ""}>
            <option value="" disabled>
              {t("field.choose")}
            </option>
            {SOUGHT_PURPOSES.map((purpose) => (
              <option key={purpose} value={purpose}>
                {t(`purpose.${purpose}`)}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor={`${id}r`}>{t("field.priority")}</label>
          <select id={`${id}r`} name="priority" className="in l" defaultValue={former?.priority ?? "high"}>
            {PRIORITIES.map((priority) => (
              <option key={priority} value={priority}>
                {t(`priority.${priority}`)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <div className="field">
        <label htmlFor={`${id}g`}>{t("field.ground")}</label>
        <input id={`${id}g`} name="ground" className="in l" required maxLength={300} autoComplete="off" placeholder={t("permit.groundHint")} defaultValue={former?.ground} />
      </div>
      <div className="two">
        <div className="field">
          <label htmlFor={`${id}c`}>{t("field.case")}</label>
          <input id={`${id}c`} name="case" className="in l" required maxLength={100} autoComplete="off" spellCheck={false} defaultValue={former?.caseRef} />
        </div>
        <div className="field">
          <label htmlFor={`${id}q`}>{t("sought.requester")}</label>
          <input id={`${id}q`} name="requester" className="in l" required maxLength={300} autoComplete="off" defaultValue={former?.requester} />
        </div>
      </div>
      <div className="two">
        <div className="field">
          <label htmlFor={`${id}k`}>{t("sought.category")}</label>
          <select id={`${id}k`} name="category" className="in l" required defaultValue={former?.category ?? ""}>
            <option value="" disabled>
              {t("field.choose")}
            </option>
            {categories.map((category) => (
              <option key={category} value={category}>
                {t(`category.${category}`)}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor={`${id}o`}>{t("sought.provenance")}</label>
          <input id={`${id}o`} name="provenance" className="in l" required maxLength={300} autoComplete="off" placeholder={t("sought.provenanceHint")} defaultValue={former?.provenance} />
        </div>
      </div>
      <div className="two">
        <div className="field">
          <label htmlFor={`${id}h`}>{t("sought.handling")}</label>
          <select id={`${id}h`} name="handling" className="in l" defaultValue={former?.handling ?? "H0"}>
            {HANDLINGS.map((handling) => (
              <option key={handling} value={handling}>
                {t(`handling.${handling}`)}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor={`${id}n`}>{t("sought.handlingNote")}</label>
          <input id={`${id}n`} name="handlingNote" className="in l" maxLength={300} autoComplete="off" defaultValue={former?.handlingNote} />
        </div>
      </div>
      <div className="two">
        <MomentField name="expires" label={untilLabel} value={now() + lasts} required />
        <MomentField name="review" label={t("sought.review")} value={now() + lasts / 2} required />
      </div>
      <Scope former={former} />
    </>
  );
}

/** Why the search goes on: a renewal is a new decision. The form was asked for by the operator: its first field takes the focus. */
export function RenewalReason({ hint }: { hint: string }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t("watchlist.renewReason")}</label>
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
      <input id={id} name="renewal" className="in l" required maxLength={300} autoFocus autoComplete="off" />
      <span className="hint">{hint}</span>
    </div>
  );
}

function Scope({ former }: { former?: Former | undefined }) {
  const { t } = useTranslation();
  const id = useId();
  const cameras = useCameras().data ?? [];
  return (
    <div className="two">
      <div className="field">
        <label htmlFor={`${id}a`}>{t("sought.cameras")}</label>
        <select id={`${id}a`} name="cameras" className="in l many" multiple size={Math.min(4, Math.max(2, cameras.length))} defaultValue={former?.cameras ?? []}>
          {cameras.map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.id} {camera.name}
            </option>
          ))}
        </select>
        <span className="hint">{t("sought.camerasHint")}</span>
      </div>
      <HoursFields hours={former?.hours} />
    </div>
  );
}
