import type { ApiKeyCreated } from '@/api/generated/types.gen';
import { ShownOnce } from './shown-once';

interface ApiKeySecretProps {
  created: ApiKeyCreated;
  onDone: () => void;
}

/** The secret of a new key. */
export function ApiKeySecret({ created, onDone }: ApiKeySecretProps) {
  return (
    <ShownOnce
      label={`Secret of ${created.name}`}
      title="Copy the key now"
      secret={created.key}
      copied="The key is copied."
      onDone={onDone}
    >
      It is shown this once. Whoever has it can do what “{created.name}” may do.
    </ShownOnce>
  );
}
