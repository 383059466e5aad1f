import {
  ERROR_CODES,
  type ErrorCode,
  FILE_MEDIA_TYPES,
  type Operation,
  type OperationName,
  operations,
  problem,
} from '@signet/contract';
import { z } from 'zod';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { SESSION_COOKIE } from './session-cookie.ts';

type Json = { readonly [key: string]: unknown };

/** Codes that every operation can answer with, and those that come with a session. */
const ALWAYS: readonly ErrorCode[] = ['invalid_request', 'internal', 'unavailable'];
const BEHIND_SESSION: readonly ErrorCode[] = ['not_signed_in', 'password_change_required', 'forbidden'];

/** The OpenAPI 3.1 description of the console API, made of the contract alone. */
export function describeApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const name of Object.keys(operations) as OperationName[]) {
    const operation: Operation = operations[name];
    const path = `/api${operation.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(name, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Signet console API',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'The API that the console itself uses. Sign in with POST /api/session; changes need header x-signet-console: 1.',
    },
    paths,
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE } },
      schemas: { Problem: jsonSchema(problem, 'output') },
    },
  };
}

function describeOperation(name: string, operation: Operation): Json {
  const open = operation.action === 'open';
  const changes = operation.method !== 'GET';
  const body = jsonSchema(operation.body, 'input');
  const codes = [
    ...ALWAYS,
    ...(open ? [] : BEHIND_SESSION),
    ...(changes ? ['cross_site' as const] : []),
    ...operation.errors,
  ];
  return {
    operationId: name,
    summary: operation.summary,
    security: open ? [] : [{ session: [] }],
    ...(open ? {} : { 'x-signet-action': operation.action, 'x-signet-resource': operation.resource }),
    parameters: [
      ...parametersOf(operation.params, 'path'),
      ...parametersOf(operation.query, 'query'),
      ...(changes ? [CONSOLE_HEADER] : []),
    ],
    ...(hasProperties(body)
      ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: {
      200: {
        description: 'Done',
        content: operation.file
          ? Object.fromEntries(FILE_MEDIA_TYPES.map((type) => [type, {}]))
          : { 'application/json': { schema: jsonSchema(operation.answer, 'output') } },
      },
      ...problemResponses(codes),
    },
  };
}

const CONSOLE_HEADER: Json = {
  name: 'x-signet-console',
  in: 'header',
  required: true,
  schema: { const: '1' },
};

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}

/** One response a status; its description names the codes. A module may answer a code with another 4xx of its own. */
function problemResponses(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of ERROR_CODES.filter((one) => codes.includes(one))) {
    const { status } = PROBLEM_TEXTS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const responses = [...byStatus].map(([status, ofStatus]) => [
    status,
    { description: ofStatus.map((code) => `${code}: ${PROBLEM_TEXTS[code].title.en}`).join('; '), content },
  ]);
  return { ...Object.fromEntries(responses), '4XX': { description: 'Refused', content } };
}

const hasProperties = ({ properties }: Json): boolean => Object.keys((properties ?? {}) as Json).length > 0;

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}
