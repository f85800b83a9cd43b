import { useState } from 'react';
import { singleKeysOn, switchSingleKeys } from '@/lib/hotkeys';
import { Sheet } from '@/ui/dialog';
import { Checkbox } from '@/ui/field';

const GROUPS = [
  {
    title: 'Everywhere',
    keys: [
      ['?', 'this list'],
      ['Esc', 'close what is open'],
    ],
  },
  {
    title: 'Universe',
    keys: [
      ['/', 'ask a question'],
      ['← →', 'parent and child'],
      ['↑ ↓', 'neighbours'],
      ['Enter', 'inspect'],
      ['C', 'add to the comparison'],
      ['F', 'fork: tune a copy'],
      ['0', 'show all'],
      ['1', 'go to the start'],
    ],
  },
  {
    title: 'Replay',
    keys: [
      ['Space', 'play and pause'],
      ['← →', 'step by step'],
    ],
  },
] as const;

/** Every shortcut there is, and the switch for those of a single key. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const [isOn, setOn] = useState(singleKeysOn);
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title="Keyboard shortcuts">
      <div className="grid gap-6">
        {GROUPS.map((group) => (
          <section key={group.title} className="grid gap-2">
            <h3 className="text-control font-semibold text-t2">{group.title}</h3>
            <dl className="grid grid-cols-[5rem_1fr] gap-y-1.5 text-control">
              {group.keys.map(([key, meaning]) => (
                <div key={key} className="contents">
                  <dt>
                    <kbd className="rounded-sm border border-edge px-1.5 py-0.5 font-mono text-caption">
                      {key}
                    </kbd>
                  </dt>
                  <dd className="text-t2 first-letter:uppercase">{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <Checkbox
          label="Shortcuts of a single letter or sign"
          checked={isOn}
          onChange={(event) => {
            setOn(event.target.checked);
            switchSingleKeys(event.target.checked);
          }}
        />
      </div>
    </Sheet>
  );
}
