import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { may } from "../../api/queries";

const KINDS = ["plates", "persons"] as const;

/** Plates or persons; who may see only one of them has no choice. */
export function KindTabs({ kind }: { kind: (typeof KINDS)[number] }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/watchlist" });
  if (!may("persons.read")) return null;
  return (
    <div className="kinds">
      <div className="seg" role="group" aria-label={t("screen.watchlist")}>
      {KINDS.map((name) => (
        <button key={name} type="button" aria-pressed={name === kind} onClick={() => void navigate({ search: name === "persons" ? { kind: "persons" } : {} })}>
          {t(`watchlist.kind.${name}`)}
        </button>
      ))}
      </div>
    </div>
  );
}
