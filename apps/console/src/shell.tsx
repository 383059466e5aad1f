import { CloseOutlined, MenuOutlined } from '@ant-design/icons';
import { operations } from '@signet/contract';
import { Button } from 'antd';
import { Suspense, useEffect, useMemo, useState } from 'react';
import { allows } from './api/allowed.ts';
import { call } from './api/call.ts';
import type { User } from './api/types.ts';
import { useAnswer } from './api/use-answer.ts';
import { go, matchPath, usePlace, writePlace } from './location.ts';
import { Choices } from './parts/choices.tsx';
import { useNow, zoneText } from './parts/clock.ts';
import { Empty, Loading } from './parts/notes.tsx';
import { Page } from './parts/page.tsx';
import { NARROW, useMedia } from './preferences.ts';
import { type Session, SessionContext } from './rooms/session/session.ts';
import { type Group, ROUTES, type Route } from './routes.ts';
import { useSpeech } from './words/use-words.ts';

const GROUPS: readonly Group[] = ['work', 'connect', 'operate'];
const LAST_TENANT = 'signet.tenant';

function find(path: string): { route: Route; values: Record<string, string> } | undefined {
  for (const route of ROUTES) {
    const values = matchPath(route.pattern, path);
    if (values) return { route, values };
  }
  return undefined;
}

export default function Shell({ user, setUser }: { user: User; setUser: (user: User | null) => void }) {
  const { words, language } = useSpeech();
  const { path } = usePlace();
  const narrow = useMedia(NARROW);
  const [menuOpen, setMenuOpen] = useState(false);
  const mayListTenants = allows(user.actions, operations.listTenants);
  const listed = useAnswer(operations.listTenants, mayListTenants ? {} : undefined);
  const tenants = listed.answer?.items ?? [];
  const found = find(path);

  const stored = sessionStorage.getItem(LAST_TENANT);
  const tenantId =
    user.tenantId ??
    found?.values.tenantId ??
    tenants.find(({ id }) => id === stored)?.id ??
    tenants[0]?.id ??
    null;
  useEffect(() => {
    if (tenantId !== null) sessionStorage.setItem(LAST_TENANT, tenantId);
  }, [tenantId]);

  const seen = ROUTES.filter(
    ({ needs, pattern }) =>
      (needs === null || allows(user.actions, needs)) &&
      (tenantId !== null || !pattern.includes(':tenantId')),
  );
  const addressOf = (pattern: string) => pattern.replace(':tenantId', tenantId ?? '');
  const start = seen.find(({ nav }) => nav !== undefined);
  const startPath = start === undefined ? '/account' : addressOf(start.pattern);
  const waitsForTenants = mayListTenants && listed.answer === undefined && listed.problem === undefined;
  useEffect(() => {
    if (path === '/' && !waitsForTenants) window.location.replace(writePlace(startPath));
  }, [path, startPath, waitsForTenants]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu folds when another page is opened
  useEffect(() => setMenuOpen(false), [path]);

  const { reload } = listed;
  const session = useMemo<Session>(
    () => ({ user, tenants, tenantId, reloadTenants: reload, setUser }),
    [user, tenants, tenantId, reload, setUser],
  );

  const signOut = async () => {
    const outcome = await call(operations.signOut);
    if (!outcome.ok && outcome.problem.code === 'unreachable') return;
    sessionStorage.removeItem(LAST_TENANT);
    window.location.replace(writePlace('/'));
    setUser(null);
  };
  const enterTenant = (id: string) => {
    const pattern = found?.route.pattern.includes(':tenantId')
      ? (found.route.under ?? found.route.pattern)
      : undefined;
    go((pattern ?? '/t/:tenantId/overview').replace(':tenantId', id));
  };

  const Room =
    found && seen.includes(found.route) && ownsPlace(user, found.values) ? found.route.room : undefined;
  return (
    <SessionContext value={session}>
      <div className="frame">
        <button type="button" className="skip panel" onClick={() => document.getElementById('main')?.focus()}>
          {words.common.skip}
        </button>
        <header className="top">
          <Button
            className="only-narrow"
            icon={menuOpen ? <CloseOutlined /> : <MenuOutlined />}
            aria-expanded={menuOpen}
            aria-controls="nav"
            aria-label={menuOpen ? words.shell.closeMenu : words.shell.menu}
            onClick={() => setMenuOpen(!menuOpen)}
          />
          <a className="brand" href={writePlace(startPath)}>
            Signet
          </a>
          {tenants.length > 0 ? (
            <select
              className="plain-select"
              aria-label={words.shell.tenant}
              value={tenantId ?? ''}
              onChange={({ target }) => enterTenant(target.value)}
            >
              {tenants.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          ) : null}
          {narrow ? null : (
            <div className="top-end">
              <Zone language={language} />
              <Choices />
              <Account user={user} signOut={signOut} />
            </div>
          )}
        </header>
        <nav id="nav" className={menuOpen ? 'nav nav-open' : 'nav'} aria-label={words.shell.navigation}>
          {GROUPS.map((group) => {
            const rows = seen.filter(({ nav }) => nav?.group === group);
            return rows.length === 0 ? null : (
              <div key={group}>
                <h2>{words.shell.groups[group]}</h2>
                <ul>
                  {rows.map(({ pattern, nav }) => (
                    <li key={pattern}>
                      {nav ? <NavLink nav={nav} pattern={pattern} {...{ found, addressOf }} /> : null}
                    </li>
                  ))}
                </ul>
              </div>
            );
          })}
          {narrow ? (
            <div className="row" style={{ gap: 12, padding: 12 }}>
              <Choices />
              <Account user={user} signOut={signOut} />
              <Zone language={language} />
            </div>
          ) : null}
        </nav>
        <main id="main" className="main" tabIndex={-1}>
          {Room ? (
            <Suspense fallback={<Loading />}>
              <Room key={path} />
            </Suspense>
          ) : path === '/' || waitsForTenants ? (
            <Loading />
          ) : (
            <Page title={words.common.unknownPage}>
              <Empty act={<a href={writePlace(startPath)}>{words.common.toStart}</a>}>
                {words.common.unknownPageHint}
              </Empty>
            </Page>
          )}
        </main>
      </div>
    </SessionContext>
  );
}

/** A tenant's user has no other tenant's rooms, whatever the address says; the server would refuse each call. */
function ownsPlace(user: User, values: Readonly<Record<string, string>>): boolean {
  return user.tenantId === null || values.tenantId === undefined || values.tenantId === user.tenantId;
}

function NavLink({
  nav: { icon: Icon, word },
  pattern,
  found,
  addressOf,
}: {
  nav: NonNullable<Route['nav']>;
  pattern: string;
  found: { route: Route } | undefined;
  addressOf: (pattern: string) => string;
}) {
  const { words } = useSpeech();
  const current = found?.route.pattern === pattern || found?.route.under === pattern;
  return (
    <a href={writePlace(addressOf(pattern))} aria-current={current ? 'page' : undefined}>
      <span aria-hidden="true">
        <Icon />
      </span>
      {words.rooms[word]}
    </a>
  );
}

function Account({ user, signOut }: { user: User; signOut: () => void }) {
  const { words } = useSpeech();
  return (
    <span className="row">
      <a href={writePlace('/account')} title={words.shell.changePassword}>
        {user.name}
      </a>
      <span className="soft small">{words.shell.role[user.role]}</span>
      <Button size="small" onClick={signOut}>
        {words.shell.signOut}
      </Button>
    </span>
  );
}

function Zone({ language }: { language: string }) {
  const { words } = useSpeech();
  const nowMs = useNow(3_600_000);
  return <span className="soft small">{words.shell.zone(zoneText(language, nowMs))}</span>;
}
