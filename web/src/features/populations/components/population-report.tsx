import { useQuery } from '@tanstack/react-query';
import type { PopulationDetail, PopulationReport as Report } from '@/api/generated/types.gen';
import { count, counted } from '@/lib/format';
import { Digest } from '@/ui/digest';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { labels } from '../labels';
import { reportOptions } from '../queries';
import { EstimationTable } from './estimation-table';
import { FitTable } from './fit-table';
import { ImportSummary } from './import-summary';
import { NetworkSummary } from './network-summary';

/** Everything known about a frozen population: source, rows, fit, network, estimation. */
export function PopulationReport({ population }: { population: PopulationDetail }) {
  const report = useQuery(reportOptions(population.id));
  const label = labels(population.mapping);
  return (
    <Resource query={report}>
      {(data) => (
        <div className="grid items-start gap-4 md:grid-cols-2">
          <div className="grid gap-4">
            <Overview population={population} report={data} />
            {data.estimation ? <EstimationTable report={data.estimation} label={label} /> : null}
            <NetworkSummary report={data.network} />
          </div>
          <div className="grid gap-4">
            <ImportSummary population={population} report={data.import_report} label={label} />
            <FitTable report={data.fit} label={label} />
          </div>
        </div>
      )}
    </Resource>
  );
}

function Overview({ population, report }: { population: PopulationDetail; report: Report }) {
  const { mapping } = population;
  return (
    <Panel title="Population" caption="Frozen: neither its people nor its network ever change.">
      <Facts
        items={[
          ['Personas', count(population.personas)],
          ['From', counted(report.import_report.rows_imported, 'survey row', 'survey rows')],
          [
            'Alternatives',
            mapping?.alternatives?.map((item) => item.label).join(', ') || 'no choice in the file',
          ],
          ['Source', report.source],
          ['Digest', <Digest key="digest" value={report.digest} />],
        ]}
      />
    </Panel>
  );
}
