import { useState } from 'react';
import type { Project } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { announce } from '@/ui/toast';
import { Upkeep } from '@/ui/upkeep';
import { useDeleteProject, useUpdateProject } from '../queries';

/** Its name, its tags, its end; refused while anything of it is computed. */
export function ProjectUpkeep({ project }: { project: Project }) {
  const [isOpen, setOpen] = useState(false);
  const update = useUpdateProject();
  const remove = useDeleteProject();
  const path = { project_id: project.id };
  const error = update.error ?? remove.error;
  const done = (said: string) => ({
    onSuccess: () => {
      setOpen(false);
      announce(said);
    },
  });
  return (
    <>
      <Button size="small" aria-label={`Edit ${project.name}`} onClick={() => setOpen(true)}>
        Edit
      </Button>
      <Upkeep
        noun="project"
        name={project.name}
        tags={project.tags ?? []}
        open={isOpen}
        onOpenChange={setOpen}
        busy={update.isPending || remove.isPending}
        problem={error ? toProblem(error) : null}
        loses="Its map, its questions and its runs are deleted with it; its people stay."
        onSave={(body) => update.mutate({ path, body }, done('Saved'))}
        onDelete={() => remove.mutate({ path }, done('Deleted'))}
      />
    </>
  );
}
