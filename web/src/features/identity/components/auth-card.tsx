import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { setTheme, useTheme } from '@/lib/theme';
import { Button } from '@/ui/button';
import { Mark } from '@/ui/mark';

interface AuthCardProps {
  title: string;
  lead: string;
  children: ReactNode;
  footer?: ReactNode;
}

/** The frame of the pages before sign-in. */
export function AuthCard({ title, lead, children, footer }: AuthCardProps) {
  const theme = useTheme();
  const other = theme === 'dark' ? 'light' : 'dark';
  useEffect(() => {
    document.title = `${title} · AgentVerse`;
  }, [title]);
  return (
    <div className="grid min-h-dvh grid-rows-[1fr_auto] px-4">
      <div className="grid w-full max-w-sm content-center gap-6 justify-self-center py-10">
        <div className="flex items-center gap-2.5">
          <Mark size={28} />
          <span className="text-section font-semibold tracking-[-0.01em]">AgentVerse</span>
        </div>
        <div>
          <h1 className="text-title font-semibold tracking-[-0.01em]">{title}</h1>
          <p className="mt-1 text-body text-t2">{lead}</p>
        </div>
        {children}
        {footer ? <p className="text-control text-t2">{footer}</p> : null}
      </div>
      <footer className="flex items-center justify-center pb-4">
        <Button variant="quiet" size="small" onClick={() => setTheme(other)}>
          Use the {other} theme
        </Button>
      </footer>
    </div>
  );
}
