import { useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, type Node, take } from "../api/client";
import { session, useCameras } from "../api/queries";
import { useStore } from "../base/store";
import { clock, useNow, utcClock, zoneName } from "../base/time";
import { Brand } from "../parts/Brand";
import { Icon } from "../parts/Icon";
import { SCREENS } from "../screens";
import { type Language, LANGUAGES, speak } from "../words";
import type { OpenDialog } from "./Frame";
import { OperatorMenu } from "./OperatorMenu";

export function Head({ node, onOpen }: { node: Node | undefined; onOpen: (dialog: OpenDialog) => void }) {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const screen = SCREENS.find((one) => path.startsWith(one.to));
  const title = screen === undefined ? (path.startsWith("/account") ? t("account.title") : "Istros") : t(`screen.${screen.name}`);
  return (
    <header className="head">
      <title>{`${title} · Istros`}</title>
      <span className="brand">
        <Brand />
      </span>
      <h1 className="nw">{title}</h1>
      <span className="vr hide-p" />
      <span className="node tr hide-p">
        {node === undefined ? null : (
          <>
            <b>{node.name}</b> · {node.organisation}
          </>
        )}
      </span>
      {node?.training ? <span className="tag simulated">{t("training")}</span> : null}
      <span className="sp" />
      <button type="button" className="cmd hide-p" onClick={() => onOpen("command")}>
        <Icon name="search" size="sm" />
        <span className="sp">{t("command.ask")}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Recording />
      <span className="vr hide-p" />
      <OperatorMenu onOpen={onOpen} />
      <LanguageSwitch />
      <span className="vr hide-p" />
      <HeadClock />
    </header>
  );
}

function Recording() {
  const { t } = useTranslation();
  const cameras = useCameras().data;
  if (cameras === undefined) return null;
  const recording = cameras.filter((camera) => camera.streams.some((stream) => stream.recording)).length;
  return (
    <span className="status hide-p" title={t("recordingCount", { recording, all: cameras.length })}>
      <span className={recording < cameras.length ? "warn" : undefined}>
        <Icon name="disk" size="sm" />
        <span>
          <b>{recording}</b>/{cameras.length} {t("rec")}
        </span>
      </span>
    </span>
  );
}

/** EN, УК, RO; inside the desk the choice is also kept with the operator. */
export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const who = useStore(session);
  const choose = (language: Language) => {
    speak(language);
    if (who) {
      session.set({ ...who, operator: { ...who.operator, language } });
      // The choice holds on this desk even when the server cannot keep it just now.
      void take(api.PUT("/api/session/language", { body: { language } })).catch(() => undefined);
    }
  };
  return (
    <div className="seg" role="group" aria-label={t("language")}>
      {LANGUAGES.map((language) => (
        <button key={language.code} type="button" lang={language.code} title={language.name} aria-label={`${language.short}, ${language.name}`} aria-pressed={i18n.language === language.code} onClick={() => choose(language.code)}>
          {language.short}
        </button>
      ))}
    </div>
  );
}

function HeadClock() {
  const at = useNow();
  return (
    <>
      <time className="time hide-p" dateTime={new Date(at).toISOString()}>
        {clock(at)}
      </time>
      <span className="dim nw hide-p hide-m">
        {zoneName(at)}
        <span className="hide-s"> · {utcClock(at)} UTC</span>
      </span>
    </>
  );
}
