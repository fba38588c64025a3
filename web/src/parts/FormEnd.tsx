/** How a form ends: the way out, and the one act that it is for. */

import { useTranslation } from "react-i18next";

interface Props {
  act: string;
  disabled: boolean;
  onClose: () => void;
  className?: string;
}

export function FormEnd({ act, disabled, onClose, className = "pf" }: Props) {
  const { t } = useTranslation();
  return (
    <div className={className}>
      <span className="sp" />
      <button type="button" className="btn" onClick={onClose}>
        {t("cancel")}
      </button>
      <button type="submit" className="btn p" disabled={disabled}>
        {act}
      </button>
    </div>
  );
}
