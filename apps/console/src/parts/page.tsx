import { type ReactNode, useEffect, useRef } from 'react';
import { useWords } from '../words/use-words.ts';

/** A page: its heading takes the focus on arrival, so that keyboard and screen reader start here. */
export function Page({
  title,
  lead,
  acts,
  children,
}: {
  title: ReactNode;
  lead?: ReactNode;
  acts?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const words = useWords();
  const plain = typeof title === 'string' ? title : undefined;
  useEffect(() => {
    document.title = plain === undefined ? 'Signet' : `${plain} · ${words.product}`;
  }, [plain, words]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <div className="page-head">
        <div style={{ minWidth: 0 }}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead ? <p className="soft">{lead}</p> : null}
        </div>
        {acts ? <div className="row">{acts}</div> : null}
      </div>
      {children}
    </>
  );
}

export function Panel({
  title,
  acts,
  children,
  lead,
}: {
  title: string;
  lead?: string;
  acts?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="panel" aria-label={title}>
      <div className="panel-head">
        <div>
          <h2>{title}</h2>
          {lead ? <p className="soft">{lead}</p> : null}
        </div>
        {acts ? <div className="row">{acts}</div> : null}
      </div>
      {children}
    </section>
  );
}

export type Tab = { href: string; label: string; current: boolean };

export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ href, label: text, current }) => (
        <a key={href} href={href} aria-current={current ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}
