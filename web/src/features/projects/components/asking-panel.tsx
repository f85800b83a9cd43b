import { Suspense } from 'react';
import type { Node, Project, VariableRegistry } from '@/api/generated/types.gen';
import { AskBox, AskProgress } from '@/features/asks';
import { termsOf } from '@/features/runs';
import type { Asking } from '../asking';
import type { UniverseAddress } from '../universe-address';

interface AskingPanelProps {
  project: Project;
  registry: VariableRegistry | undefined;
  asking: Asking;
  address: UniverseAddress;
  /** The world version that the question continues; null: the baseline. */
  parent: Node | null;
  baselineReady: boolean;
}

/** The field for a question, and below it how the answer comes about. */
export function AskingPanel(props: AskingPanelProps) {
  const { project, registry, asking, address, parent, baselineReady } = props;
  const { askId, submit } = asking;
  return (
    <>
      <AskBox
        projectId={project.id}
        registry={registry}
        draft={asking.draft}
        from={parent}
        unit={termsOf(project).unit}
        onClearFrom={() => address.show({ from: undefined })}
        disabledReason={
          baselineReady ? null : 'Run the baseline first: every answer is a difference from it.'
        }
        busy={asking.busy}
        problem={asking.problem}
        onAsk={(question, acceptPartial, confirmed) =>
          submit(question, parent?.id, { acceptPartial, confirmed })
        }
        inputRef={asking.input}
      />
      {askId !== null && (
        <Suspense fallback={null}>
          <AskProgress
            key={askId}
            projectId={project.id}
            askId={askId}
            unit={termsOf(project).unit}
            registry={registry}
            onNode={address.select}
            onAcceptPartial={(ask) =>
              submit(ask.question, ask.parent_node_id, { acceptPartial: true, confirmed: [] })
            }
            onRephrase={asking.rephrase}
            onClose={asking.close}
          />
        </Suspense>
      )}
    </>
  );
}
