import { createFileRoute, redirect } from '@tanstack/react-router';
import { reachable, readDraft, STEPS } from '@/features/projects/draft';
import { NewProjectPage } from '@/features/projects/pages/new-project-page';

export const Route = createFileRoute('/projects/new')({
  validateSearch: readDraft,
  beforeLoad: ({ search }) => {
    const furthest = reachable(search);
    if (STEPS.indexOf(search.step) > STEPS.indexOf(furthest)) {
      throw redirect({ to: '/projects/new', search: { ...search, step: furthest } });
    }
  },
  component: NewProjectRoute,
});

function NewProjectRoute() {
  return <NewProjectPage draft={Route.useSearch()} />;
}
