/** Persons from a file with their pictures beside it, and pictures out of the node under a second person's release. */

import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type PersonImportLine, useEnrol, useImportPersons } from "../../api/persons";
import { may, session } from "../../api/queries";
import { type MatterRelease, PERSONS_PICTURES, useAskMatter, useReleases } from "../../api/releases";
import { FileField } from "../../parts/FileField";
import { Icon } from "../../parts/Icon";
import { Problem } from "../../parts/Problem";
import { ReasonDialog } from "../../parts/ReasonDialog";
import type { Choice, Recipient } from "../../parts/RecipientFields";
import { ImportDialog } from "./ImportDialog";
import { type FileForm, TakeFile, textForms } from "./TakeFile";

const WORDS = textForms("/api/persons/file/taken");

export function ImportPersons({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const importing = useImportPersons();
  const enrolling = useEnrol();
  const [files, setFiles] = useState<readonly File[]>([]);
  const [said, setSaid] = useState<readonly { name: string; what: string }[]>([]);
  /** One after the other: each picture is looked at by the node, and what is wrong with it is said by name. */
  const enrol = async (lines: readonly PersonImportLine[]) => {
    for (const line of lines) {
      if (line.entryId == null || line.picture === "") continue;
      const what = await enrolled(line, line.entryId);
      setSaid((old) => [...old, { name: line.name, what }]);
    }
  };
  const enrolled = async (line: PersonImportLine, id: string): Promise<string> => {
    const picture = files.find((file) => file.name === line.picture);
    if (picture === undefined) return t("personsFile.noFile", { file: line.picture });
    try {
      const result = await enrolling.mutateAsync({ id, source: line.source ?? "case-file", picture });
      return result.accepted ? t("personsFile.enrolled") : result.faults.map((fault) => t(`face.fault.${fault.what}`, { value: fault.value, needed: fault.needed })).join(" ");
    } catch (problem) {
      return problem instanceof Error ? problem.message : String(problem);
    }
  };
  const more = (
    <>
      <FileField label={t("personsFile.pictures")} accept="image/jpeg,image/png,image/webp" onFiles={setFiles} />
      <span className="hint">{t("personsFile.picturesHint")}</span>
      {said.length === 0 ? null : (
        <ul aria-live="polite">
          {said.map((each) => (
            <li key={each.name}>
              <b>{each.name}</b>: {each.what}
            </li>
          ))}
        </ul>
      )}
    </>
  );
  return <ImportDialog importing={importing} hint={t("personsFile.hint")} column={t("persons.name")} nameOf={(line) => line.name} more={more} onWritten={(lines) => void enrol(lines)} onClose={onClose} />;
}

export function ExportPersons({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const found = useReleases();
  const asking = useAskMatter();
  const [asked, ask] = useState<Recipient | null>(null);
  const mine = found.data?.releases.filter((each) => each.matter === "evidence-export" && each.subject === PERSONS_PICTURES && each.askedBy === session.get()?.operator.name && each.ended == null) ?? [];
  const standing = mine.find((each) => each.state === "standing");
  const waits = mine.some((each) => each.state === "waiting");
  const pictures: FileForm = { name: t("personsFile.withPictures"), path: "/api/persons/file/pictures", body: {}, disabled: standing === undefined };
  const done = () => ask(null);
  const more = (recipient: Recipient | null) => standing !== undefined ? null : waits ? (
    <span className="dim">{t("personsFile.waits")}</span>
  ) : (
    <>
      <span className="hint">{t("personsFile.needsRelease")}</span>
      <button type="button" className="btn" disabled={recipient === null} onClick={() => ask(recipient)}>
        <Icon name="key" />
        {t("persons.askRelease")}
      </button>
      <Problem error={found.error} />
    </>
  );
  const mayTake = may("persons.write");
  return (
    <>
      <TakeFile key={standing?.id} first={releasedFor(standing)} forms={mayTake ? [...WORDS, pictures] : WORDS} hint={t("personsFile.exportHint")} more={mayTake ? more : null} onClose={onClose} />
      {asked !== null ? <ReasonDialog title={t("personsFile.askTitle")} label={t("persons.releaseReason")} act={t("persons.ask")} maxLength={500} acting={asking} onReason={(text) => asking.mutate({ matter: "evidence-export", subject: PERSONS_PICTURES, reason: text, permit: "", emergency: false, scope: { cameras: [], recipient: asked } }, { onSuccess: done })} onClose={done} /> : null}
    </>
  );
}

/** The recipient that a release names (name, country, kind, ground, paper), as the form takes it. */
function releasedFor(release: MatterRelease | undefined): Choice | undefined {
  const values = release?.scope.find((one) => one.name === "recipient")?.values;
  if (values === undefined) return undefined;
  const [name = "", country = "", kind = "", basis = "", reference = ""] = values;
  return { name, country, kind: kind as Choice["kind"], basis, reference };
}
