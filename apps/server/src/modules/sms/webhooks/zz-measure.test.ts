import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { databaseForTests } from '../../../../../../tests/world/database.ts';
import { createHttpOut } from '../../../platform/http-out/public.ts';
import { createPusher, createWebhooks, queueReports } from './public.ts';
import { openWorld } from './world.testing.ts';
import { claimDue, openRound } from './store.ts';
const database = databaseForTests();
it('measures', async () => {
  const world = await openWorld(database(), Date.UTC(2026, 10, 22));
  if (process.env.NEWINDEX) await world.sql("create index x on deliveries (tenant_id, kind, next_at) where state='waiting'; drop index deliveries_waiting; ");
  let got = 0;
  const server = createServer((q, r) => { let n = 0; q.on('data', (c) => { n += c.length; }); q.on('end', () => { got++; r.end('{"code":0}'); }); });
  await new Promise<void>((d) => server.listen(0, '127.0.0.1', d));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const http = createHttpOut({ allowedPrivateHosts: ['127.0.0.1'], timeoutMs: 5000, connectionsPerOrigin: 128 });
  const pusher = createPusher({ db: world.db, vault: world.vault, http, timeoutMs: 5000, now: world.now, setTimer: () => () => {}, onError: (e) => console.error(e),
    readReports: async (_t, ids) => ids.map((messageId) => ({ messageId, callId: messageId, phone: '+8613900001234', acceptedAt: 0, finalAt: 0, state: 'delivered', errCode: 'DELIVERED', segmentCount: 1, outId: null })),
    readReplies: async () => [] });
  const webhooks = createWebhooks({ ...world, http, pusher });
  const mk = async (u: string) => { const t = await world.addTenant(); await webhooks.set(t, { reportUrl: u, inboundUrl: null }, 'x'); return t; };
  const tenants: string[] = []; for (let i = 0; i < 20; i++) tenants.push(await mk(url));
  const fill = async (t: string[], per: number, events: number, at: number) => { for (const one of t) await world.sql(`insert into deliveries select $1, (g*1000)::bigint + $1::bigint % 997, 'report', array(select x from generate_series(1,$3) x)::bigint[], 'waiting', 0, null, to_timestamp($4/1000.0), to_timestamp($4/1000.0) from generate_series(1,$2) g`, [one, per, events, at]); };
  for (const [name, t, per, ev] of [['20 tenants, 100 rows of 1', tenants, 100, 1], ['1 tenant, 2000 rows of 1', tenants.slice(0, 1), 2000, 1], ['1 tenant, 500 rows of 30', tenants.slice(1, 2), 500, 30]] as const) {
    await world.sql('delete from deliveries'); await world.sql('vacuum analyze deliveries');
    await fill([...t], per, ev, world.now());
    const s = performance.now(); const c = process.cpuUsage();
    await pusher.idle();
    const e = performance.now() - s; const cpu = process.cpuUsage(c);
    console.log(name, Math.round(t.length * per / e * 1000), 'pushes/s', Math.round(t.length * per * ev / e * 1000), 'events/s', Math.round((cpu.user+cpu.system)/t.length/per), 'us cpu/push');
  }
  // claims under backlog
  await world.sql('delete from deliveries'); 
  const many: string[] = []; for (let i = 0; i < 300; i++) many.push(await mk(url));
  await fill(many, 1, 1, world.now() + 3600_000);
  await fill(tenants.slice(0, 2), 50_000, 1, world.now() - 1000);
  await fill(tenants.slice(2, 3), 50_000, 1, world.now() + 3600_000);
  await world.sql('vacuum analyze deliveries');
  for (let k = 0; k < 8; k++) {
    const s = performance.now();
    const rows = await world.db.sweep(async (tx) => { await openRound(tx); return claimDue(tx, { free: { quick: 64, slow: 64 }, known: [] }, world.now(), world.now() + 20000); });
    console.log('claim', rows.length, Math.round((performance.now() - s) * 10) / 10, 'ms');
  }
  const { readFileSync } = await import('node:fs');
  const src = readFileSync('apps/server/src/modules/sms/webhooks/store.ts', 'utf8');
  const claim = src.slice(src.indexOf('with recursive'), src.indexOf('`;', src.indexOf('with recursive')));
  const plan = await world.sql<any>('explain (analyze, buffers) ' + claim, [new Date(world.now()), new Date(world.now()+20000), 1, 64, 64, '{}', '{}', '{}', '{}', '{}', '{}']);
  console.log('PLAN\n' + plan.map((r) => r['QUERY PLAN']).join('\n') + '\nENDPLAN');
  await world.sql('delete from deliveries');
  await pusher.stop(); await http.close(); server.closeAllConnections(); server.close(); await world.close();
  expect(got).toBeGreaterThan(0);
}, 300_000);
