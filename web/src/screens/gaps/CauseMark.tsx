/** Why nothing was recorded: always a shape and a word. */

import { useTranslation } from "react-i18next";

import type { GapCause } from "../../api/client";
import { Icon, type IconName } from "../../parts/Icon";

const SHAPES: Record<GapCause, IconName> = { camera: "camoff", network: "nonet", recorder: "gear", disk: "disk", planned: "clock" };

export const CAUSES = ["camera", "network", "recorder", "disk", "planned"] as const satisfies readonly GapCause[];

export function CauseMark({ cause }: { cause: GapCause }) {
  const { t } = useTranslation();
  return (
    <span className="row g1">
      <Icon name={SHAPES[cause]} size="sm" />
      {t(`cause.${cause}`)}
    </span>
  );
}
