import { FileUp } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { cx } from '@/lib/cx';
import { bytes } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { ErrorState } from '@/ui/states';
import { useUpload } from '../queries';

const KINDS = [
  '.csv',
  '.tsv',
  '.tab',
  '.txt',
  '.xlsx',
  '.ods',
  '.sav',
  '.zsav',
  '.dta',
  '.parquet',
  '.json',
  '.jsonl',
  '.ndjson',
  '.gz',
];
const READ = 'CSV, Excel, OpenDocument, SPSS, Stata, Parquet or JSON';
/** What people bring instead, and the way out. */
const INSTEAD: Record<string, string> = {
  '.xls': 'Open it and save it as .xlsx.',
  '.xlsb': 'Open it and save it as .xlsx.',
  '.por': 'Open it in SPSS and save it as .sav.',
  '.numbers': 'Export it as .xlsx or CSV.',
  '.zip': 'Unpack it and choose the file inside.',
};

function refusalOf(name: string): string | null {
  const ending = /\.[^.]+$/.exec(name.toLowerCase())?.[0] ?? '';
  if (KINDS.includes(ending)) return null;
  return `“${name}” is not read. ${INSTEAD[ending] ?? `Save it as ${READ}.`}`;
}

/** A survey or customer file, dropped or chosen; the answer says what is in it. */
export function FileDrop({ onUploaded }: { onUploaded: (populationId: string) => void }) {
  const upload = useUpload();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const take = (file: File | undefined) => {
    if (!file) return;
    const refused = refusalOf(file.name);
    setRefusal(refused);
    if (refused) return;
    const body = { file, name: file.name.replace(/\.[^.]+$/, '') };
    upload.mutate({ body }, { onSuccess: (population) => onUploaded(population.id) });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const sent = upload.isPending ? (upload.variables?.body.file as File) : null;
  return (
    <div className="grid gap-3">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut, the button below does the same */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cx(
          'grid justify-items-center gap-2 rounded-lg border border-dashed px-4 py-8 text-center transition-colors duration-[120ms]',
          isOver ? 'border-accent bg-s3' : 'border-edge bg-s1',
        )}
      >
        <FileUp aria-hidden size={22} className={isOver ? 'text-accent' : 'text-t3'} />
        <p className="text-body text-t1" aria-live="polite">
          {sent ? `Uploading ${sent.name}, ${bytes(sent.size)}` : 'Drop a file with people here'}
        </p>
        <p className="max-w-md text-control text-t3">
          {READ}. One row per person: who they are, what they chose, and what every alternative
          would have cost them.
        </p>
        <input
          ref={input}
          type="file"
          accept={KINDS.join(',')}
          aria-label="File with people"
          className="sr-only"
          tabIndex={-1}
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
        <Button className="mt-1" busy={upload.isPending} onClick={() => input.current?.click()}>
          {upload.isPending ? 'Uploading' : 'Choose a file'}
        </Button>
      </div>
      {refusal ? (
        <p role="alert" className="text-control text-bad">
          {refusal}
        </p>
      ) : null}
      {upload.error ? <ErrorState problem={toProblem(upload.error)} /> : null}
    </div>
  );
}
