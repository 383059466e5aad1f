import { SettingOutlined } from '@ant-design/icons';
import { Button, Checkbox, Popover } from 'antd';
import { type ReactNode, useState } from 'react';
import { NARROW, useMedia } from '../preferences.ts';
import { useWords } from '../words/use-words.ts';

export type Column<T> = {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  /** Figures stand right, their digits under each other. */
  number?: boolean;
  /** Running text that may break. */
  wide?: boolean;
  /** Stays in sight at the end of the row, however far the table is scrolled. */
  acts?: boolean;
  /** Hidden until chosen. */
  extra?: boolean;
};

type Shown<T> = {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
};

/** Rows as a table with fixed head and first column; on a narrow screen as cards headed by the first column. */
export function Records<T>({ label, columns, rows, keyOf }: Shown<T>) {
  const narrow = useMedia(NARROW);
  const words = useWords();
  const [first, ...rest] = columns;
  if (!first) return null;
  if (narrow) {
    return (
      <ul className="cards" aria-label={label}>
        {rows.map((row) => (
          <li key={keyOf(row)} className="card">
            <div>{first.render(row)}</div>
            <dl>
              {rest.map((column) => (
                <CardLine key={column.key} title={column.title}>
                  {column.render(row)}
                </CardLine>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="table-scroll" aria-label={`${label} · ${words.records.scrollHint}`} tabIndex={0}>
      <table className="records" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={column.acts ? 'acts' : column.number ? 'number' : undefined}
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row">{first.render(row)}</th>
              {rest.map((column) => (
                <td
                  key={column.key}
                  className={
                    column.acts ? 'acts' : column.number ? 'number' : column.wide ? 'wide' : undefined
                  }
                >
                  {column.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function CardLine({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** The columns a user has chosen for a table, kept in the browser under its name. */
export function useColumns<T>(
  name: string,
  columns: readonly Column<T>[],
): { shown: Column<T>[]; chooser: ReactNode } {
  const words = useWords();
  const key = `signet.columns.${name}`;
  const [hidden, setHidden] = useState<readonly string[]>(() => {
    const stored = localStorage.getItem(key);
    return stored === null
      ? columns.filter(({ extra }) => extra).map((column) => column.key)
      : stored.split(',');
  });
  const set = (next: readonly string[]) => {
    localStorage.setItem(key, next.join(','));
    setHidden(next);
  };
  const list = (
    <div className="stack-tight">
      {columns.slice(1).map((column) => (
        <Checkbox
          key={column.key}
          checked={!hidden.includes(column.key)}
          onChange={({ target }) =>
            set(target.checked ? hidden.filter((k) => k !== column.key) : [...hidden, column.key])
          }
        >
          {column.title}
        </Checkbox>
      ))}
    </div>
  );
  return {
    shown: columns.filter((column) => !hidden.includes(column.key)),
    chooser: (
      <Popover trigger="click" content={list} placement="bottomRight">
        <Button icon={<SettingOutlined />}>{words.records.columns}</Button>
      </Popover>
    ),
  };
}

/** A small table that may scroll sideways, reachable by keyboard. */
export function PlainTable({ label, children }: { label: string; children: ReactNode }) {
  const words = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="plain-scroll" aria-label={`${label} · ${words.records.scrollHint}`} tabIndex={0}>
      <table className="plain" aria-label={label}>
        {children}
      </table>
    </section>
  );
}
