import { useQuery } from '@tanstack/react-query';
import type { PopulationDetail, PopulationReport as Report } from '@/api/generated/types.gen';
import { count, counted } from '@/lib/format';
import { Digest } from '@/ui/digest';
import { Facts, Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { reportOptions } from '../queries';
import { EstimationTable } from './estimation-table';
import { FitTable } from './fit-table';
import { ImportSummary } from './import-summary';
import { NetworkSummary } from './network-summary';

/** Everything known about a frozen population: source, rows, fit, network, estimation. */
export function PopulationReport({ population }: { population: PopulationDetail }) {
  const report = useQuery(reportOptions(population.id));
  return (
    <Resource query={report}>
      {(data) => (
        <div className="grid items-start gap-4 md:grid-cols-2">
          <Overview population={population} report={data} />
          <ImportSummary population={population} report={data.import_report} />
          <EstimationTable report={data.estimation} />
          <FitTable report={data.fit} />
          <NetworkSummary report={data.network} />
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
          ['Alternatives', mapping?.alternatives.map((item) => item.label).join(', ')],
          ['Source', report.source],
          ['Digest', <Digest key="digest" value={report.digest} />],
        ]}
      />
    </Panel>
  );
}
