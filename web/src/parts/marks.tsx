/** Small signs used on every screen: priority, plate, confidence, the clock of an alarm. */

import { useTranslation } from "react-i18next";

import type { Alarm, Priority } from "../api/client";
import { length, useNow } from "../base/time";
import { Icon } from "./Icon";

const SHAPES: Record<Priority, string> = {
  critical: "M7 .8L13.600 12.600H.4z",
  high: "M7 .3L13.700 7 7 13.700.3 7z",
  medium: "M7 .9a6.100 6.100 0 110 12.200A6.100 6.100 0 017 .9z",
  low: "M1.300 1.300h11.400v11.400H1.300z",
};

export const PRIORITIES: readonly Priority[] = ["critical", "high", "medium", "low"];

/** Shape and word of a priority: never colour alone. `chip` fills it, `quiet` leaves the word to screen readers. */
export function PriorityMark({ priority, chip, quiet }: { priority: Priority; chip?: boolean; quiet?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className={`pri ${priority}${chip ? " chip" : ""}`}>
      <svg viewBox="0 0 14 14" aria-hidden="true">
        <path d={SHAPES[priority]} />
      </svg>
      <span className={quiet ? "vh" : undefined}>{t(`priority.${priority}`)}</span>
    </span>
  );
}

const PATTERNS: readonly [RegExp, string][] = [
  [/^([A-Z?]{2})([\d?]{4})([A-Z?]{2})$/, "$1 $2 $3"],
  [/^(B)([\d?]{2,3})([A-Z?]{3})$/, "$1 $2 $3"],
  [/^([A-Z?]{2})([\d?]{2})([A-Z?]{3})$/, "$1 $2 $3"],
  [/^([A-Z?]{3})([\d?]{3})$/, "$1 $2"],
];

/** A plate as people write it: `BH4821CK` becomes `BH 4821 CK`, `BH48?1CK` `BH 48?1 CK`; other texts stay as they are. */
export function spaced(text: string): string {
  const found = PATTERNS.find(([pattern]) => pattern.test(text));
  return found === undefined ? text : text.replace(found[0], found[1]);
}

/** `text` with the spaces of `other` when it has no pattern of its own and the lengths agree. */
function spacedLike(text: string, other: string): string {
  const own = spaced(text);
  const model = spaced(other);
  if (own !== text || text.length !== other.length || model === other) return own;
  let place = 0;
  return [...model].map((letter) => (letter === " " ? " " : text[place++])).join("");
}

/** A plate in its frame; `against` marks the characters that differ from another text. */
export function PlateMark({ text, country, against }: { text: string; country?: string | null; against?: string }) {
  return (
    <span className="pl">
      {country ? <small>{country}</small> : null}
      <span translate="no">{against === undefined ? <Unread text={spaced(text)} /> : <Differing text={text} other={against} />}</span>
    </span>
  );
}

/** A text whose unknown characters are set off, so that `?` is no letter to a tired eye. */
function Unread({ text }: { text: string }) {
  if (!text.includes("?")) return text;
  return [...text].map((letter, index) => (letter === "?" ? <i key={`${index}?`} className="unread">?</i> : letter));
}

function Differing({ text, other }: { text: string; other: string }) {
  const shown = [...spacedLike(text, other)];
  const bare = other.replaceAll(" ", "");
  const sameLength = text.replaceAll(" ", "").length === bare.length;
  let place = -1;
  return (
    <>
      {shown.map((letter, index) => {
        if (letter === " ") return " ";
        place += 1;
        const differs = sameLength ? bare[place] !== letter : !bare.includes(letter);
        return differs ? <mark key={`${index}${letter}`}>{letter}</mark> : letter;
      })}
    </>
  );
}

/** The pairs of letters in which two texts of one length differ: `K, X`. */
export function differences(text: string, other: string): string {
  if (text.length !== other.length) return "";
  const pairs = [...text].flatMap((letter, place) => (letter === other[place] ? [] : [`${other[place]}, ${letter}`]));
  return pairs.join("; ");
}

export function Confidence({ value }: { value: number }) {
  return (
    <span className="row g1 conf">
      <span className="bar">
        <i style={{ width: `${Math.round(value * 100)}%` }} />
      </span>
      {value.toFixed(2)}
    </span>
  );
}

/** How sure the machine is of a plate; where a person corrected it, that word instead. */
export function Sureness({ value }: { value: number | null | undefined }) {
  const { t } = useTranslation();
  if (value != null) return <Confidence value={value} />;
  return (
    <>
      <span className="nw">{t("plates.corrected")}</span>
      <div className="l2">{t("plates.byPerson")}</div>
    </>
  );
}

/** How long until an alarm must be answered; a minus and red when the time has passed. */
export function Countdown({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const left = Date.parse(alarm.answerBy) - useNow();
  const late = left < 0;
  const label = t(late ? "alarm.late" : "alarm.answerWithin", { time: length(Math.abs(left)) });
  return (
    <span className={`sla${late || alarm.priority === "critical" ? " bad" : ""}`} title={label}>
      <Icon name="clock" size="sm" />
      <span aria-hidden="true">{length(left)}</span>
      <span className="vh">{label}</span>
    </span>
  );
}
