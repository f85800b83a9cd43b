import { useQuery } from '@tanstack/react-query';
import type { Ask } from '@/api/generated/types.gen';
import { asksOptions, RecentAsks } from '@/features/asks';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Panel } from '@/ui/panel';
import { toast } from '@/ui/toast';

interface RecentQuestionsProps {
  projectId: string;
  onOpen: (ask: Ask) => void;
}

/** What was asked before; nothing while nothing was. */
export function RecentQuestions({ projectId, onOpen }: RecentQuestionsProps) {
  const asks = useQuery(asksOptions(projectId));
  if (asks.data) {
    return asks.data.items.length > 0 ? (
      <Panel title="Recent questions" flush>
        <RecentAsks asks={asks.data.items} onOpen={onOpen} />
      </Panel>
    ) : null;
  }
  if (!asks.error) return null;
  return (
    <Panel title="Recent questions">
      <p className="text-control text-t2">
        {toProblem(asks.error).title}.{' '}
        <Button
          variant="quiet"
          size="small"
          onClick={() => void asks.refetch().catch(() => toast('Still failing', 'bad'))}
        >
          Retry
        </Button>
      </p>
    </Panel>
  );
}
