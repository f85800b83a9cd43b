import { type FormEvent, useState } from 'react';
import type { Profile, ProfileKeyView } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Checkbox, Field, Input, NumberInput, Textarea } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { announce } from '@/ui/toast';
import { changesOf, type ProfileDraft, profileDraft } from '../profile-draft';
import { useAvailableLLMModels, useCreateLLMProfile, useUpdateLLMProfile } from '../queries';

interface ProfileFormProps {
  /** The profile as it holds now. */
  profile: ProfileKeyView;
  /** The organization's own form; null: there is none yet. */
  own: Profile | null;
  onDone: () => void;
}

/** The organization's own form of a profile: models in order, limits, kept answers, instructions. */
export function ProfileForm({ profile, own, onDone }: ProfileFormProps) {
  const { profile_key: profileKey } = profile;
  const [draft, setDraft] = useState(() => profileDraft(own ?? profile));
  const create = useCreateLLMProfile();
  const update = useUpdateLLMProfile();
  const error = create.error ?? update.error;
  const problem = error ? toProblem(error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const done = {
      onSuccess: () => {
        announce(`${profileKey} is saved and holds from the next call on.`);
        onDone();
      },
    };
    if (own) {
      update.mutate({ path: { profile_id: own.id }, body: changesOf(draft) }, done);
    } else {
      create.mutate({ body: { profile_key: profileKey, ...changesOf(draft) } }, done);
    }
  };
  return (
    <form aria-label="Profile" noValidate onSubmit={submit} className="grid gap-3">
      <ProfileFields
        draft={draft}
        errorOf={(field) => problem?.field(field)}
        onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
      />
      {problem ? <ErrorState problem={problem} /> : null}
      <Button type="submit" variant="primary" busy={create.isPending || update.isPending}>
        {own ? 'Save' : 'Save as our own form'}
      </Button>
    </form>
  );
}

interface ProfileFieldsProps {
  draft: ProfileDraft;
  errorOf: (field: string) => string | undefined;
  onChange: (change: Partial<ProfileDraft>) => void;
}

function ProfileFields({ draft, errorOf, onChange }: ProfileFieldsProps) {
  const models = useAvailableLLMModels();
  return (
    <>
      <datalist id="llm-models">
        {models.data?.items.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Field label="Model" error={errorOf('model')}>
        <Input
          list="llm-models"
          value={draft.model}
          onChange={(event) => onChange({ model: event.currentTarget.value })}
        />
      </Field>
      <Field
        label="If it fails, in this order"
        hint="One model on a line"
        error={errorOf('fallback_models')}
        optional
      >
        <Textarea
          value={draft.fallbacks}
          onChange={(event) => onChange({ fallbacks: event.currentTarget.value })}
        />
      </Field>
      <Limits draft={draft} errorOf={errorOf} onChange={onChange} />
      <Field label="Instructions before every question" error={errorOf('system_prompt')} optional>
        <Textarea
          value={draft.prompt}
          onChange={(event) => onChange({ prompt: event.currentTarget.value })}
        />
      </Field>
    </>
  );
}

function Limits({ draft, errorOf, onChange }: ProfileFieldsProps) {
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Temperature" error={errorOf('temperature')} optional>
          <NumberInput
            step="0.1"
            value={draft.temperature}
            onChange={(event) => onChange({ temperature: event.currentTarget.value })}
          />
        </Field>
        <Field label="Longest answer" error={errorOf('max_tokens')} optional>
          <NumberInput
            unit="tokens"
            value={draft.maxTokens}
            onChange={(event) => onChange({ maxTokens: event.currentTarget.value })}
          />
        </Field>
        <Field label="Dearest call" error={errorOf('max_cost_per_request_usd')} optional>
          <NumberInput
            unit="USD"
            step="any"
            value={draft.ceiling}
            onChange={(event) => onChange({ ceiling: event.currentTarget.value })}
          />
        </Field>
        <Field label="Answers are kept for" error={errorOf('cache_ttl_seconds')} optional>
          <NumberInput
            unit="s"
            value={draft.ttl}
            onChange={(event) => onChange({ ttl: event.currentTarget.value })}
          />
        </Field>
      </div>
      <Checkbox
        label="Keep answers, so that the same question costs once"
        checked={draft.cached}
        onChange={(event) => onChange({ cached: event.currentTarget.checked })}
      />
    </>
  );
}
