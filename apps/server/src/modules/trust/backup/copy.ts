import { once } from 'node:events';
import type pg from 'pg';

// `pg` hands the messages of COPY to any query object with `submit` (its Submittable); it ships no such object itself.
type CopyConnection = pg.Connection & {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
};

const BLOCK_OCTETS = 64 * 1024;
/** Blocks that wait for the reader before the socket is paused, and at which it goes on: 1 MiB at most. */
const MOST_BLOCKS = 16;
const FEW_BLOCKS = 4;

const rowsOf = (tag: string): number => Number(/^COPY (\d+)$/.exec(tag)?.[1] ?? 0);

/**
 * Runs `COPY … TO STDOUT` and gives its octets in blocks of about 64 KiB, in bounded memory: a slow reader stops the
 * server. `rows` is the server's count once the blocks have ended. Leaving the blocks early ends the connection.
 */
export function copyOut(
  client: pg.Client,
  statement: string,
): { blocks: AsyncGenerator<Buffer>; rows(): number } {
  const waiting: Buffer[] = [];
  let filling = Buffer.allocUnsafe(BLOCK_OCTETS);
  let filled = 0;
  let rows = 0;
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  let stream: pg.Connection['stream'] | undefined;

  const turn = (): void => {
    if (filled > 0) waiting.push(filling.subarray(0, filled));
    filling = Buffer.allocUnsafe(BLOCK_OCTETS);
    filled = 0;
  };
  const query = {
    submit(connection: pg.Connection) {
      stream = connection.stream;
      connection.query(statement);
    },
    // The chunk is a view of the parser's buffer, which the next packet overwrites: it is copied.
    handleCopyData({ chunk }: { chunk: Buffer }) {
      if (filled + chunk.length > BLOCK_OCTETS) turn();
      if (chunk.length > BLOCK_OCTETS) waiting.push(Buffer.from(chunk));
      else filled += chunk.copy(filling, filled);
      if (waiting.length >= MOST_BLOCKS) stream?.pause();
      if (waiting.length > 0) wake?.();
    },
    handleCommandComplete({ text }: { text: string }) {
      rows = rowsOf(text);
    },
    handleReadyForQuery() {
      turn();
      ended = true;
      wake?.();
    },
    handleError(error: Error) {
      failure = error;
      wake?.();
    },
  };
  async function* blocks(): AsyncGenerator<Buffer> {
    client.query(query);
    try {
      for (;;) {
        if (failure !== undefined) throw failure;
        const block = waiting.shift();
        if (block !== undefined) {
          if (waiting.length < FEW_BLOCKS) stream?.resume();
          yield block;
        } else if (ended) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      if (!ended && failure === undefined) stream?.destroy();
    }
  }
  return { blocks: blocks(), rows: () => rows };
}

/**
 * Runs `COPY … FROM STDIN` with the octets of `source`, which may wait for the socket. Returns the server's count of rows.
 * A failing source fails the statement, and its own error is thrown.
 */
export function copyIn(client: pg.Client, statement: string, source: AsyncIterable<Buffer>): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    let failure: unknown;
    let fed: Promise<void> = Promise.resolve();

    const feed = async (connection: CopyConnection): Promise<void> => {
      try {
        for await (const block of source) {
          if (failure !== undefined) return;
          connection.sendCopyFromChunk(block);
          if (connection.stream.writableNeedDrain) await drained(connection.stream);
        }
        if (failure === undefined) connection.endCopyFrom();
      } catch (error) {
        failure ??= error;
        connection.sendCopyFail('the source failed');
      }
    };
    client.query({
      submit: (connection: pg.Connection) => connection.query(statement),
      handleCopyInResponse(connection: CopyConnection) {
        fed = feed(connection);
      },
      handleCommandComplete({ text }: { text: string }) {
        rows = rowsOf(text);
      },
      handleReadyForQuery: () => resolve(rows),
      handleError(error: Error) {
        failure ??= error;
        void fed.then(() => reject(failure));
      },
    });
  });
}

async function drained(stream: pg.Connection['stream']): Promise<void> {
  const over = new AbortController();
  const event = (name: string) => once(stream, name, { signal: over.signal }).catch(() => undefined);
  await Promise.race([event('drain'), event('close')]);
  over.abort();
}
