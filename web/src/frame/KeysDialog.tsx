import { useTranslation } from "react-i18next";

import { settings } from "../base/settings";
import { useStore } from "../base/store";
import { Dialog } from "../parts/Dialog";
import { allowedScreens } from "./Rail";

/** The keys by screen: each row is the caps and the name of what they do (`keys.do.*` in the catalogues). */
const GROUPS: readonly { name: string; rows: readonly (readonly [string, string])[] }[] = [
  {
    name: "everywhere",
    rows: [
      ["Ctrl K", "command"],
      ["?", "keys"],
      ["A", "acknowledge"],
      ["V", "show"],
      ["Esc", "back"],
    ],
  },
  {
    name: "wall",
    rows: [
      ["← ↑ → ↓", "tile"],
      ["1 2 3 4", "layout"],
      ["Enter", "enlarge"],
      ["F", "full"],
      ["K", "playCamera"],
      ["Delete", "clearTile"],
      ["P", "ptz"],
      ["← ↑ → ↓", "steer"],
      ["+ −", "zoom"],
      ["1 2 3 4", "presets"],
      ["H", "home"],
    ],
  },
  {
    name: "alarms",
    rows: [
      ["J", "next"],
      ["Shift J", "previous"],
      ["C", "close"],
      ["1 2 3 4", "verdict"],
      ["K", "playMoment"],
      ["B", "tellBreach"],
    ],
  },
  {
    name: "playback",
    rows: [
      ["Space", "play"],
      ["← →", "fiveSeconds"],
      [", .", "frame"],
      ["− +", "speed"],
      ["J", "nextRead"],
      ["Shift J", "previousRead"],
      ["M", "nextAlarm"],
      ["Shift M", "previousAlarm"],
      ["N", "nextGap"],
      ["Shift N", "previousGap"],
      ["S", "skipGaps"],
      ["T", "goTo"],
      ["1 … 6", "span"],
      ["[ ]", "spanEnds"],
      ["E", "export"],
      ["P", "still"],
      ["L", "live"],
    ],
  },
  {
    name: "exports",
    rows: [
      ["N", "orderExport"],
      ["J", "next"],
      ["Shift J", "previous"],
    ],
  },
  {
    name: "plates",
    rows: [
      ["Enter", "search"],
      ["J", "next"],
      ["Shift J", "previous"],
      ["K", "playMoment"],
      ["W", "addEntry"],
    ],
  },
  {
    name: "vehicles",
    rows: [
      ["Enter", "search"],
      ["J", "next"],
      ["Shift J", "previous"],
      ["K", "playMoment"],
    ],
  },
  {
    name: "watchlist",
    rows: [
      ["N", "newEntry"],
      ["J", "next"],
      ["Shift J", "previous"],
      ["C", "closeEntry"],
    ],
  },
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const single = useStore(settings).singleKeys;
  const allowed = new Set<string>(allowedScreens().map((screen) => screen.name));
  return (
    <Dialog title={t("keys.title")} onClose={onClose} wide>
      {/* A scrolling region takes the focus, so that the keyboard can move it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="pb keys" role="region" tabIndex={0} aria-label={t("keys.title")}>
        {single ? null : <p className="note">{t("keys.off")}</p>}
        <section>
          <h3 className="cap">{t("keys.go")}</h3>
          <dl className="kv">
            {allowedScreens().map((screen) => (
              <Row key={screen.to} caps={`G ${screen.letter}`} text={t(`screen.${screen.name}`)} />
            ))}
          </dl>
        </section>
        {GROUPS.filter((group) => group.name === "everywhere" || allowed.has(group.name)).map((group) => (
          <section key={group.name}>
            <h3 className="cap">{group.name === "everywhere" ? t("keys.everywhere") : t(`screen.${group.name}`)}</h3>
            <dl className="kv">
              {group.rows.map(([caps, name]) => (
                <Row key={name} caps={caps} text={t(`keys.do.${name}`)} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Row({ caps, text }: { caps: string; text: string }) {
  return (
    <>
      <dt>
        {caps.split(" ").map((cap) => (
          <kbd key={cap}>{cap}</kbd>
        ))}
      </dt>
      <dd>{text}</dd>
    </>
  );
}
