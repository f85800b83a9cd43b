import { createFileRoute } from '@tanstack/react-router';
import { PopulationsPage } from '@/features/populations/pages/populations-page';

export const Route = createFileRoute('/populations/')({ component: PopulationsPage });
