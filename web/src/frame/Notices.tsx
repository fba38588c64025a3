/** Over every screen of those whom it concerns, until it is mended: the most urgent, and how many more there are. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { type Notice, useNotices } from "../api/notices";
import { may } from "../api/queries";
import { dayClock, length, useNow } from "../base/time";
import { Icon } from "../parts/Icon";

const HOUR_MS = 3_600_000;

export function Notices() {
  const found = useNotices().data ?? [];
  return found.map((notice) => <Line key={`${notice.kind} ${notice.id}`} notice={notice} />);
}

function Line({ notice }: { notice: Notice }) {
  const { t, i18n } = useTranslation();
  const at = useNow();
  const left = notice.due === null ? Number.POSITIVE_INFINITY : Date.parse(notice.due) - at;
  return (
    <div className={left < 24 * HOUR_MS ? "banner red" : "banner"} role="alert">
      <Icon name="warn" />
      <b className="nw">{t(`notice.${notice.kind}`, { subject: notice.subject })}</b>
      <span className="tr">{t(`notice.says.${notice.kind}`, { since: dayClock(notice.since, i18n.language) })}</span>
      {notice.due === null ? null : (
        <span className="nw" role="timer">
          {t(`${notice.kind === "breach" ? "breaches" : "notice"}.${left < 0 ? "late" : "left"}`, { time: length(Math.abs(left)) })}
        </span>
      )}
      <span className="sp" />
      <Way notice={notice} />
    </div>
  );
}

/** The screen where it is mended, for those who may open it. */
function Way({ notice }: { notice: Notice }) {
  const { t } = useTranslation();
  const look = t("notice.look");
  switch (notice.kind) {
    case "breach":
      return (
        <Link to="/breaches" search={{ breach: notice.id }} className="btn">
          {look}
        </Link>
      );
    case "audit-unsigned":
    case "audit-unstamped":
    case "anchors-late":
      return may("oversight.write") ? (
        <Link to="/oversight" search={{ tab: "heads" }} className="btn">
          {look}
        </Link>
      ) : null;
    case "models":
      return may("oversight.write") ? (
        <Link to="/oversight" search={{ tab: "models" }} className="btn">
          {look}
        </Link>
      ) : may("models.read") ? (
        <Link to="/node" className="btn">
          {look}
        </Link>
      ) : null;
    case "no-officer":
      return may("people.write") ? (
        <Link to="/people" className="btn">
          {look}
        </Link>
      ) : null;
    case "request":
      return may("requests.handle") ? (
        <Link to="/requests" search={{ request: notice.id }} className="btn">
          {look}
        </Link>
      ) : null;
    case "hold":
      return (
        <Link to="/storage" className="btn">
          {look}
        </Link>
      );
    case "correction":
      return may("corrections.write") ? (
        <Link to="/oversight" search={{ tab: "corrections" }} className="btn">
          {look}
        </Link>
      ) : null;
  }
}
