import { useTranslation } from "react-i18next";

import { Icon } from "../../parts/Icon";

/** A link to the same rows as a file for a spreadsheet. */
export function Download({ href, query }: { href: string; query: Record<string, string | readonly string[]> }) {
  const { t } = useTranslation();
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const each of [value].flat()) words.append(name, String(each));
  return (
    <a className="btn" href={`${href}?${words.toString()}`} download>
      <Icon name="table" />
      CSV
      <span className="vh">{t("gaps.download")}</span>
    </a>
  );
}
