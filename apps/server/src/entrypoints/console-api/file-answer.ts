import { MAX_FILE_OCTETS, type Operations } from '@signet/contract';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';

export type FileAnswer = z.output<Operations['readReviewFile']['answer']>;

/** What a page may show within itself; all else is only saved, a PDF too: its viewer does not open under `sandbox`. */
const SHOWN: readonly FileAnswer['mediaType'][] = ['image/png', 'image/jpeg', 'image/gif'];

/**
 * Sends octets that a stranger uploaded. Whatever they hold, they are no page of ours: the type is the one of their first
 * octets and no browser guesses another, and opened by themselves they stand in a sandbox without origin or scripts.
 */
export function sendFile(reply: FastifyReply, { name, mediaType, contents }: FileAnswer): FastifyReply {
  if (contents.length > MAX_FILE_OCTETS) throw new Error(`a file of ${contents.length} octets is too large`);
  const disposition = SHOWN.includes(mediaType) ? 'inline' : 'attachment';
  return reply
    .headers({
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'content-disposition': `${disposition}; filename="${name.replaceAll(/[^\w.-]/g, '_')}"`,
    })
    .type(mediaType)
    .send(Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength));
}
