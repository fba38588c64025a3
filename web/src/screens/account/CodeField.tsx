import { useId } from "react";

/** A field for a code; phones offer the digits, and browsers the code that they know. */
export function CodeField({ label, recovery }: { label: string; recovery?: boolean }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name="code"
        className="in l"
        required
        maxLength={40}
        inputMode={recovery ? "text" : "numeric"}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
      />
    </div>
  );
}
