"""The default: batches one after the other, each on the threads of this process."""

import os
from dataclasses import dataclass

from agentverse_engine.execution.executor import LARGEST_BATCH, Work, run_monitored
from agentverse_engine.execution.preparing import prepare
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import reports


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadExecutor:
    """Runs in this process; a tick's personas are cut into chunks, which threads take up."""

    threads: int = os.cpu_count() or 1

    def batch_size(self, replicates: int) -> int:
        """Return the batch that keeps memory in bounds; threads share each of them."""
        return min(LARGEST_BATCH, replicates)

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs.

        Raises RuleError for a rule that cannot be compiled or gave a value that is not a number.
        """
        records: list[BatchRecord] = []
        for scenario_index, scenario in enumerate(work.scenarios):
            prepared = prepare(scenario, work.options)
            records += [
                run_monitored(reports(prepared, job, work.monitor.policy), work.monitor)
                for job in work.jobs
                if job.scenario_index == scenario_index
            ]
        return records
