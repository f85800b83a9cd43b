import { type FormEvent, useState } from 'react';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, Textarea } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { useTestLLMProfile } from '../queries';
import { CallFacts } from './calls-panel';

/** Ask a profile for real: the answer, its attempts and what it cost. */
export function ProfileTest({ profileKey }: { profileKey: string }) {
  const [prompt, setPrompt] = useState('');
  const test = useTestLLMProfile();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (prompt.trim() !== '' && !test.isPending)
      test.mutate({ path: { profile_key: profileKey }, body: { prompt } });
  };
  return (
    <form aria-label="Test" noValidate onSubmit={submit} className="grid gap-3">
      <Field label="Ask it for real" hint="As it is saved. The call is paid for as any other.">
        <Textarea value={prompt} onChange={(event) => setPrompt(event.currentTarget.value)} />
      </Field>
      <Button type="submit" busy={test.isPending} aria-disabled={prompt.trim() === '' || undefined}>
        Test
      </Button>
      {test.error ? <ErrorState problem={toProblem(test.error)} /> : null}
      {test.data ? (
        <section aria-label="Answer" className="grid gap-4">
          <p className="text-body whitespace-pre-wrap">{test.data.text}</p>
          <CallFacts call={test.data.call} />
        </section>
      ) : null}
    </form>
  );
}
