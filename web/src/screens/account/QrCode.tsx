import { useTranslation } from "react-i18next";

/** A QR code from its rows of 0 and 1; black on white in every theme, for cameras read nothing else. */
export function QrCode({ rows }: { rows: readonly string[] }) {
  const { t } = useTranslation();
  const path = rows.flatMap((row, y) => Array.from(row, (cell, x) => (cell === "1" ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg className="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={t("account.qr")} shapeRendering="crispEdges">
      <rect width={rows.length} height={rows.length} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
