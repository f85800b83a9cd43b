import { useQuery } from '@tanstack/react-query';
import { universeListProjectsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Page } from '@/ui/page';
import { Resource } from '@/ui/resource';

export function ProjectsPage() {
  const projects = useQuery(universeListProjectsOptions());
  return (
    <Page title="Projects">
      <Resource query={projects}>{(page) => <p>{page.items.length}</p>}</Resource>
    </Page>
  );
}
