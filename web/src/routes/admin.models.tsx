import { createFileRoute } from '@tanstack/react-router';
import { ModelsPage } from '@/features/llm/pages/models-page';

export const Route = createFileRoute('/admin/models')({ component: ModelsPage });
