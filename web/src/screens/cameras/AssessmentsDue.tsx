/** The cameras whose assessment waits for somebody, most urgent first: for who writes them, and for who approves them. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { type CameraStanding, useStandings } from "../../api/assessments";
import { may } from "../../api/queries";
import { longDay } from "../../base/time";
import { Icon } from "../../parts/Icon";

const URGENT = ["missing", "no-live", "no-analysis", "overdue", "due", "notice", "valid"] as const satisfies readonly CameraStanding["standing"][];

/** `all`: also what waits for somebody else. */
export function AssessmentsDue({ all = false }: { all?: boolean }) {
  const { t, i18n } = useTranslation();
  const found = useStandings().data ?? [];
  const mine = (each: CameraStanding) => (each.next === "answer" ? may("assessments.answer") : may("assessments.write"));
  const open = found.filter((each) => each.next !== "none" && (all || mine(each))).toSorted((one, other) => URGENT.indexOf(one.standing) - URGENT.indexOf(other.standing));
  if (open.length === 0) return all ? <p className="dim pad">{t("assessment.nothingDue")}</p> : null;
  return (
    <ul className="plain due pad" aria-label={t("assessment.due")}>
      {open.map((each) => (
        <li key={each.cameraId} className="row wrap">
          <Icon name={each.films ? "clock" : "camoff"} size="sm" />
          <Link to="/cameras" search={{ camera: each.cameraId }}>
            {each.cameraId}
          </Link>
          <span>{(each.changed ?? "") === "" ? t(`assessment.standing.${each.standing}`) : t("assessment.needsLook")}</span>
          {each.due == null ? null : <span className="dim">{longDay(each.due, i18n.language)}</span>}
          <span>{t(`assessment.next.${each.next}`)}</span>
        </li>
      ))}
    </ul>
  );
}
