import { FileUp } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { cx } from '@/lib/cx';
import { bytes } from '@/lib/format';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { ErrorState } from '@/ui/states';
import { useUpload } from '../queries';

const KINDS = ['.csv', '.parquet'];

/** A survey or customer file, dropped or chosen; the answer says what is in it. */
export function FileDrop({ onUploaded }: { onUploaded: (populationId: string) => void }) {
  const upload = useUpload();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const take = (file: File | undefined) => {
    if (!file) return;
    const isKnown = KINDS.some((kind) => file.name.toLowerCase().endsWith(kind));
    setRefusal(
      isKnown ? null : `“${file.name}” is neither CSV nor Parquet. Export it as CSV first.`,
    );
    if (!isKnown) return;
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
          {sent ? `Uploading ${sent.name}, ${bytes(sent.size)}` : 'Drop a CSV or Parquet file here'}
        </p>
        <p className="max-w-md text-control text-t3">
          One row per person: what they chose, and what every alternative would have cost them.
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
