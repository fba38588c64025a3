/** Steering a camera from its enlarged picture: mode, keys, buttons, presets, and who holds it. */

import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Camera } from "../../api/client";
import { may, useSteered } from "../../api/queries";
import { useKeys } from "../../base/keys";
import { useStore } from "../../base/store";
import { length, useNow } from "../../base/time";
import { Icon, type IconName } from "../../parts/Icon";
import { useSentence } from "../../parts/Problem";
import { Steering, type Wish, wishOf } from "../../video/steering";

/** The steering of a camera while its picture is large; null for a camera or an operator that does not steer. */
export function useSteering(camera: Camera): Steering | null {
  const steered = useSteered().data?.some((one) => one.cameraId === camera.id) ?? false;
  const steering = useMemo(() => (steered && may("ptz.move") ? new Steering(camera.id) : null), [camera.id, steered]);
  useEffect(() => {
    steering?.open();
    return () => steering?.close();
  }, [steering]);
  return steering;
}

const HELD: Record<string, Partial<Wish>> = {
  ArrowLeft: { pan: -0.6 },
  ArrowRight: { pan: 0.6 },
  ArrowUp: { tilt: 0.6 },
  ArrowDown: { tilt: -0.6 },
  Equal: { zoom: 0.6 },
  NumpadAdd: { zoom: 0.6 },
  Minus: { zoom: -0.6 },
  NumpadSubtract: { zoom: -0.6 },
};

/** The wish that a key held down stands for, without its speed: what is still when the key is let go. */
function released(code: string): Partial<Wish> {
  return Object.fromEntries(Object.keys(HELD[code] ?? {}).map((axis) => [axis, 0]));
}

function useSteeringKeys(steering: Steering): void {
  const { head } = useStore(steering.hand);
  const presets = (head?.presets ?? []).slice(0, 4);
  const held = Object.fromEntries(Object.entries(HELD).map(([code, wish]) => [code, (event: KeyboardEvent) => event.repeat || steering.move(wish)]));
  useKeys({
    ...held,
    ...Object.fromEntries([1, 2, 3, 4].map((digit) => [`Digit${digit}`, () => presets[digit - 1] && void steering.goTo(presets[digit - 1]!.token)])),
    // Shift and the key left of Backspace is the plus sign of most keyboards.
    "Shift+Equal": () => steering.move({ zoom: 0.6 }),
    KeyH: () => void steering.home(),
    Escape: () => void steering.end(),
    Enter: () => {},
    Delete: () => {},
  });
  useEffect(() => {
    const up = (event: KeyboardEvent) => {
      if (HELD[event.code] !== undefined) steering.move(released(event.code));
    };
    window.addEventListener("keyup", up);
    return () => window.removeEventListener("keyup", up);
  }, [steering]);
}

/** Over the picture in PTZ mode: drag to turn, click to turn towards a point, wheel to zoom. */
export function SteeringSurface({ steering }: { steering: Steering }) {
  return useStore(steering.hand).steers ? <Surface steering={steering} /> : null;
}

function Surface({ steering }: { steering: Steering }) {
  const { t } = useTranslation();
  const from = useRef<{ x: number; y: number; dragged: boolean } | null>(null);
  const [line, setLine] = useState<{ x: number; y: number; right: number; down: number } | null>(null);
  const surface = useRef<HTMLDivElement>(null);
  useSteeringKeys(steering);
  useEffect(() => {
    const box = surface.current;
    // React listens to the wheel passively, and the page must not scroll under the hand.
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      steering.nudge({ zoom: event.deltaY < 0 ? 0.7 : -0.7 });
    };
    box?.addEventListener("wheel", wheel, { passive: false });
    return () => box?.removeEventListener("wheel", wheel);
  }, [steering]);
  const shares = (event: PointerEvent, x: number, y: number): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [(event.clientX - x) / box.width, (event.clientY - y) / box.height];
  };
  const end = () => {
    from.current = null;
    setLine(null);
    steering.stop();
  };
  return (
    // An application in ARIA's sense: it takes the pointer itself, and every key has its button below.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={surface}
      className="steer"
      role="application"
      aria-label={t("ptz.surface")}
      onDoubleClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, y: event.clientY, dragged: false };
      }}
      onPointerMove={(event) => {
        const start = from.current;
        if (start === null) return;
        const [right, down] = shares(event, start.x, start.y);
        start.dragged ||= Math.hypot(right, down) > 0.02;
        if (!start.dragged) return;
        const box = event.currentTarget.getBoundingClientRect();
        setLine({ x: start.x - box.left, y: start.y - box.top, right: event.clientX - start.x, down: event.clientY - start.y });
        steering.move(wishOf(right, down));
      }}
      onPointerUp={(event) => {
        const start = from.current;
        if (start?.dragged !== false) return end();
        const box = event.currentTarget.getBoundingClientRect();
        from.current = null;
        steering.nudge(wishOf(...shares(event, box.left + box.width / 2, box.top + box.height / 2)));
      }}
      onPointerCancel={end}
      onLostPointerCapture={() => from.current !== null && end()}
    >
      {line === null ? null : (
        <svg aria-hidden="true">
          <circle cx={line.x} cy={line.y} r="5" />
          <line x1={line.x} y1={line.y} x2={line.x + line.right} y2={line.y + line.down} />
        </svg>
      )}
    </div>
  );
}

const BUTTONS: readonly (readonly [string, IconName, Partial<Wish>])[] = [
  ["out", "minus", { zoom: -0.6 }],
  ["up", "up", { tilt: 0.6 }],
  ["in", "plus", { zoom: 0.6 }],
  ["left", "left", { pan: -0.6 }],
  ["home", "home", {}],
  ["right", "right", { pan: 0.6 }],
  ["down", "down", { tilt: -0.6 }],
];

/** The controls under the picture. PTZ mode is the lease: without it they say who steers, and how to begin. */
export function PtzPanel({ steering }: { steering: Steering }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const { head, problem, steers } = useStore(steering.hand);
  const [asked, setAsked] = useState(false);
  const turn = () => void (steers ? steering.end() : steering.begin());
  const takeOver = () => {
    setAsked(!asked);
    if (asked) void steering.begin(true);
  };
  useKeys({ KeyP: turn });
  const other = head?.lease != null && !head.lease.mine;
  return (
    <section className="ptz" aria-label={t("ptz.title")}>
      <div className="row wrap">
        <button type="button" className="btn" aria-pressed={steers} disabled={!steers && (head?.available !== true || other)} onClick={turn}>
          <Icon name="ptz" />
          {t("ptz.mode")}
          <kbd>P</kbd>
        </button>
        <Holder head={head} />
        {other && may("ptz.lead") ? (
          <button type="button" className="btn" onClick={takeOver} onBlur={() => setAsked(false)}>
            {t(asked ? "ptz.takeOverSure" : "ptz.takeOver")}
          </button>
        ) : null}
      </div>
      {problem === null ? null : <p className="bad" role="alert">{sentence(problem)}</p>}
      {head !== null && !head.available ? <p className="dim">{t("ptz.away")}</p> : null}
      {steers && head !== null ? <Controls steering={steering} head={head} /> : null}
    </section>
  );
}

function Holder({ head }: { head: ReturnType<Steering["hand"]["get"]>["head"] }) {
  const { t } = useTranslation();
  const at = useNow();
  const lease = head?.lease;
  if (lease == null) return <span className="dim">{t("ptz.free")}</span>;
  const left = length(Math.max(0, Date.parse(lease.expires) - at));
  return <span className={lease.mine ? undefined : "tag"}>{lease.mine ? t("ptz.mine", { left }) : t("ptz.held", { name: lease.holderName, left })}</span>;
}

function Controls({ steering, head }: { steering: Steering; head: NonNullable<ReturnType<Steering["hand"]["get"]>["head"]> }) {
  const { t } = useTranslation();
  return (
    <div className="row wrap top">
      <div className="pad9" role="group" aria-label={t("ptz.title")}>
        {BUTTONS.map(([name, icon, wish]) => {
          const able = name === "home" ? head.home : wish.zoom === undefined ? head.turns : head.zooms;
          const act = () => (name === "home" ? void steering.home() : steering.nudge(wish));
          return (
            <button
              key={name}
              type="button"
              className={`btn sq go-${name}`}
              aria-label={t(`ptz.${name}`)}
              title={t(`ptz.${name}`)}
              disabled={!able}
              onPointerDown={() => name !== "home" && steering.move(wish)}
              onPointerUp={() => name !== "home" && steering.stop()}
              onPointerLeave={() => name !== "home" && steering.stop()}
              onPointerCancel={() => name !== "home" && steering.stop()}
              onClick={(event) => (name === "home" || event.detail === 0) && act()}
            >
              <Icon name={icon} />
            </button>
          );
        })}
      </div>
      <div className="stack tight">
        <span className="cap">{t("ptz.presets")}</span>
        <div className="row wrap">
          {head.presets.length === 0 ? <span className="dim">{t("ptz.noPresets")}</span> : null}
          {head.presets.map((preset, place) => (
            <button key={preset.token} type="button" className="btn" onClick={() => void steering.goTo(preset.token)}>
              <span className="tr">{preset.name || preset.token}</span>
              {place < 4 ? <kbd>{place + 1}</kbd> : null}
            </button>
          ))}
        </div>
        <span className="dim hide-p">{t("ptz.hint")}</span>
      </div>
    </div>
  );
}
