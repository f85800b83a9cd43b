import { defineConfig } from '@hey-api/openapi-ts';

/** FastAPI describes event streams with `itemSchema`, which the generator does not read yet. */
function typeStreamEvents(content: Record<string, unknown> | undefined): void {
  const stream = content?.['text/event-stream'] as StreamContent | undefined;
  const event = stream?.itemSchema?.properties?.data?.contentSchema;
  if (stream && event) stream.schema = event;
}

interface StreamContent {
  schema?: unknown;
  itemSchema?: { properties?: { data?: { contentSchema?: unknown } } };
}

export default defineConfig({
  // Must start with ./ or ../: anything else is read as the name of a hosted project.
  input: process.env.OPENAPI_FILE ?? '../contracts/openapi.json',
  output: { path: 'src/api/generated', clean: true },
  parser: {
    patch: {
      operations: (_method, _path, operation) => {
        const ok = operation.responses?.['200'] as
          | { content?: Record<string, unknown> }
          | undefined;
        typeStreamEvents(ok?.content);
      },
    },
  },
  plugins: [
    { name: '@hey-api/client-fetch', throwOnError: true },
    '@hey-api/typescript',
    '@hey-api/sdk',
    { name: '@tanstack/react-query', infiniteQueryOptions: true },
  ],
});
