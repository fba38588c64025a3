import { useTranslation } from "react-i18next";

const MEGABYTE = 1e6;
const GIGABYTE = 1e9;
const TERABYTE = 1e12;

/** Bytes as people say them: `64 MB`, `812 GB`, `7.2 TB`. */
export function useBytes(): (count: number) => string {
  const { i18n, t } = useTranslation();
  return (count) => {
    const [unit, word] = count >= TERABYTE ? ([TERABYTE, "terabytes"] as const) : count >= GIGABYTE || count === 0 ? ([GIGABYTE, "gigabytes"] as const) : ([MEGABYTE, "megabytes"] as const);
    const value = count / unit;
    const digits = value < 10 ? 1 : 0;
    return t(`storage.${word}`, { value: value.toLocaleString(i18n.language, { maximumFractionDigits: digits }) });
  };
}
