import { Link } from '@tanstack/react-router';
import type { OutcomeStrip, Project } from '@/api/generated/types.gen';
import { IllustrativeBadge, parameterTitle, sentenceCase, termsOf, wholeOf } from '@/features/runs';
import { ago, count, share, shareRange, span, utc } from '@/lib/format';
import { CoreBadge } from '@/ui/badge';
import { shareAxis } from '@/ui/charts/geometry';
import { IntervalStrip } from '@/ui/charts/interval-strip';
import { type Column, DataTable } from '@/ui/data-table';
import { Status } from '@/ui/status';
import { Tags } from '@/ui/tags';
import { ProjectUpkeep } from './project-upkeep';

/** One row per project; all outcomes stand on one axis so that rows can be compared. */
export function ProjectsTable({ rows }: { rows: readonly Project[] }) {
  const strips = rows.flatMap((project) => project.baseline_outcome ?? []);
  const axis = shareAxis(strips.flatMap(({ low, high }) => [low, high]));
  return (
    <DataTable
      caption="Projects"
      columns={columns(axis)}
      rows={rows}
      rowKey={(project) => project.id}
    />
  );
}

type Axis = ReturnType<typeof shareAxis>;

function columns(axis: Axis): ReadonlyArray<Column<Project>> {
  return [
    {
      key: 'name',
      header: 'Project',
      className: 'min-w-36',
      cell: (project) => (
        <Link
          to="/projects/$projectId/universe"
          params={{ projectId: project.id }}
          className="grid py-1.5 hover:text-accent"
        >
          <span className="font-medium hover:underline hover:underline-offset-2">
            {project.name}
          </span>
          <span className="max-w-36 truncate text-caption text-t3 sm:max-w-72">{project.goal}</span>
          <Tags tags={project.tags ?? []} />
        </Link>
      ),
    },
    {
      key: 'core',
      header: 'Core',
      className: 'max-sm:hidden',
      cell: (project) => (
        <span className="grid justify-items-start gap-0.5">
          <CoreBadge core={project.core ?? 'collective'} />
          <span className="text-caption text-t3">{parameterTitle(project.domain_template)}</span>
        </span>
      ),
    },
    {
      key: 'population',
      header: 'Population',
      className: 'max-sm:hidden',
      cell: (project) => (
        <span className="grid">
          <span className="max-w-44 truncate">{project.population_name}</span>
          <span className="font-mono text-caption text-t3">{count(project.personas)}</span>
        </span>
      ),
    },
    {
      key: 'baseline',
      header: 'Baseline outcome',
      className: 'min-w-40 sm:min-w-56',
      cell: (project) =>
        project.baseline_outcome ? (
          <Baseline project={project} strip={project.baseline_outcome} axis={axis} />
        ) : (
          <Status status={project.baseline_status} />
        ),
    },
    { key: 'nodes', header: 'Nodes', numeric: true, cell: (project) => count(project.nodes) },
    {
      key: 'last',
      header: 'Last run',
      cell: (project) =>
        project.last_run_at ? (
          <time
            dateTime={project.last_run_at}
            title={utc(project.last_run_at)}
            className="whitespace-nowrap text-t2"
          >
            {ago(project.last_run_at)}
          </time>
        ) : (
          <span className="text-t3">not yet</span>
        ),
    },
    {
      key: 'edit',
      header: <span className="sr-only">Rename or delete</span>,
      cell: (project) => <ProjectUpkeep project={project} />,
    },
  ];
}

interface BaselineProps {
  project: Project;
  strip: OutcomeStrip;
  axis: Axis;
}

function Baseline({ project, strip, axis }: BaselineProps) {
  const { low, median, high, metric, interval, from_tick, to_tick } = strip;
  const terms = termsOf(project);
  return (
    <div className="grid max-w-40 py-1.5 sm:max-w-64" title={interval.kind}>
      <p className="flex items-baseline justify-between gap-3">
        <span className="font-mono font-medium">{shareRange(low, high)}</span>
        <span className="font-mono text-caption text-t3 max-sm:hidden">
          median {share(median, high - low)}
        </span>
      </p>
      <IntervalStrip
        name=""
        axis={axis}
        low={low}
        median={median}
        high={high}
        tone="baseline"
        height={12}
      />
      <p className="truncate text-caption text-t3">
        {sentenceCase(project.outcome_label)}, {wholeOf(metric, terms)},{' '}
        {span(from_tick, to_tick, terms.unit)}
      </p>
      <p className="justify-self-start">
        <IllustrativeBadge basis={project.basis} />
      </p>
    </div>
  );
}
