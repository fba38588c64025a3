import { type DragEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Alarm, Camera } from "../../api/client";
import { Icon } from "../../parts/Icon";
import { LiveView } from "../../video/LiveView";
import { borderOf } from "./layout";

export const DRAGGED = "text/x-istros-camera";

export interface TileProps {
  place: number;
  camera: Camera | undefined;
  alarm: Alarm | undefined;
  selected: boolean;
  wanted: "main" | "sub";
  onSelect: () => void;
  onEnlarge: () => void;
  onDrop: (camera: string) => void;
}

/** One place of the wall: a live picture, or a free place that says how to fill it. */
export function Tile({ place, camera, alarm, selected, wanted, onSelect, onEnlarge, onDrop }: TileProps) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const border = borderOf(alarm);
  const classes = ["tile", selected && "sel", border && `alarm ${border}`, over && "over", camera === undefined && "free"].filter(Boolean).join(" ");
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.getData(DRAGGED);
    if (dropped !== "") onDrop(dropped);
  };
  const label = camera === undefined ? t("wall.free", { place: place + 1 }) : `${camera.id} ${camera.name}`;
  return (
    // The wall answers the keys (arrows, Enter) for all its tiles; a tile only takes the focus.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <figure
      className={classes}
      data-tile={place}
      data-camera={camera?.id}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={selected ? 0 : -1}
      aria-label={label}
      aria-current={selected}
      draggable={camera !== undefined}
      onDragStart={(event) => camera && event.dataTransfer.setData(DRAGGED, camera.id)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onClick={onSelect}
      onFocus={onSelect}
      onDoubleClick={camera === undefined ? undefined : onEnlarge}
    >
      {camera === undefined ? (
        <div className="mid">
          <Icon name="plus" size="lg" />
          <span>{t("wall.freeHint")}</span>
        </div>
      ) : (
        <LiveView camera={camera} wanted={wanted} alarm={border} detail={wanted === "main"} />
      )}
    </figure>
  );
}
