/** Ctrl+K: go to a screen, a camera, an alarm or a plate by typing part of its name. */

import { useNavigate } from "@tanstack/react-router";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { may, useCameras, useOpenAlarms } from "../api/queries";
import { byUrgency, useAlarmTitle } from "../base/alarms";
import { Dialog } from "../parts/Dialog";
import { Icon, type IconName } from "../parts/Icon";
import { spaced } from "../parts/marks";
import { LANGUAGES, speak } from "../words";
import type { OpenDialog } from "./Frame";
import { allowedScreens } from "./Rail";

interface Command {
  key: string;
  icon: IconName;
  text: string;
  detail: string;
  keys?: string;
  act: () => void;
}

const SHOWN = 12;

function useCommands(onOpen: (dialog: OpenDialog) => void): Command[] {
  const { t } = useTranslation();
  const title = useAlarmTitle();
  const navigate = useNavigate();
  const cameras = useCameras().data;
  const alarms = useOpenAlarms().data;
  return useMemo(() => {
    const screens = allowedScreens().map((screen): Command => ({ key: screen.to, icon: screen.icon, text: t(`screen.${screen.name}`), detail: t("command.screen"), keys: `G ${screen.letter}`, act: () => void navigate({ to: screen.to }) }));
    const alarmsFound = (alarms ?? []).toSorted(byUrgency).map((alarm): Command => ({ key: alarm.id, icon: "bell", text: `${title(alarm)} ${spaced(alarm.plate)}`, detail: `${t(`priority.${alarm.priority}`)} · ${alarm.cameraId}`, act: () => void navigate({ to: "/alarms", search: { alarm: alarm.id } }) }));
    const camerasFound = (cameras ?? []).flatMap((camera): Command[] => [
      ...(may("live.view") ? [{ key: `live ${camera.id}`, icon: "cam" as const, text: `${camera.id} ${camera.name}`, detail: t("command.live"), act: () => void navigate({ to: "/wall", search: { camera: camera.id } }) }] : []),
      ...(may("playback.view") ? [{ key: `play ${camera.id}`, icon: "play2" as const, text: `${camera.id} ${camera.name}`, detail: t("screen.playback"), act: () => void navigate({ to: "/playback", search: { cameras: camera.id } }) }] : []),
    ]);
    const languages = LANGUAGES.map((language): Command => ({ key: language.code, icon: "person", text: language.name, detail: t("language"), act: () => speak(language.code) }));
    const desk: Command[] = [
      { key: "keys", icon: "help", text: t("keys.title"), detail: t("command.desk"), keys: "?", act: () => onOpen("keys") },
      { key: "settings", icon: "gear", text: t("settings.title"), detail: t("command.desk"), act: () => onOpen("settings") },
    ];
    return [...screens, ...alarmsFound, ...camerasFound, ...desk, ...languages];
  }, [t, title, navigate, cameras, alarms, onOpen]);
}

function matching(commands: Command[], typed: string, plateSearch: Command | null): Command[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = commands.filter((command) => {
    const text = `${command.text} ${command.detail}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
  return [...found.slice(0, SHOWN), ...(plateSearch === null ? [] : [plateSearch])];
}

export function CommandPalette({ onClose, onOpen }: { onClose: () => void; onOpen: (dialog: OpenDialog) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [place, setPlace] = useState(0);
  const list = useId();
  const text = typed.trim().toLocaleUpperCase();
  const plateSearch: Command | null =
    /\d/.test(text) && may("plates.search") ? { key: "plate", icon: "plate", text: t("command.plate", { text }), detail: t("screen.plates"), act: () => void navigate({ to: "/plates", search: { text } }) } : null;
  const found = matching(useCommands(onOpen), typed, plateSearch);
  const at = Math.min(place, found.length - 1);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.act();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setPlace((at + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[at]);
    }
  };
  return (
    <Dialog title={t("command.title")} onClose={onClose}>
      <div className="pb">
        <label className="in l">
          <Icon name="search" />
          <input
            className="bare"
            role="combobox"
            aria-label={t("command.ask")}
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={found[at] === undefined ? undefined : `${list}-${at}`}
            autoComplete="off"
            spellCheck={false}
            placeholder={t("command.ask")}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setPlace(0);
            }}
            onKeyDown={onKeyDown}
          />
        </label>
      </div>
      <div id={list} role="listbox" aria-label={t("command.title")} className="commands">
        {found.map((command, index) => (
          // The field keeps the focus and answers the keys; the pointer is the second way.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div key={command.key} id={`${list}-${index}`} role="option" aria-selected={index === at} onClick={() => run(command)} onMouseMove={() => setPlace(index)}>
            <Icon name={command.icon} />
            <span className="tr">{command.text}</span>
            <span className="sp" />
            <span className="dim tr">{command.detail}</span>
            {command.keys === undefined ? null : <kbd>{command.keys}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className="pb dim">{t("command.nothing")}</p> : null}
    </Dialog>
  );
}
