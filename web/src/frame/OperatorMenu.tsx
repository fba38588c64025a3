import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { enter, session } from "../api/queries";
import { useStore } from "../base/store";
import { Icon } from "../parts/Icon";
import type { OpenDialog } from "./Frame";

/** Who is at the desk; opens the settings, the keys and the way out. */
export function OperatorMenu({ onOpen }: { onOpen: (dialog: OpenDialog) => void }) {
  const { t, i18n } = useTranslation();
  const who = useStore(session)?.operator;
  const navigate = useNavigate();
  const menu = useRef<HTMLDivElement>(null);
  if (who === undefined) return null;
  const role = i18n.exists(`role.${who.role}`) ? t(`role.${who.role}`) : who.role;
  const act = (step: () => void) => () => {
    menu.current?.hidePopover();
    step();
  };
  const leave = async () => {
    try {
      await take(api.DELETE("/api/session"));
    } finally {
      enter(null);
    }
  };
  return (
    <>
      <button type="button" className="btn q who" popoverTarget="operator-menu" aria-label={t("operatorMenu", { name: who.displayName })}>
        <Icon name="person" size="sm" />
        <b className="tr">{who.displayName}</b>
        <Icon name="down" size="sm" />
      </button>
      <div ref={menu} id="operator-menu" popover="auto" className="panel menu">
        <div className="pb">
          <b>{who.displayName}</b>
          <span className="dim">{role}</span>
          <span className="dim">{who.organisation}</span>
        </div>
        <button type="button" onClick={act(() => void navigate({ to: "/account" }))}>
          <Icon name="lock" />
          {t("account.title")}
        </button>
        <button type="button" onClick={act(() => onOpen("settings"))}>
          <Icon name="gear" />
          {t("settings.title")}
        </button>
        <button type="button" onClick={act(() => onOpen("keys"))}>
          <Icon name="help" />
          {t("keys.title")}
          <span className="sp" />
          <kbd>?</kbd>
        </button>
        <button type="button" onClick={act(() => void leave())}>
          <Icon name="out" />
          {t("signOut")}
        </button>
      </div>
    </>
  );
}
