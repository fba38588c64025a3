/** What stands on the timeline, in words. */

import { useTranslation } from "react-i18next";

import type { Gap } from "../../api/client";
import { length, now } from "../../base/time";

/** `Gap 9:00, network: …` in the language of the screen; of several that stand together, their number too. */
export function useGapWords(): (gap: Gap) => string {
  const { t } = useTranslation();
  return (gap) => {
    const cause = t(`cause.${gap.cause}`);
    const told = gap.detail === "" ? cause : `${cause}: ${gap.detail}`;
    if (gap.count > 1) return t("playback.gapsOf", { count: gap.count, length: length(gap.missingS * 1000), cause: told });
    const end = gap.end ?? now();
    return t("playback.gap", { length: length(end - gap.start), cause: told });
  };
}

/** A signal's kind in words; the kind itself where the catalogue has none. */
export function useSignalWords(): (kind: string) => string {
  const { t, i18n } = useTranslation();
  return (kind) => (i18n.exists(`playback.signal.${kind}`) ? t(`playback.signal.${kind}`) : kind);
}
