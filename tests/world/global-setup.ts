import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTestCluster, type TestCluster } from './cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Socket on which test files ask for databases. */
    testWorldSocket: string;
  }
}

/**
 * Offers databases to all test files of a run from one cluster, which starts with the first request: a run of pure
 * tests pays nothing. Test files run in processes of their own, hence the socket.
 */
export default async function setUpWorld(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'signet-world-'));
  const socket = join(dir, 'socket');
  let cluster: Promise<TestCluster> | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    cluster ??= startTestCluster();
    const world = await cluster;
    const [, action, word = ''] = (request.url ?? '').split('/');
    if (action === 'clone') {
      const name = await world.clone(word === 'empty' ? 'empty' : 'migrated');
      return { database: name, owner: world.owner(name), app: world.app(name) };
    }
    return { leaked: await world.drop(word) };
  };
  const server = createServer((request, response) => {
    turn = turn
      .then(() => answer(request))
      .then((body) => ({ status: 200, body }))
      .catch((error: unknown) => ({ status: 500, body: { error: String(error) } }))
      .then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  project.provide('testWorldSocket', socket);

  return async () => {
    server.closeAllConnections();
    server.close();
    await turn;
    rmSync(dir, { recursive: true, force: true });
    const left = cluster === null ? [] : await (await cluster).stop();
    if (left.length > 0) throw new Error(`databases that no test dropped: ${left.join(', ')}`);
  };
}
