/** All screens of the role by name, in their groups: for whoever does not know the pictures of the rail yet, and for the phone. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Dialog } from "../parts/Dialog";
import { Icon } from "../parts/Icon";
import { allowedGroups } from "./Rail";

export function ScreensDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("nav.all")} onClose={onClose} wide>
      <div className="pb keys">
        {allowedGroups().map((group) => (
          <section key={group.name} aria-labelledby={`screens-${group.name}`}>
            <h3 className="cap" id={`screens-${group.name}`}>
              {t(`nav.${group.name}`)}
            </h3>
            <ul className="all-screens">
              {group.screens.map((screen) => (
                <li key={screen.to}>
                  <Link to={screen.to} onClick={onClose}>
                    <Icon name={screen.icon} />
                    <span className="sp">{t(`screen.${screen.name}`)}</span>
                    <kbd className="hide-p">{`G ${screen.letter}`}</kbd>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
