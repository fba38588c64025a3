/** What a field says when it cannot be sent, in the language of the screen: the browser would say it in its own. */

import i18next from "i18next";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const marked = new Set<Field>();

function isField(target: EventTarget | null): target is Field {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}

function rangeSentence({ min, max }: HTMLInputElement): string {
  if (min !== "" && max !== "") return i18next.t("invalid.range", { min, max });
  return min === "" ? i18next.t("invalid.most", { max }) : i18next.t("invalid.least", { min });
}

function sentence(field: Field): string {
  const { validity } = field;
  const chosen = field instanceof HTMLSelectElement || field.type === "radio";
  if (validity.valueMissing) return i18next.t(chosen ? "invalid.choose" : "invalid.missing");
  if (validity.badInput) return i18next.t("invalid.number");
  if ((validity.rangeOverflow || validity.rangeUnderflow) && field instanceof HTMLInputElement) return rangeSentence(field);
  if (validity.tooShort && !(field instanceof HTMLSelectElement)) return i18next.t("invalid.short", { min: field.minLength });
  return i18next.t(validity.typeMismatch || validity.patternMismatch ? "invalid.type" : "invalid.other");
}

function tell(event: Event): void {
  // A sentence that the form itself has set is left as it is.
  if (!isField(event.target) || event.target.validity.customError) return;
  event.target.setCustomValidity(sentence(event.target));
  marked.add(event.target);
}

/** Take the sentences back before the form is asked again: a field that carries one counts as wrong, whatever it holds. */
function takeBack(): void {
  for (const field of marked) field.setCustomValidity("");
  marked.clear();
}

/** Answer for every form of the page. */
export function speakOfFields(): void {
  document.addEventListener("invalid", tell, true);
  for (const step of ["input", "change", "click", "keydown", "submit"]) document.addEventListener(step, takeBack, true);
}
