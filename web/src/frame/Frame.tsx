/** What stands round every screen: header, alarm strip, rail, and the words that say when something is not right. */

import { Link, Navigate, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { listen } from "../api/changes";
import { findSession, may, session, useNode } from "../api/queries";
import { awaitSecondKey, useKeys } from "../base/keys";
import { useStore } from "../base/store";
import { Brand } from "../parts/Brand";
import { Empty, Problem } from "../parts/Problem";
import { SCREENS } from "../screens";
import { isLanguage, speak } from "../words";
import { CommandPalette } from "./CommandPalette";
import { ConnectionBanner } from "./ConnectionBanner";
import { EmergencyBanner } from "./EmergencyBanner";
import { Head } from "./Head";
import { KeysDialog } from "./KeysDialog";
import { Notices } from "./Notices";
import { NewPlaces } from "./NewPlaces";
import { MatchingBanner } from "./MatchingBanner";
import { allowedScreens, Rail } from "./Rail";
import { ScreensDialog } from "./ScreensDialog";
import { SettingsDialog } from "./SettingsDialog";
import { Strip } from "./Strip";
import { Voice } from "./Voice";

/** Ask who is signed in before anything is shown; to the sign-in page when nobody is, and back afterwards. */
export function Frame() {
  const found = useStore(session);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (found === undefined && error === null) void findSession().catch(setError);
  }, [found, error]);
  if (error !== null && found === undefined)
    return (
      <div className="lonely">
        <Brand />
        <Problem error={error} onRetry={() => setError(null)} />
      </div>
    );
  if (found === undefined) return null;
  if (found === null || found.missing !== "") return <ToDoor />;
  return <Desk key={found.operator.id} />;
}

/** To the sign-in page; the address is read once, for it changes while the way there is under way. */
function ToDoor() {
  const [next] = useState(() => location.pathname + location.search);
  return <Navigate to="/signin" search={next === "/" ? {} : { next }} replace />;
}

export type OpenDialog = "none" | "command" | "keys" | "settings" | "screens";

function Desk() {
  const [dialog, setDialog] = useState<OpenDialog>("none");
  const node = useNode().data;
  const { t } = useTranslation();
  useOwnLanguage();
  useEffect(() => listen(), []);
  useFrameKeys(setDialog);
  const training = node?.training === true;
  return (
    <div className={training ? "app training" : "app"}>
      <a className="skip" href="#main">
        {t("skip")}
      </a>
      <Head node={node} onOpen={setDialog} />
      <Rail onOpen={setDialog} />
      <Strip />
      <div className="banners">
        <EmergencyBanner />
        <Notices />
        <ConnectionBanner />
        <NewPlaces />
        <MatchingBanner />
      </div>
      <Screen />
      <Voice />
      {dialog === "command" ? <CommandPalette onClose={() => setDialog("none")} onOpen={setDialog} /> : null}
      {dialog === "keys" ? <KeysDialog onClose={() => setDialog("none")} /> : null}
      {dialog === "screens" ? <ScreensDialog onClose={() => setDialog("none")} /> : null}
      {dialog === "settings" ? <SettingsDialog onClose={() => setDialog("none")} /> : null}
    </div>
  );
}

/** The screen of the address, or the word that the role does not open it. */
function Screen() {
  const { t } = useTranslation();
  const path = useLocation({ select: (location) => location.pathname });
  const screen = SCREENS.find((one) => path.startsWith(one.to));
  if (screen === undefined || may(screen.action)) return <Outlet />;
  return (
    <main id="main">
      <section className="panel">
        <Empty title={t("closedScreen.title")} hint={t("closedScreen.hint")}>
          <Link to="/" className="btn p">
            {t("closedScreen.go")}
          </Link>
        </Empty>
      </section>
    </main>
  );
}

/** Speak the operator's own language once a session begins. */
function useOwnLanguage(): void {
  useEffect(() => {
    const language = session.get()?.operator.language;
    if (isLanguage(language)) speak(language);
  }, []);
}

function useFrameKeys(open: (dialog: OpenDialog) => void): void {
  const navigate = useNavigate();
  const go = Object.fromEntries(allowedScreens().map((screen) => [screen.key, () => void navigate({ to: screen.to })]));
  useKeys({
    "Ctrl+KeyK": () => open("command"),
    "Shift+Slash": () => open("keys"),
    KeyG: () => awaitSecondKey(go),
  });
}
