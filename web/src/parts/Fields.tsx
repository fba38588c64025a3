/** Fields of forms: one of several, a line, an area of text, some of several, and cameras. */

import { useId } from "react";

import { useCameras } from "../api/queries";

type Options = readonly (readonly [value: string, text: string])[];

interface ChoiceProps {
  name: string;
  label: string;
  options: Options;
  /** What is chosen at first; without it the first one. */
  value?: string | undefined;
  onChoose?: (value: string) => void;
}

export function Choice({ name, label, options, value: chosen, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="in l" defaultValue={chosen} onChange={(event) => onChoose?.(event.currentTarget.value)}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Line({ name, label, max, required, value }: { name: string; label: string; max: number; required?: boolean; value?: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} className="in l" maxLength={max} required={required} autoComplete="off" defaultValue={value} />
    </div>
  );
}

export function Area({ name, label, max, required, value }: { name: string; label: string; max: number; required?: boolean; value?: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} name={name} className="in l" rows={3} maxLength={max} required={required} defaultValue={value} />
    </div>
  );
}

/** Any of several, each with its own tick. */
export function Ticks({ name, label, options, chosen = [] }: { name: string; label: string; options: Options; chosen?: readonly string[] }) {
  return (
    <fieldset className="field ticks">
      <legend>{label}</legend>
      {options.map(([value, text]) => (
        <label key={value} className="ck">
          <input type="checkbox" name={name} value={value} defaultChecked={chosen.includes(value)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

/** Cameras of this node, any number of them. */
export function CameraField({ label, hint, chosen = [] }: { label: string; hint: string; chosen?: readonly string[] }) {
  const id = useId();
  const cameras = useCameras().data ?? [];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name="camera" className="in l many" multiple size={Math.min(5, Math.max(2, cameras.length))} defaultValue={[...chosen]} aria-describedby={`${id}h`}>
        {cameras.map((camera) => (
          <option key={camera.id} value={camera.id}>
            {camera.id} {camera.name}
          </option>
        ))}
      </select>
      <span id={`${id}h`} className="hint">
        {hint}
      </span>
    </div>
  );
}
