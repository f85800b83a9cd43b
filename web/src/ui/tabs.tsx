import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

interface TabsProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  tabs: ReadonlyArray<{ value: T; label: ReactNode; content: ReactNode }>;
}

/** Tabs whose choice belongs to the caller, normally to the address. */
export function Tabs<T extends string>({ label, value, onChange, tabs }: TabsProps<T>) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as T)}>
      <Radix.List aria-label={label} className="flex overflow-x-auto border-b border-line px-2">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="min-h-9 border-b-2 border-transparent px-2 text-control font-medium whitespace-nowrap text-t2 -outline-offset-2 hover:text-t1 data-[state=active]:border-accent data-[state=active]:text-t1"
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="pt-4 outline-offset-0">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
