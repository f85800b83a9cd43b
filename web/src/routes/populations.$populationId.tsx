import { createFileRoute } from '@tanstack/react-router';
import { PopulationPage } from '@/features/populations/pages/population-page';
import { populationOptions } from '@/features/populations/queries';

export const Route = createFileRoute('/populations/$populationId')({
  loader: ({ context, params }) =>
    context.queryClient.prefetchQuery(populationOptions(params.populationId)),
  component: PopulationRoute,
});

function PopulationRoute() {
  return <PopulationPage populationId={Route.useParams().populationId} />;
}
